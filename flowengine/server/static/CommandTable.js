import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { A as Dialog, N as hrefOf } from "./index.js";
import { i as Table, n as Pager, o as Refusal, r as State } from "./parts.js";
import { i as useLoad, n as queryOf } from "./Page.js";
import { t as Moment } from "./moment.js";
import { n as NoRegistry } from "./NoRegistry.js";
import { t as useLeafing } from "./pages_of.js";
// src/pages/iiot/CommandTable.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var LOOK_AGAIN = 2;
function CommandTable({ client, filter }) {
	const { t } = useTexts();
	const leafing = useLeafing();
	const [opened, setOpened] = (0, import_react.useState)("");
	const query = queryOf({
		...filter,
		before: leafing.from,
		limit: 20
	});
	const read = (0, import_react.useCallback)(() => client.get(`/iiot/commands${query}`), [client, query]);
	const page = useLoad(read, LOOK_AGAIN);
	const columns = [
		{
			title: "commands.action",
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "link-button",
				onClick: () => {
					setOpened(one.id);
				},
				children: one.action
			})
		},
		...filter["device"] === void 0 || filter["device"] === "" ? [{
			title: "devices.device",
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
				href: hrefOf("devices", [one.device]),
				children: one.device
			})
		}] : [],
		{
			title: "commands.state",
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
				of: "command",
				name: one.state
			})
		},
		{
			title: "commands.reason",
			cell: (one) => one.code
		},
		{
			title: "commands.asked",
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: one.created_at })
		},
		{
			title: "commands.who",
			cell: (one) => one.source === "" ? one.who : `${one.who} (${one.source})`
		}
	];
	if (page.code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistry, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: page.failure }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
			label: t("pages.commands"),
			rows: page.value?.commands,
			idOf: (one) => one.id,
			none: t("commands.none"),
			columns
		}),
		(leafing.hasPrevious || page.value?.next != null) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pager, {
			hasPrevious: leafing.hasPrevious,
			hasNext: page.value?.next != null,
			onPrevious: leafing.previous,
			onNext: () => {
				leafing.next(page.value?.next ?? "");
			}
		}),
		opened !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CommandHistory, {
			client,
			id: opened,
			onClose: () => {
				setOpened("");
			}
		})
	] });
}
function CommandHistory({ client, id, onClose }) {
	const { t } = useTexts();
	const read = (0, import_react.useCallback)(() => client.get(`/iiot/commands/${id}`), [client, id]);
	const { value, failure } = useLoad(read, LOOK_AGAIN);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("commands.one", { action: value?.command.action ?? "" }),
		onClose,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }), value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
					of: "command",
					name: value.command.state
				}),
				" ",
				value.command.code
			] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
				className: "history",
				"aria-label": t("commands.history"),
				children: value.history.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: one.state === "ended" ? t(`command.${value.command.state}`) : t(`command.${one.state}`) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, {
					at: one.at,
					isExact: true
				})] }, one.state))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("commands.message") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
				className: "payload",
				children: value.message
			}),
			value.result !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("commands.result") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
				className: "payload",
				children: JSON.stringify(value.result, null, 2)
			})] })
		] })]
	});
}
export { CommandTable as t };
