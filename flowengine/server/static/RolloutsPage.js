import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { M as go, N as hrefOf, n as ASKING } from "./index.js";
import { n as Pager, o as Refusal, r as State } from "./parts.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, n as queryOf, r as useDoing, t as Page } from "./Page.js";
import { t as DocumentEditor } from "./DocumentEditor.js";
import { t as Moment } from "./moment.js";
import { t as useLeafing } from "./pages_of.js";
import { r as NoRegistryPage } from "./NoRegistry.js";
// src/pages/iiot/RolloutsPage.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var NEW = "+";
var LOOK_AGAIN = 2;
var ENDS = [
	"succeeded",
	"failed",
	"running",
	"cancelled"
];
function RolloutsPage({ state, route }) {
	return route.rest[0] === NEW ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewRollout, { state }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Rollouts, { state });
}
function Rollouts({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const leafing = useLeafing();
	const query = queryOf({
		before: leafing.from,
		limit: 10
	});
	const read = (0, import_react.useCallback)(() => client.get(`/iiot/rollouts${query}`), [client, query]);
	const { value, failure, code, reload } = useLoad(read, LOOK_AGAIN);
	const doing = useDoing(reload);
	const act = (rollout, action) => {
		const send = () => {
			doing.run(client.post(`/iiot/rollouts/${rollout.id}/act`, { action }));
		};
		if (action === "cancel" || action === "rollback") ASKING.whenSure(t(`rollouts.${action}Sure`, { rollout: titleOf(rollout) }), t(`rollouts.${action}Now`), send);
		else send();
	};
	if (code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistryPage, { title: t("pages.rollouts") });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.rollouts"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			"data-needs": "operator",
			type: "button",
			className: "primary",
			onClick: () => {
				go("rollouts", [NEW]);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
				" ",
				t("rollouts.add")
			]
		}),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }),
			value?.rollouts.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet table-none",
				children: t("rollouts.none")
			}),
			value?.rollouts.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("article", {
				className: "card",
				"aria-label": titleOf(one),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "rollout-head",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: titleOf(one) }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
							of: "rollout",
							name: one.state
						}),
						one.reason !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "quiet",
							children: t(`rollouts.${one.reason}`)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "quiet",
							children: [
								t("rollouts.asked", { who: one.requested_by }),
								" ",
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: one.created_at })
							]
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
						one.state === "running" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "operator",
							type: "button",
							onClick: () => {
								act(one, "pause");
							},
							children: t("rollouts.pause")
						}),
						one.state === "paused" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "operator",
							type: "button",
							onClick: () => {
								act(one, "resume");
							},
							children: t("rollouts.resume")
						}),
						!one.is_end && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "operator",
							type: "button",
							onClick: () => {
								act(one, "cancel");
							},
							children: t("rollouts.cancel")
						}),
						one.state !== "rolled_back" && one.rolls_back === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "operator",
							type: "button",
							onClick: () => {
								act(one, "rollback");
							},
							children: t("rollouts.rollback")
						})
					]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "group-progress",
					children: one.groups.map((group, at) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(GroupProgress, { group }, at))
				})]
			}, one.id)),
			(leafing.hasPrevious || value?.next != null) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pager, {
				hasPrevious: leafing.hasPrevious,
				hasNext: value?.next != null,
				onPrevious: leafing.previous,
				onNext: () => {
					leafing.next(value?.next ?? "");
				}
			})
		]
	});
}
function GroupProgress({ group }) {
	const { t } = useTexts();
	const facts = t("rollouts.counts", {
		succeeded: group.succeeded,
		total: group.total,
		failed: group.failed,
		running: group.running
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			title: group.name,
			children: group.name
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "progress",
			role: "progressbar",
			"aria-label": group.name,
			"aria-valuemin": 0,
			"aria-valuemax": group.total,
			"aria-valuenow": group.succeeded,
			"aria-valuetext": facts,
			children: ENDS.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: `is-${name}`,
				style: { width: `${group.total === 0 ? 0 : group[name] / group.total * 100}%` }
			}, name))
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: facts })
	] });
}
function NewRollout({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const read = (0, import_react.useCallback)(() => client.get("/iiot/firmware"), [client]);
	const { value, failure } = useLoad(read);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("rollouts.add"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("a", {
				className: "back",
				href: hrefOf("rollouts"),
				children: ["← ", t("pages.rollouts")]
			}) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }),
			value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DocumentEditor, {
				state,
				form: "/iiot/rollout-form",
				check: "/iiot/rollout-check",
				name: "plan",
				initial: { firmware: value.firmware[0]?.id ?? "" },
				isNew: true,
				needs: "operator",
				saveText: t("rollouts.start"),
				onSave: async (plan) => {
					await client.post("/iiot/rollouts", { plan });
					go("rollouts");
				}
			})
		]
	});
}
function titleOf(rollout) {
	return rollout.name === "" ? rollout.firmware : `${rollout.name} (${rollout.firmware})`;
}
export { RolloutsPage as default };
