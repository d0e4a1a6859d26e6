import { r as useTexts } from "./texts.js";
import { i as useNow } from "./index.js";
import { h as require_jsx_runtime } from "./vendor.js";
// src/pages/iiot/moment.tsx
/** Times as people read them. */
var import_jsx_runtime = require_jsx_runtime();
var STEPS = [
	[60, "second"],
	[3600, "minute"],
	[86400, "hour"],
	[Infinity, "day"]
];
/** How long ago something was, such as "3 minutes ago". */
function agoText(at, now, language) {
	const seconds = Math.max(now - at, 0);
	const [, unit] = STEPS.find(([limit]) => seconds < limit) ?? [0, "day"];
	const size = {
		second: 1,
		minute: 60,
		hour: 3600,
		day: 86400
	}[unit];
	return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
}
function dateText(at, language) {
	return (/* @__PURE__ */ new Date(at * 1e3)).toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
}
var TICK = 5;
/** A time, in seconds since 1970; how long ago it was, and on the pointer when. */
function Moment({ at, isExact = false }) {
	const { t, language } = useTexts();
	const now = useNow(TICK);
	if (at === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "quiet",
		children: t("devices.never")
	});
	const date = dateText(at, language);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", {
		dateTime: (/* @__PURE__ */ new Date(at * 1e3)).toISOString(),
		title: date,
		children: isExact ? date : agoText(at, now, language)
	});
}
export { dateText as n, Moment as t };
