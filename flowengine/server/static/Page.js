import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { s as ApiError } from "./parts.js";
import { t as sentence } from "./refusal.js";
// src/pages/iiot/load.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** Read with a function that stays the same as long as the same is meant (`useCallback`). */
function useLoad(read, everySeconds = 0) {
	const [round, setRound] = (0, import_react.useState)(0);
	const [state, setState] = (0, import_react.useState)({
		read: null,
		value: void 0,
		failure: "",
		code: ""
	});
	(0, import_react.useEffect)(() => {
		let isWanted = true;
		let timer;
		const look = () => {
			read().then((value) => {
				if (isWanted) setState({
					read,
					value,
					failure: "",
					code: ""
				});
			}).catch((error) => {
				if (isWanted) setState((before) => ({
					...before,
					read,
					failure: sentence(error),
					code: error instanceof ApiError ? error.code : ""
				}));
			}).finally(() => {
				if (isWanted && everySeconds > 0) timer = setTimeout(look, everySeconds * 1e3);
			});
		};
		look();
		return () => {
			isWanted = false;
			clearTimeout(timer);
		};
	}, [
		read,
		everySeconds,
		round
	]);
	const reload = (0, import_react.useCallback)(() => {
		setRound((before) => before + 1);
	}, []);
	return {
		value: state.value,
		failure: state.failure,
		code: state.code,
		reload
	};
}
/** Do what somebody asks for, then read anew; why it was refused is a sentence. */
function useDoing(reload) {
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const run = (work) => {
		setRefusal("");
		work.catch((error) => {
			setRefusal(sentence(error));
		}).finally(reload);
	};
	return {
		refusal,
		run
	};
}
/** The query of a request, without what is empty. */
function queryOf(values) {
	const given = Object.entries(values).flatMap(([name, value]) => value === void 0 || value === "" ? [] : [[name, String(value)]]);
	return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
// src/pages/Page.tsx
var import_jsx_runtime = require_jsx_runtime();
function Page({ title, tools, children }) {
	(0, import_react.useEffect)(() => {
		document.title = `${title} · flowengine`;
	}, [title]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("main", {
		className: "page",
		"aria-label": title,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
			className: "page-head",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: title }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				tools
			]
		}), children]
	});
}
export { useLoad as i, queryOf as n, useDoing as r, Page as t };
