import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { L as useSaid, c as Form } from "./index.js";
import { r as useTexts } from "./texts.js";
import { t as sentence } from "./refusal.js";
import { o as Refusal } from "./parts.js";
import { i as useLoad } from "./Page.js";
// src/pages/iiot/DocumentEditor.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var CHECK_AFTER = 300;
function DocumentEditor({ state, form, check, name, initial, isNew, saveText, needs, onSave, beside, tools }) {
	const { t } = useTexts();
	const said = useSaid();
	const { client } = state;
	const isReadOnly = !state.may(needs);
	const read = (0, import_react.useCallback)(() => client.get(form), [client, form]);
	const schema = useLoad(read);
	const [value, setValue] = (0, import_react.useState)(initial);
	const [found, setFound] = (0, import_react.useState)([]);
	const [isBegun, setBegun] = (0, import_react.useState)(!isNew);
	const problems = isBegun ? found : [];
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const [isSaved, setSaved] = (0, import_react.useState)(false);
	const [isBusy, setBusy] = (0, import_react.useState)(false);
	(0, import_react.useEffect)(() => {
		const timer = setTimeout(() => {
			client.post(check, { [name]: value }).then((checked) => {
				setFound(checked.problems);
			}).catch((error) => {
				setRefusal(sentence(error));
			});
		}, CHECK_AFTER);
		return () => {
			clearTimeout(timer);
		};
	}, [
		client,
		check,
		name,
		value
	]);
	const save = () => {
		setRefusal("");
		setBegun(true);
		if (found.length > 0) return;
		setBusy(true);
		onSave(value).then(() => {
			setSaved(true);
		}).catch((error) => {
			setRefusal(sentence(error));
		}).finally(() => {
			setBusy(false);
		});
	};
	const general = problems.filter((problem) => (problem.field ?? "") === "");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "document",
		noValidate: true,
		onSubmit: (event) => {
			event.preventDefault();
			save();
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "card",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: schema.failure }),
				schema.value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Form, {
					schema: said.schema(schema.value.form),
					value,
					problems,
					isReadOnly,
					onChange: (changed) => {
						setSaved(false);
						setBegun(true);
						setValue(changed);
					}
				}),
				general.map((problem) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					children: said.problem(problem)
				}, problem.message)),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
					className: "dialog-buttons",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							role: "status",
							className: "quiet",
							children: isSaved ? t("document.saved") : ""
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
						tools,
						!isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "submit",
							className: "primary",
							disabled: isBusy || schema.value === void 0 || problems.length > 0,
							children: saveText
						})
					]
				})
			]
		}), beside?.(value)]
	});
}
export { DocumentEditor as t };
