import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { i as Table, n as Pager, o as Refusal } from "./parts.js";
import { P as replace } from "./index.js";
import { i as useLoad, n as queryOf, t as Page } from "./Page.js";
import { t as Moment } from "./moment.js";
import { t as useLeafing } from "./pages_of.js";
// src/pages/AuditPage.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var FILTERS = [
	"who",
	"what",
	"subject"
];
function AuditPage({ state, route }) {
	const { t } = useTexts();
	const { client } = state;
	const leafing = useLeafing();
	const { who = "", what = "", subject = "" } = route.query;
	const read = (0, import_react.useCallback)(() => client.get(`/audit${queryOf({
		who,
		what,
		subject,
		before: leafing.from,
		limit: 50
	})}`), [
		client,
		who,
		what,
		subject,
		leafing.from
	]);
	const { value, failure } = useLoad(read);
	const [typed, setTyped] = (0, import_react.useState)({
		who,
		what,
		subject
	});
	const show = (filters) => {
		leafing.restart();
		replace("audit", [], filters);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.audit"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
				className: "filters",
				role: "search",
				onSubmit: (event) => {
					event.preventDefault();
					show(typed);
				},
				children: [
					FILTERS.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "search",
						"aria-label": t(`audit.${name}`),
						placeholder: t(`audit.${name}`),
						value: typed[name],
						onChange: (event) => {
							setTyped({
								...typed,
								[name]: event.target.value
							});
						}
					}, name)),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						className: "filter-button",
						children: t("audit.search")
					}),
					(who || what || subject) !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "filter-button",
						onClick: () => {
							setTyped({
								who: "",
								what: "",
								subject: ""
							});
							show({});
						},
						children: t("audit.all")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
				label: t("pages.audit"),
				rows: value?.records,
				none: t("audit.none"),
				idOf: (record) => String(record.id),
				columns: [
					{
						title: "audit.at",
						cell: (record) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, {
							at: record.at,
							isExact: true
						})
					},
					{
						title: "audit.who",
						cell: (record) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: record.who })
					},
					{
						title: "audit.what",
						cell: (record) => record.what
					},
					{
						title: "audit.subject",
						cell: (record) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "long-word",
							children: record.subject
						})
					},
					{
						title: "audit.detail",
						cell: (record) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
							className: "long-word",
							children: detailText(record.detail)
						})
					}
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pager, {
				hasPrevious: leafing.hasPrevious,
				hasNext: value?.next != null,
				onPrevious: leafing.previous,
				onNext: () => {
					leafing.next(String(value?.next ?? ""));
				}
			})
		]
	});
}
function detailText(detail) {
	const text = detail === null ? "" : JSON.stringify(detail);
	return text === "{}" ? "" : text;
}
export { AuditPage as default };
