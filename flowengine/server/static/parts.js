import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
// src/api/client.ts
/** The admin API, as the editor calls it. */
/** An answer that says no: a stable code, a sentence for people, and where the trouble is. */
var ApiError = class extends Error {
	status;
	code;
	location;
	detail;
	constructor(status, code, message, location, detail) {
		super(message);
		this.status = status;
		this.code = code;
		this.location = location;
		this.detail = detail;
		this.name = "ApiError";
	}
};
var Client = class {
	/** Called when the engine no longer knows who we are: the session has ended. */
	onSignedOut = () => void 0;
	/** Says why a request is refused, in the language of the page. */
	say = ({ message }) => message;
	get(path) {
		return this.#ask("GET", path);
	}
	post(path, body) {
		return this.#ask("POST", path, body);
	}
	put(path, body) {
		return this.#ask("PUT", path, body);
	}
	patch(path, body) {
		return this.#ask("PATCH", path, body);
	}
	delete(path) {
		return this.#ask("DELETE", path);
	}
	/** The error for an answer that says no. */
	refused(status, refusal, path) {
		return new ApiError(status, refusal.code ?? "http-status", this.say(refusal), refusal.location ?? path, refusal);
	}
	/** The error for an answer that never comes. */
	silent(path) {
		return new ApiError(0, "engine-silent", this.say({ message: "the engine does not answer" }), path, null);
	}
	async #ask(method, path, body) {
		const headers = {};
		const request = {
			method,
			headers
		};
		if (body !== void 0) {
			headers["Content-Type"] = "application/json";
			request.body = JSON.stringify(body);
		}
		let response;
		try {
			response = await fetch(`/admin/api${path}`, request);
		} catch {
			throw this.silent(path);
		}
		const text = await response.text();
		const value = text === "" ? null : parsed(text);
		if (!response.ok) {
			const refusal = value ?? {};
			if (refusal.code === "unauthorized") this.onSignedOut();
			throw this.refused(response.status, {
				...refusal,
				message: refusal.message ?? response.statusText
			}, path);
		}
		return value;
	}
};
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
// src/shell/Refusal.tsx
var import_jsx_runtime = require_jsx_runtime();
function Refusal({ text }) {
	return text === "" ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "refusal",
		role: "alert",
		children: text
	});
}
// src/pages/iiot/parts.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
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
var SHORTEST_PASSWORD = 10;
function TextField({ label, value, about, isRequired = false, isDisabled = false, isFirst = false, password, suggestions, onChange }) {
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
				type: password === void 0 ? "text" : "password",
				autoComplete: password === void 0 ? void 0 : `${password}-password`,
				minLength: password === "new" ? SHORTEST_PASSWORD : void 0,
				value,
				required: isRequired,
				disabled: isDisabled,
				autoFocus: isFirst,
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
function Choice({ label, value, options, isRequired = false, isInline = false, isFirst = false, onChange }) {
	const id = (0, import_react.useId)();
	const select = /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
		id,
		"aria-label": isInline ? label : void 0,
		value,
		required: isRequired,
		autoFocus: isFirst,
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
export { TextField as a, Client as c, Table as i, Pager as n, Refusal as o, State as r, ApiError as s, Choice as t };
