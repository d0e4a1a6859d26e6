import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { L as useSaid, M as go, N as hrefOf, p as textOf } from "./index.js";
import { a as TextField, i as Table, o as Refusal } from "./parts.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, n as queryOf, t as Page } from "./Page.js";
import { t as DocumentEditor } from "./DocumentEditor.js";
import { r as NoRegistryPage } from "./NoRegistry.js";
import { t as sentence } from "./refusal.js";
import { n as dateText } from "./moment.js";
// src/pages/iiot/RuleTester.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var TRY_AFTER = 300;
var FOLLOW = 2;
function RuleTester({ client, profile, wanted }) {
	const { t, language } = useTexts();
	const said = useSaid();
	const id = typeof profile["id"] === "string" ? profile["id"] : "";
	const readDevices = (0, import_react.useCallback)(() => id === "" ? Promise.resolve(null) : client.get(`/iiot/devices${queryOf({
		profile: id,
		limit: 20
	})}`), [client, id]);
	const devices = useLoad(readDevices).value?.devices ?? [];
	const [chosen, setDevice] = (0, import_react.useState)(wanted);
	const [typed, setTyped] = (0, import_react.useState)(null);
	const [result, setResult] = (0, import_react.useState)(null);
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const device = chosen === "" ? devices.find((one) => one.seen_at !== null)?.id ?? "" : chosen;
	const readDevice = (0, import_react.useCallback)(() => device === "" ? Promise.resolve(null) : client.get(`/iiot/devices/${encodeURIComponent(device)}`), [client, device]);
	const last = useLoad(readDevice, typed === null ? FOLLOW : 0).value?.telemetry;
	const payload = typed ?? (last === void 0 || last === null ? "" : JSON.stringify(last, null, 2));
	(0, import_react.useEffect)(() => {
		if (payload === "") return;
		let isWanted = true;
		const timer = setTimeout(() => {
			client.post("/iiot/profile-trial", {
				profile,
				payload,
				device
			}).then((tried) => {
				if (isWanted) {
					setResult(tried);
					setRefusal("");
				}
			}).catch((error) => {
				if (isWanted) {
					setResult(null);
					setRefusal(sentence(error));
				}
			});
		}, TRY_AFTER);
		return () => {
			isWanted = false;
			clearTimeout(timer);
		};
	}, [
		client,
		profile,
		payload,
		device
	]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
		className: "card",
		"aria-label": t("tester.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("tester.title") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "field-about",
				children: t("tester.about")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
				label: t("devices.device"),
				value: device,
				suggestions: devices.map((one) => one.id),
				onChange: (value) => {
					setDevice(value);
					setTyped(null);
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
						htmlFor: "tester-payload",
						children: [
							t("tester.payload"),
							" ",
							typed === null && last != null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "chip is-good",
								children: t("tester.live")
							})
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
						id: "tester-payload",
						className: "code",
						rows: 8,
						spellCheck: false,
						value: payload,
						onChange: (event) => {
							setTyped(event.target.value);
						}
					}),
					typed !== null && device !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "switch-form",
						onClick: () => {
							setTyped(null);
						},
						children: t("tester.follow")
					})
				]
			}),
			payload !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal }),
			payload !== "" && result !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				"aria-live": "polite",
				children: [result.failures.map((failure) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					children: failure.rule === "" ? said.say(failure.message) : `${failure.rule}: ${said.say(failure.message)}`
				}, failure.rule + failure.message)), result.readings.map((reading, at) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: dateText(reading.at, language) }), reading.matched && reading.writes.length > 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
					className: "payload",
					children: JSON.stringify(reading.writes, null, 2)
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: reading.matched ? t("tester.heldBack") : t("tester.unmatched")
				})] }, at))]
			})
		]
	});
}
// src/pages/iiot/ProfilesPage.tsx
/** Profiles: how devices of one kind communicate, and what becomes of what they say. */
/** What the address says for a profile that is not there yet; no id can be so. */
var NEW = "+";
function ProfilesPage({ state, route }) {
	const [id] = route.rest;
	if (id === void 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ProfilesList, { state });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ProfileEditor, {
		state,
		id: id === NEW ? null : id,
		device: route.query["device"] ?? ""
	}, id);
}
function ProfilesList({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const read = (0, import_react.useCallback)(() => client.get("/iiot/profiles"), [client]);
	const { value, failure, code } = useLoad(read);
	if (code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistryPage, { title: t("pages.profiles") });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.profiles"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			"data-needs": "editor",
			type: "button",
			className: "primary",
			onClick: () => {
				go("profiles", [NEW]);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
				" ",
				t("profiles.add")
			]
		}),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
			label: t("pages.profiles"),
			rows: value?.profiles,
			idOf: (one) => one.id,
			none: t("profiles.none"),
			columns: [
				{
					title: "devices.profile",
					cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
						href: hrefOf("profiles", [one.id]),
						children: one.id
					})
				},
				{
					title: "form.name",
					cell: (one) => one.name
				},
				{
					title: "profiles.codec",
					cell: (one) => one.codec
				},
				{
					title: "profiles.rules",
					cell: (one) => one.rules
				},
				{
					title: "profiles.actions",
					cell: (one) => one.actions
				},
				{
					title: "pages.devices",
					cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
						href: hrefOf("devices", [], { profile: one.id }),
						children: one.devices
					})
				}
			]
		})]
	});
}
function ProfileEditor({ state, id, device }) {
	const { t } = useTexts();
	const { client } = state;
	const read = (0, import_react.useCallback)(() => id === null ? Promise.resolve(null) : client.get(`/iiot/profiles/${encodeURIComponent(id)}`), [client, id]);
	const { value, failure } = useLoad(read);
	const save = async (profile) => {
		const saved = textOf(profile["id"]);
		await client.put(`/iiot/profiles/${encodeURIComponent(saved)}`, { profile });
		if (saved !== id) go("profiles", [saved]);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: id ?? t("profiles.add"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("a", {
				className: "back",
				href: hrefOf("profiles"),
				children: ["← ", t("pages.profiles")]
			}) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }),
			value !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DocumentEditor, {
				state,
				form: "/iiot/profile-form",
				check: "/iiot/profile-check",
				name: "profile",
				initial: value?.profile ?? {},
				isNew: id === null,
				needs: "editor",
				saveText: t("dialog.save"),
				onSave: save,
				beside: (profile) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RuleTester, {
					client,
					profile,
					wanted: device
				})
			})
		]
	});
}
export { ProfilesPage as default };
