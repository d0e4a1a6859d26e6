import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { M as go, N as hrefOf, n as ASKING, p as textOf } from "./index.js";
import { r as useTexts } from "./texts.js";
import { i as Table, o as Refusal } from "./parts.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, r as useDoing, t as Page } from "./Page.js";
import { t as DocumentEditor } from "./DocumentEditor.js";
import { r as NoRegistryPage } from "./NoRegistry.js";
// src/pages/iiot/AutomationPage.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
/** What the address says for a rule that is not there yet; no id can be so. */
var NEW = "+";
var FIRST = {
	trigger: {
		kind: "threshold",
		path: "$."
	},
	command: { action: "" }
};
function AutomationPage({ state, route }) {
	const [id] = route.rest;
	return id === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Rules, { state }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RuleEditor, {
		state,
		id: id === NEW ? null : id
	}, id);
}
function Rules({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const read = (0, import_react.useCallback)(() => client.get("/iiot/rules"), [client]);
	const { value, failure, code, reload } = useLoad(read);
	const doing = useDoing(reload);
	if (code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistryPage, { title: t("pages.automation") });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.automation"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			"data-needs": "editor",
			type: "button",
			className: "primary",
			onClick: () => {
				go("automation", [NEW]);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
				" ",
				t("automation.add")
			]
		}),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
			label: t("pages.automation"),
			rows: value?.rules,
			idOf: (one) => one.id,
			none: t("automation.none"),
			columns: [
				{
					title: "automation.active",
					cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "checkbox",
						role: "switch",
						disabled: !state.may("editor"),
						"aria-label": t("automation.turn", { rule: one.id }),
						checked: one.active,
						onChange: () => {
							doing.run(client.post(`/iiot/rules/${encodeURIComponent(one.id)}/active`, { active: !one.active }));
						}
					})
				},
				{
					title: "automation.rule",
					cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
						href: hrefOf("automation", [one.id]),
						children: one.id
					})
				},
				{
					title: "form.name",
					cell: (one) => one.name
				},
				{
					title: "automation.trigger",
					cell: (one) => t(`trigger.${one.trigger}`)
				},
				{
					title: "commands.action",
					cell: (one) => one.action
				},
				{
					title: "automation.about",
					cell: (one) => one.description
				}
			]
		})]
	});
}
function RuleEditor({ state, id }) {
	const { t } = useTexts();
	const { client } = state;
	const path = `/iiot/rules/${encodeURIComponent(id ?? "")}`;
	const read = (0, import_react.useCallback)(() => id === null ? Promise.resolve(null) : client.get(path), [
		client,
		id,
		path
	]);
	const { value, failure, reload } = useLoad(read);
	const doing = useDoing(reload);
	const save = async (rule) => {
		const saved = textOf(rule["id"]);
		await client.put(`/iiot/rules/${encodeURIComponent(saved)}`, { rule });
		if (saved !== id) go("automation", [saved]);
	};
	const remove = () => {
		ASKING.whenSure(t("automation.removeSure", { rule: id ?? "" }), t("automation.remove"), () => {
			doing.run(client.delete(path).then(() => {
				go("automation");
			}));
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: id ?? t("automation.add"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("a", {
				className: "back",
				href: hrefOf("automation"),
				children: ["← ", t("pages.automation")]
			}) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }),
			value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DocumentEditor, {
				state,
				form: "/iiot/rule-form",
				check: "/iiot/rule-check",
				name: "rule",
				initial: value === null ? FIRST : value.rule,
				isNew: id === null,
				needs: "editor",
				saveText: t("dialog.save"),
				onSave: save,
				tools: id !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "editor",
					type: "button",
					onClick: remove,
					children: t("automation.remove")
				})
			})
		]
	});
}
export { AutomationPage as default };
