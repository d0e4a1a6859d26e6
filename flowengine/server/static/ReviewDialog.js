import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { A as Dialog, E as preview, L as useSaid, O as useSignal, T as errorsOf, w as MODES } from "./index.js";
import { r as useTexts } from "./texts.js";
import { t as sentence } from "./refusal.js";
// src/shell/dialogs/ReviewDialog.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function ReviewDialog({ project, mode, reason, isBusy, onMode, onDeploy, onClose }) {
	const { t } = useTexts();
	const said = useSaid();
	useSignal(project.changed);
	const [shown, setShown] = (0, import_react.useState)(null);
	const [failure, setFailure] = (0, import_react.useState)("");
	const { deployed } = project;
	(0, import_react.useEffect)(() => {
		let isWanted = true;
		preview(project, mode).then((found) => {
			if (isWanted) setShown(found);
		}).catch((error) => {
			setFailure(sentence(error));
		});
		return () => {
			isWanted = false;
		};
	}, [
		project,
		mode,
		deployed
	]);
	const errors = shown === null ? [] : errorsOf(shown);
	const warnings = shown === null ? 0 : shown.problems.length - errors.length;
	const nameOf = (id) => project.flows.find((one) => one.id === id)?.name ?? id;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("deploy.review"),
		className: "is-wide",
		onClose,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "review",
			children: [
				reason !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					role: "alert",
					children: reason
				}),
				failure !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					role: "alert",
					children: failure
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
					className: "modes",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("legend", { children: t("deploy.mode") }), MODES.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "radio",
						name: "deploy-mode",
						checked: one === mode,
						onChange: () => {
							onMode(one);
						}
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t(`deploy.mode.${one}`) }),
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "quiet",
							children: t(`deploy.mode.${one}.about`)
						})
					] })] }, one))]
				}),
				errors.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("deploy.errors") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					className: "review-errors",
					children: errors.map((problem, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: [
							problem.flow,
							problem.node,
							problem.field
						].filter(Boolean).join(" › ") }),
						" ",
						said.problem(problem),
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: problem.code })
					] }, index))
				})] }),
				shown !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
						"aria-label": t("deploy.changes"),
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("deploy.changes") }),
							shown.flows.length + shown.resources.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
								className: "quiet",
								children: t("deploy.noChanges")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("ul", { children: [shown.flows.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: nameOf(one.id) }),
								" ",
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "quiet",
									children: t(`change.${one.kind}`)
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
									className: "review-paths",
									children: one.changes.map((change) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
										/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: change.path.join(" › ") }),
										" ",
										/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
											className: "quiet",
											children: t(`change.${change.kind}`)
										})
									] }, change.path.join("/")))
								})
							] }, one.id)), shown.resources.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
								t("deploy.restartsResource", { name: one.id }),
								" ",
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "quiet",
									children: t(`change.${one.kind}`)
								})
							] }, `resource ${one.id}`))] })
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
						"aria-label": t("deploy.restarts"),
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("deploy.restarts") }),
							Object.keys(shown.restarted).length + shown.started.length + shown.stopped.length + shown.restarted_resources.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
								className: "quiet",
								children: t("deploy.noRestarts")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("ul", { children: [
								shown.started.map((id) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: t("deploy.starts", { flow: nameOf(id) }) }, id)),
								shown.stopped.map((id) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: t("deploy.stops", { flow: nameOf(id) }) }, id)),
								Object.entries(shown.restarted).filter(([, nodes]) => nodes.length > 0).map(([id, nodes]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: t("deploy.restartsNodes", {
									flow: nameOf(id),
									nodes: nodes.join(", ")
								}) }, id)),
								shown.restarted_resources.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: t("deploy.restartsResource", { name }) }, `resource ${name}`))
							] })
						]
					}),
					warnings > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "quiet",
						children: t("deploy.warnings")
					})
				] })
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: onClose,
			children: t("dialog.cancel")
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "primary",
			disabled: shown === null || errors.length > 0 || isBusy,
			onClick: onDeploy,
			children: t("deploy.now")
		})] })]
	});
}
export { ReviewDialog as default };
