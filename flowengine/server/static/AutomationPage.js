import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { A as hrefOf, d as textOf, k as go, n as ASKING } from "./index.js";
import { r as useTexts } from "./texts.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, l as Table, r as sentence, s as Refusal, t as Page } from "./Page.js";
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
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const read = (0, import_react.useCallback)(() => client.get("/iiot/rules"), [client]);
	const { value, failure, code, reload } = useLoad(read);
	const turn = (rule) => {
		setRefusal("");
		client.post(`/iiot/rules/${encodeURIComponent(rule.id)}/active`, { active: !rule.active }).then(reload).catch((error) => {
			setRefusal(sentence(error));
		});
	};
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
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal === "" ? failure : refusal }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
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
							turn(one);
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
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const path = `/iiot/rules/${encodeURIComponent(id ?? "")}`;
	const read = (0, import_react.useCallback)(() => id === null ? Promise.resolve(null) : client.get(path), [
		client,
		id,
		path
	]);
	const { value, failure } = useLoad(read);
	const save = async (rule) => {
		const saved = textOf(rule["id"]);
		await client.put(`/iiot/rules/${encodeURIComponent(saved)}`, { rule });
		if (saved !== id) go("automation", [saved]);
	};
	const remove = () => {
		ASKING.whenSure(t("automation.removeSure", { rule: id ?? "" }), t("automation.remove"), () => {
			client.delete(path).then(() => {
				go("automation");
			}).catch((error) => {
				setRefusal(sentence(error));
			});
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
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal === "" ? failure : refusal }),
			value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DocumentEditor, {
				client,
				form: "/iiot/rule-form",
				check: "/iiot/rule-check",
				name: "rule",
				initial: value === null ? FIRST : value.rule,
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
