import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { L as useSaid, N as hrefOf } from "./index.js";
import { n as called, r as useTexts } from "./texts.js";
import { i as Table, o as Refusal } from "./parts.js";
import { i as useLoad, t as Page } from "./Page.js";
import { t as Moment } from "./moment.js";
// src/pages/HealthPage.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var EVERY = 2;
function HealthPage({ state }) {
	const { t, language } = useTexts();
	const said = useSaid();
	const { client } = state;
	const read = (0, import_react.useCallback)(async () => {
		const [summary, resources, health] = await Promise.all([
			client.get("/summary"),
			client.get("/resources/running"),
			fetch("/health").then((answer) => answer.json())
		]);
		return {
			summary,
			resources,
			health
		};
	}, [client]);
	const { value, failure } = useLoad(read, EVERY);
	const format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 1 });
	const summary = value?.summary;
	const broken = Object.entries(summary?.broken ?? {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.health"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("dl", {
				className: "engine-figures",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.version"),
						children: value?.health.version
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.uptime"),
						children: summary && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: summary.at - summary.uptime })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.revision"),
						children: summary && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: summary.revision.slice(0, 12) })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.lag"),
						children: summary && `${format.format(summary.loop_lag * 1e3)} ms`
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.waiting"),
						children: summary && format.format(summary.store_waiting)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.deadLetters"),
						children: summary && format.format(summary.dead_letters)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Figure, {
						name: t("health.watchers"),
						children: summary && format.format(summary.watchers)
					})
				]
			}),
			broken.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "page-section",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("health.brokenFlows") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: broken.map(([id, reason]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
					className: "refusal",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
							href: hrefOf("flows", [id]),
							children: id
						}),
						" ",
						said.say(reason)
					]
				}, id)) })]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "page-section",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("health.flows") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
					label: t("health.flows"),
					rows: summary?.flows,
					none: t("health.noFlows"),
					idOf: (flow) => flow.id,
					columns: [
						{
							title: "health.flow",
							cell: (flow) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
								href: hrefOf("flows", [flow.id]),
								children: flow.id
							})
						},
						{
							title: "health.state",
							cell: (flow) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: `chip ${flow.state === "running" ? "is-good" : "is-warning"}`,
								children: called(t, "flowState", flow.state)
							})
						},
						{
							title: "health.rate",
							cell: (flow) => format.format(flow.rate.received)
						},
						{
							title: "health.received",
							cell: (flow) => format.format(flow.account.received)
						},
						{
							title: "health.settled",
							cell: (flow) => format.format(flow.account.settled)
						},
						{
							title: "health.failed",
							cell: (flow) => format.format(flow.account.failed)
						},
						{
							title: "health.inFlight",
							cell: (flow) => format.format(flow.account.in_flight)
						},
						{
							title: "health.errors",
							cell: (flow) => format.format(flow.errors)
						}
					]
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "page-section",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("health.resources") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
					label: t("health.resources"),
					rows: value?.resources.resources,
					none: t("health.noResources"),
					idOf: (resource) => resource.id,
					columns: [
						{
							title: "health.resource",
							cell: (resource) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: resource.id })
						},
						{
							title: "health.kind",
							cell: (resource) => resource.type
						},
						{
							title: "health.status",
							cell: ({ status, problem }) => problem !== "" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "chip is-bad",
								children: said.say(problem)
							}) : status === null ? "" : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: `chip is-${TONES[status.level] ?? "resting"}`,
								children: said.status(status)
							})
						}
					]
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "page-section",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("health.outbox") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
					label: t("health.outbox"),
					rows: summary?.outbox,
					none: t("health.noOutbox"),
					idOf: (queue) => `${queue.flow}/${queue.node}`,
					columns: [
						{
							title: "health.sink",
							cell: (queue) => `${queue.flow} / ${queue.node}`
						},
						{
							title: "health.pending",
							cell: (queue) => format.format(queue.pending)
						},
						{
							title: "health.due",
							cell: (queue) => format.format(queue.due)
						}
					]
				})]
			})
		]
	});
}
var TONES = {
	ok: "good",
	busy: "busy",
	warning: "warning",
	error: "bad"
};
function Figure({ name, children }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: name }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: children ?? "…" })] });
}
export { HealthPage as default };
