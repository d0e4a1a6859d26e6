import { r as useTexts } from "./texts.js";
import { N as hrefOf, j as HOME } from "./index.js";
import { t as Icon } from "./icons.js";
import { t as Page } from "./Page.js";
import { h as require_jsx_runtime } from "./vendor.js";
// src/pages/iiot/NoRegistry.tsx
/** What is shown where no registry runs: that is a state of things, and no failure. */
var import_jsx_runtime = require_jsx_runtime();
/** What the server says then. */
var NO_REGISTRY = "no-registry";
function NoRegistry() {
	const { t } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "no-registry",
		"aria-label": t("registry.none"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "devices" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("registry.none") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("registry.about")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
				href: hrefOf(HOME),
				children: t("registry.flows")
			})
		]
	});
}
function NoRegistryPage({ title }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Page, {
		title,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistry, {})
	});
}
export { NoRegistry as n, NoRegistryPage as r, NO_REGISTRY as t };
