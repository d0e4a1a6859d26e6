import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { A as Dialog, k as DialogForm, n as ASKING } from "./index.js";
import { a as TextField, i as Table, o as Refusal } from "./parts.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, n as queryOf, r as useDoing, t as Page } from "./Page.js";
import { t as Moment } from "./moment.js";
import { r as NoRegistryPage } from "./NoRegistry.js";
// src/pages/iiot/upload.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
function upload(client, path, file, onProgress) {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		request.open("PUT", `/admin/api${path}`);
		request.setRequestHeader("Content-Type", "application/octet-stream");
		request.upload.onprogress = (event) => {
			if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
		};
		request.onerror = () => {
			reject(client.silent(path));
		};
		request.onload = () => {
			if (request.status >= 200 && request.status < 300) resolve();
			else {
				const refusal = refusalOf(request.responseText);
				reject(client.refused(request.status, {
					...refusal,
					message: refusal.message ?? request.statusText
				}, path));
			}
		};
		request.send(file);
	});
}
function refusalOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return {};
	}
}
// src/pages/iiot/FirmwarePage.tsx
/** Firmware: what there is, and more of it. */
var import_jsx_runtime = require_jsx_runtime();
function FirmwarePage({ state }) {
	const { t, language } = useTexts();
	const { client } = state;
	const [isUploading, setUploading] = (0, import_react.useState)(false);
	const read = (0, import_react.useCallback)(() => client.get("/iiot/firmware"), [client]);
	const { value, failure, code, reload } = useLoad(read);
	const doing = useDoing(reload);
	const remove = (id) => {
		ASKING.whenSure(t("firmware.removeSure", { firmware: id }), t("users.remove"), () => {
			doing.run(client.delete(`/iiot/firmware/${encodeURIComponent(id)}`));
		});
	};
	if (code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistryPage, { title: t("pages.firmware") });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.firmware"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			"data-needs": "operator",
			type: "button",
			className: "primary",
			onClick: () => {
				setUploading(true);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "up" }),
				" ",
				t("firmware.upload")
			]
		}),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
				label: t("pages.firmware"),
				rows: value?.firmware,
				idOf: (one) => one.id,
				none: t("firmware.none"),
				columns: [
					{
						title: "form.id",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: one.id })
					},
					{
						title: "firmware.version",
						cell: (one) => one.version
					},
					{
						title: "firmware.hardware",
						cell: (one) => one.hardware.length === 0 ? t("firmware.anyHardware") : one.hardware.join(", ")
					},
					{
						title: "firmware.size",
						cell: (one) => sizeText(one.size, language)
					},
					{
						title: "firmware.signed",
						cell: (one) => t(one.signed ? "form.yes" : "form.no")
					},
					{
						title: "firmware.digest",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
							title: one.sha256,
							children: one.sha256.slice(0, 12)
						})
					},
					{
						title: "devices.added",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: one.created_at })
					},
					{
						title: "firmware.notes",
						cell: (one) => one.notes
					},
					{
						title: "firmware.tools",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "operator",
							type: "button",
							className: "icon-button",
							"aria-label": t("form.remove", { name: one.id }),
							title: t("form.remove", { name: one.id }),
							onClick: () => {
								remove(one.id);
							},
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "trash" })
						})
					}
				]
			}),
			isUploading && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(UploadDialog, {
				client: state.client,
				onDone: reload,
				onClose: () => {
					setUploading(false);
				}
			})
		]
	});
}
function UploadDialog({ client, onDone, onClose }) {
	const { t } = useTexts();
	const [file, setFile] = (0, import_react.useState)(null);
	const [version, setVersion] = (0, import_react.useState)("");
	const [hardware, setHardware] = (0, import_react.useState)("");
	const [least, setLeast] = (0, import_react.useState)("");
	const [notes, setNotes] = (0, import_react.useState)("");
	const [part, setPart] = (0, import_react.useState)(null);
	const send = async () => {
		if (file === null) return;
		setPart(0);
		const query = queryOf({
			hardware,
			min_version: least,
			notes
		});
		try {
			await upload(client, `/iiot/firmware/${encodeURIComponent(version)}${query}`, file, setPart);
			onDone();
			onClose();
		} finally {
			setPart(null);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("firmware.upload"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			action: t("firmware.upload"),
			told: part !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("progress", {
				max: 1,
				value: part,
				"aria-label": t("firmware.progress")
			}),
			onSave: send,
			onClose,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "field",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
						htmlFor: "firmware-file",
						children: [t("firmware.file"), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							"aria-hidden": "true",
							children: " *"
						})]
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						id: "firmware-file",
						type: "file",
						required: true,
						onChange: (event) => {
							setFile(event.target.files?.[0] ?? null);
						}
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("firmware.version"),
					value: version,
					isRequired: true,
					about: t("firmware.versionAbout"),
					onChange: setVersion
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("firmware.hardware"),
					value: hardware,
					about: t("firmware.hardwareAbout"),
					onChange: setHardware
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("firmware.least"),
					value: least,
					about: t("firmware.leastAbout"),
					onChange: setLeast
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("firmware.notes"),
					value: notes,
					onChange: setNotes
				})
			]
		})
	});
}
var UNITS = [
	["megabyte", 1e6],
	["kilobyte", 1e3],
	["byte", 1]
];
function sizeText(bytes, language) {
	const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
	return new Intl.NumberFormat(language, {
		style: "unit",
		unit,
		maximumFractionDigits: 1
	}).format(bytes / size);
}
export { FirmwarePage as default };
