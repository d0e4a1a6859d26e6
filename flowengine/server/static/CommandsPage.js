import { r as useTexts } from "./texts.js";
import { P as replace } from "./index.js";
import { t as Page } from "./Page.js";
import { t as CommandTable } from "./CommandTable.js";
import { t as Choice } from "./parts.js";
import { h as require_jsx_runtime } from "./vendor.js";
// src/pages/iiot/CommandsPage.tsx
/** Commands to all devices. */
var import_jsx_runtime = require_jsx_runtime();
var STATES = [
	"queued",
	"sent",
	"delivered",
	"acknowledged",
	"succeeded",
	"failed",
	"timed_out",
	"expired",
	"superseded",
	"unknown"
];
function CommandsPage({ state, route }) {
	const { t } = useTexts();
	const { state: wanted = "", device = "", action = "" } = route.query;
	const filter = (values) => {
		replace("commands", [], {
			...route.query,
			...values
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.commands"),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("search", {
			className: "filters",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "search",
					"aria-label": t("devices.device"),
					placeholder: t("devices.device"),
					value: device,
					onChange: (event) => {
						filter({ device: event.target.value });
					}
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "text",
					"aria-label": t("commands.action"),
					placeholder: t("commands.action"),
					value: action,
					onChange: (event) => {
						filter({ action: event.target.value });
					}
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
					isInline: true,
					label: t("commands.state"),
					value: wanted,
					options: [{
						value: "",
						text: t("commands.anyState")
					}, ...STATES.map((one) => ({
						value: one,
						text: t(`command.${one}`)
					}))],
					onChange: (value) => {
						filter({ state: value });
					}
				})
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CommandTable, {
			client: state.client,
			filter: Object.fromEntries(Object.entries({
				state: wanted,
				device,
				action
			}).filter(([, value]) => value !== ""))
		}, `${wanted} ${device} ${action}`)]
	});
}
export { CommandsPage as default };
