import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { i as withValue, n as sameJson, t as isObject } from "./json.js";
import { A as Dialog } from "./index.js";
// src/model/three_way.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var MAPS = /* @__PURE__ */ new Set([
	"nodes",
	"groups",
	"env",
	"inputs",
	"outputs"
]);
var MAPS_OF_ENTRIES = /* @__PURE__ */ new Set([
	"config",
	"wires",
	"stage",
	"env"
]);
var NOTHING = {};
/** Everything that differs, in the order of the documents. What both did alike is no difference any more. */
function divergences(base, mine, theirs) {
	return compared([], asJson(base ?? void 0), asJson(mine), asJson(theirs));
}
/** The name of a divergence, to remember a choice by. */
function pathText(path) {
	return path.map((part) => part.replaceAll("/", "~1")).join("/");
}
/** What is taken of each if nobody says otherwise: what somebody did, and mine where both did. */
function suggested(divergence) {
	return divergence.by === "theirs" ? "theirs" : "mine";
}
/** One flow: mine, with their values where they are chosen. */
function merged(mine, found, choices) {
	return found.reduce((made, one) => {
		const side = choices.get(pathText(one.path)) ?? suggested(one);
		return withValue(made, one.path, side === "mine" ? one.mine : one.theirs);
	}, asJson(mine) ?? NOTHING);
}
function compared(path, base, mine, theirs) {
	if (sameJson(mine, theirs)) return [];
	const isMapped = isDivided(path);
	if (isMapped && isObject(mine) && isObject(theirs)) {
		const from = isObject(base) ? base : NOTHING;
		return keysOf(from, mine, theirs).flatMap((key) => compared([...path, key], own(from, key), own(mine, key), own(theirs, key)));
	}
	if (isMapped && path.length !== 2 && (isObject(mine) || isObject(theirs))) return compared(path, base, mine ?? NOTHING, theirs ?? NOTHING);
	return [{
		path,
		base,
		mine,
		theirs,
		by: sameJson(base, theirs) ? "mine" : sameJson(base, mine) ? "theirs" : "both"
	}];
}
function isDivided(path) {
	const [first = "", , field = ""] = path;
	switch (path.length) {
		case 0: return true;
		case 1: return MAPS.has(first);
		case 2: return first === "nodes" || first === "groups";
		case 3: return (first === "nodes" || first === "groups") && MAPS_OF_ENTRIES.has(field);
		default: return false;
	}
}
function keysOf(...maps) {
	return [...new Set(maps.flatMap((map) => Object.keys(map)))];
}
function own(map, key) {
	return Object.hasOwn(map, key) ? map[key] : void 0;
}
function asJson(flow) {
	return flow;
}
// src/shell/dialogs/ConflictDialog.tsx
/** A flow that was edited here and changed on disk: mine, theirs and what both began with, value by value. */
var import_jsx_runtime = require_jsx_runtime();
function ConflictDialog({ project, flow, onDone, onClose }) {
	const { t } = useTexts();
	const theirs = flow.disk?.detail ?? null;
	const mine = flow.sheet.flow;
	const base = flow.base === null ? null : flow.saved.flow;
	const found = (0, import_react.useMemo)(() => theirs?.document == null ? [] : divergences(base, mine, theirs.document), [
		base,
		mine,
		theirs
	]);
	const [choices, setChoices] = (0, import_react.useState)(/* @__PURE__ */ new Map());
	const settle = (result) => {
		flow.rebase(result, t("conflict.edit"));
		onClose();
		onDone();
	};
	const choose = (wanted, side) => {
		setChoices(new Map([...choices, ...wanted.map((one) => [pathText(one.path), side])]));
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("conflict.title", { flow: mine.name ?? flow.id }),
		className: "is-conflict",
		onClose,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t(theirs === null ? "conflict.gone" : "conflict.about")
			}),
			theirs !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "conflict-frame",
				children: [found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: t("conflict.none")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", {
					className: "conflict",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
							scope: "col",
							children: t("conflict.where")
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
							scope: "col",
							children: t("conflict.base")
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
							scope: "col",
							children: t("conflict.mine")
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
							scope: "col",
							children: t("conflict.theirs")
						})
					] }) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: found.map((one) => {
						const id = pathText(one.path);
						const chosen = choices.get(id) ?? suggested(one);
						return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", {
							className: one.by === "both" ? "is-both" : void 0,
							children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("th", {
									scope: "row",
									children: [one.path.join(" › "), one.by === "both" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "conflict-mark",
										children: t("conflict.both")
									})]
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: valueText(one.base, t) }) }),
								["mine", "theirs"].map((side) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
									className: chosen === side ? "is-chosen" : void 0,
									children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
										type: "radio",
										name: `choice ${id}`,
										"aria-label": `${one.path.join(" ")}: ${t(`conflict.${side}`)}`,
										checked: chosen === side,
										onChange: () => {
											choose([one], side);
										}
									}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: valueText(one[side], t) })] })
								}, side))
							]
						}, id);
					}) })]
				})]
			}),
			theirs === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					project.drafts?.discard(flow.id);
					project.close(flow.id);
					onClose();
				},
				children: t("conflict.giveUp")
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				onClick: () => {
					settle(mine);
				},
				children: t("conflict.keep")
			})] }) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => {
						choose(found, "mine");
					},
					children: t("conflict.allMine")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => {
						choose(found, "theirs");
					},
					children: t("conflict.allTheirs")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: onClose,
					children: t("dialog.cancel")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "primary",
					onClick: () => {
						settle(merged(mine, found, choices));
					},
					children: t("conflict.take")
				})
			] })
		]
	});
}
function valueText(value, t) {
	return value === void 0 ? t("change.nothing") : typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
export { ConflictDialog as default };
