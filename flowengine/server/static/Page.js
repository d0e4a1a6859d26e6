import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { F as ApiError } from "./index.js";
// src/pages/iiot/parts.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function Table({ label, columns, rows, idOf, none }) {
	const { t } = useTexts();
	if (rows?.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet table-none",
		children: none
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "table-frame",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", {
			className: "table",
			"aria-label": label,
			"aria-busy": rows === void 0,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: columns.map((column) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
				scope: "col",
				children: t(column.title)
			}, column.title)) }) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: rows?.map((row) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", {
				"data-id": idOf(row),
				children: columns.map((column) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: column.cell(row) }, column.title))
			}, idOf(row))) })]
		})
	});
}
/** The state of a command, an update or a rollout, by the colour of what it means. */
function State({ name, of: kind }) {
	const { t } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: `chip is-${toneOf(name)}`,
		children: t(`${kind}.${name}`)
	});
}
var GOOD = /* @__PURE__ */ new Set([
	"succeeded",
	"finished",
	"active"
]);
var BAD = /* @__PURE__ */ new Set([
	"failed",
	"timed_out",
	"rolled_back",
	"expired",
	"unknown",
	"retired"
]);
var RESTING = /* @__PURE__ */ new Set([
	"cancelled",
	"superseded",
	"draft"
]);
var WARNING = /* @__PURE__ */ new Set(["paused", "suspended"]);
function toneOf(name) {
	return GOOD.has(name) ? "good" : BAD.has(name) ? "bad" : RESTING.has(name) ? "resting" : WARNING.has(name) ? "warning" : "busy";
}
function Refusal({ text }) {
	return text === "" ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "refusal",
		role: "alert",
		children: text
	});
}
function TextField({ label, value, about, isRequired = false, isDisabled = false, suggestions, onChange }) {
	const id = (0, import_react.useId)();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
				htmlFor: id,
				children: [label, isRequired && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					"aria-hidden": "true",
					children: " *"
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				id,
				type: "text",
				value,
				required: isRequired,
				disabled: isDisabled,
				list: suggestions === void 0 ? void 0 : `${id}-list`,
				"aria-describedby": about === void 0 ? void 0 : `${id}-about`,
				onChange: (event) => {
					onChange(event.target.value);
				}
			}),
			suggestions !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("datalist", {
				id: `${id}-list`,
				children: suggestions.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: one }, one))
			}),
			about !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "field-about",
				id: `${id}-about`,
				children: about
			})
		]
	});
}
function Choice({ label, value, options, isRequired = false, isInline = false, onChange }) {
	const id = (0, import_react.useId)();
	const select = /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
		id,
		"aria-label": isInline ? label : void 0,
		value,
		required: isRequired,
		onChange: (event) => {
			onChange(event.target.value);
		},
		children: options.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: one.value,
			children: one.text
		}, one.value))
	});
	return isInline ? select : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
			htmlFor: id,
			children: [label, isRequired && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				"aria-hidden": "true",
				children: " *"
			})]
		}), select]
	});
}
function Pager({ hasPrevious, hasNext, about = "", onPrevious, onNext }) {
	const { t } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("nav", {
		className: "pager",
		"aria-label": t("devices.pages"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "quiet",
				role: "status",
				children: about
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				disabled: !hasPrevious,
				onClick: onPrevious,
				children: t("devices.previous")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				disabled: !hasNext,
				onClick: onNext,
				children: t("devices.next")
			})
		]
	});
}
// src/pages/iiot/load.ts
/** What a page reads from the server: once, again on demand, and again and again while it is looked at. */
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
function sentence(error) {
	return error instanceof Error ? error.message : String(error);
}
/** The query of a request, without what is empty. */
function queryOf(values) {
	const given = Object.entries(values).flatMap(([name, value]) => value === void 0 || value === "" ? [] : [[name, String(value)]]);
	return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
// src/pages/Page.tsx
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
export { Choice as a, State as c, useLoad as i, Table as l, queryOf as n, Pager as o, sentence as r, Refusal as s, Page as t, TextField as u };
