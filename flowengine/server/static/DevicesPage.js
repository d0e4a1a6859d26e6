import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { a as TextField, i as Table, n as Pager, o as Refusal, r as State, t as Choice } from "./parts.js";
import { A as Dialog, L as useSaid, M as go, N as hrefOf, P as replace, c as Form, d as blank, f as fieldsOf, k as DialogForm, n as ASKING } from "./index.js";
import { t as Icon } from "./icons.js";
import { i as useLoad, n as queryOf, r as useDoing, t as Page } from "./Page.js";
import { t as isObject } from "./json.js";
import { t as sentence } from "./refusal.js";
import { t as CommandTable } from "./CommandTable.js";
import { n as dateText, t as Moment } from "./moment.js";
import { r as NoRegistryPage } from "./NoRegistry.js";
import { t as useLeafing } from "./pages_of.js";
// src/pages/iiot/DeviceDialog.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function DeviceDialog({ client, known, onSaved, onClose }) {
	const { t } = useTexts();
	const read = (0, import_react.useCallback)(() => client.get("/iiot/profiles"), [client]);
	const { value, failure } = useLoad(read);
	const profiles = value?.profiles;
	const [id, setId] = (0, import_react.useState)(known?.id ?? "");
	const [chosen, setProfile] = (0, import_react.useState)(known?.profile ?? "");
	const [serial, setSerial] = (0, import_react.useState)(known?.serial ?? "");
	const [name, setName] = (0, import_react.useState)(known?.name ?? "");
	const [business, setBusiness] = (0, import_react.useState)(known?.business ?? "");
	const [hardware, setHardware] = (0, import_react.useState)(known?.hardware ?? "");
	const [groups, setGroups] = (0, import_react.useState)(known?.groups.join(", ") ?? "");
	const profile = chosen === "" ? profiles?.[0]?.id ?? "" : chosen;
	const save = async () => {
		const entry = {
			serial,
			name,
			hardware,
			groups: groups.split(",").map((one) => one.trim()).filter((one) => one !== ""),
			...business === "" ? {} : { business }
		};
		onSaved((known === null ? await client.post("/iiot/devices", {
			id,
			profile,
			entry
		}) : await client.put(`/iiot/devices/${encodeURIComponent(id)}`, {
			profile,
			entry
		})).device.id);
		onClose();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: known === null ? t("devices.add") : t("devices.change", { device: known.id }),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			isReady: profiles !== void 0,
			onSave: save,
			onClose,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("form.id"),
					value: id,
					isRequired: true,
					isDisabled: known !== null,
					about: t("devices.idAbout"),
					onChange: setId
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
					label: t("devices.profile"),
					value: profile,
					isRequired: true,
					options: (profiles ?? []).map((one) => ({
						value: one.id,
						text: one.name || one.id
					})),
					onChange: setProfile
				}),
				profiles?.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					children: t("profiles.none")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("devices.serial"),
					value: serial,
					about: t("devices.serialAbout"),
					onChange: setSerial
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("form.name"),
					value: name,
					onChange: setName
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("devices.business"),
					value: business,
					about: t("devices.businessAbout"),
					onChange: setBusiness
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("devices.hardware"),
					value: hardware,
					onChange: setHardware
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("devices.groups"),
					value: groups,
					about: t("devices.groupsAbout"),
					onChange: setGroups
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure })
			]
		})
	});
}
// src/forms/params.ts
/** Parameters that a JSON Schema of somebody's own describes, such as those of a device's action. */
/** Whether a form can be made for every property. */
function isFormable(schema) {
	const fields = fieldsOf(schema, schema);
	return fields.length > 0 && fields.every((field) => field.widget !== "json");
}
/** The schema for a form: what must be there has no default, for it is written down in any case. */
function forForm(schema) {
	const required = requiredOf(schema);
	const properties = isObject(schema["properties"]) ? schema["properties"] : {};
	const changed = Object.fromEntries(Object.entries(properties).map(([name, property]) => {
		if (!isObject(property)) return [name, property];
		const { default: fallback, ...rest } = property;
		const kept = fallback === void 0 || required.includes(name) ? {} : { default: fallback };
		return [name, {
			...rest,
			...kept,
			description: aboutOf(property)
		}];
	}));
	return {
		...schema,
		properties: changed
	};
}
/** The first example; else an object with what must be in it. */
function exampleOf(schema) {
	const examples = schema?.["examples"];
	const [example] = Array.isArray(examples) ? examples : [];
	if (isObject(example)) return example;
	const properties = isObject(schema?.["properties"]) ? schema["properties"] : {};
	return Object.fromEntries(requiredOf(schema ?? {}).map((name) => [name, firstOf(properties[name], schema ?? {})]));
}
function firstOf(property, root) {
	return isObject(property) ? property["default"] ?? blank(property, root) : null;
}
function requiredOf(schema) {
	return Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
}
/** What a property is for, with its bounds. */
function aboutOf(property) {
	const text = typeof property["description"] === "string" ? property["description"] : "";
	const { minimum, maximum } = property;
	return [text, typeof minimum === "number" && typeof maximum === "number" ? `${minimum} … ${maximum}` : typeof minimum === "number" ? `≥ ${minimum}` : typeof maximum === "number" ? `≤ ${maximum}` : ""].filter(Boolean).join(" ");
}
// src/pages/iiot/CommandDialog.tsx
/** A command is sent to a device: one of the actions that its profile knows, with parameters. */
function CommandDialog({ client, device, onSent, onClose }) {
	const { t } = useTexts();
	const read = (0, import_react.useCallback)(() => client.get(`/iiot/profiles/${encodeURIComponent(device.profile)}`), [client, device.profile]);
	const { value: profile, failure } = useLoad(read);
	const isKnown = profile !== void 0 || failure !== "";
	const actions = Object.entries(profile?.actions ?? {});
	const [chosen, setAction] = (0, import_react.useState)("");
	const [typed, setTyped] = (0, import_react.useState)(null);
	const [asJson, setAsJson] = (0, import_react.useState)(false);
	const action = chosen === "" ? actions[0]?.[0] ?? "" : chosen;
	const known = profile?.actions[action];
	const about = isObject(known) && typeof known["description"] === "string" ? known["description"] : "";
	const schema = isObject(known) && isObject(known["params"]) ? known["params"] : null;
	const params = typed ?? JSON.stringify(exampleOf(schema), null, 2);
	const asObject = objectOf(params);
	const hasForm = schema !== null && isFormable(schema);
	const isForm = hasForm && !asJson && asObject !== null;
	const takesNone = schema !== null && isObject(schema["properties"]) && Object.keys(schema["properties"]).length === 0;
	const send = async () => {
		let value;
		try {
			value = JSON.parse(params === "" ? "{}" : params);
		} catch (error) {
			throw new Error(t("commands.notJson", { reason: sentence(error) }), { cause: error });
		}
		await client.post("/iiot/commands", {
			device: device.id,
			action,
			params: value
		});
		onSent();
		onClose();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("commands.sendTo", { device: device.id }),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DialogForm, {
			action: t("commands.send"),
			isReady: isKnown,
			onSave: send,
			onClose,
			children: isKnown && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
				actions.length > 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
					label: t("commands.action"),
					value: action,
					isRequired: true,
					isFirst: true,
					options: actions.map(([name]) => ({
						value: name,
						text: name
					})),
					onChange: (name) => {
						setAction(name);
						setTyped(null);
					}
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("commands.action"),
					value: action,
					isRequired: true,
					isFirst: true,
					onChange: setAction
				}),
				about !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-about",
					children: about
				}),
				takesNone && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: t("commands.noParams")
				}),
				isForm && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Form, {
					schema: forForm(schema),
					value: asObject,
					problems: [],
					onChange: (changed) => {
						setTyped(JSON.stringify(changed, null, 2));
					}
				}, action),
				!isForm && !takesNone && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "field",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: "command-params",
						children: t("commands.params")
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
						id: "command-params",
						className: "code",
						rows: 6,
						spellCheck: false,
						value: params,
						onChange: (event) => {
							setTyped(event.target.value);
						}
					})]
				}),
				hasForm && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "switch-form",
					disabled: asJson && asObject === null,
					onClick: () => {
						setAsJson(!asJson);
					},
					children: asJson ? t("commands.asForm") : t("commands.asJson")
				}),
				schema !== null && !isForm && !takesNone && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t("commands.schema") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
					className: "payload",
					children: JSON.stringify(schema, null, 2)
				})] }),
				device.online !== true && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-about",
					children: t("commands.waits")
				})
			] })
		})
	});
}
function objectOf(text) {
	try {
		const value = JSON.parse(text);
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
}
// src/pages/iiot/Presence.tsx
/** Whether a device is there. */
function Presence({ online }) {
	const { t } = useTexts();
	const kind = online === null ? "unheard" : online ? "online" : "offline";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: `presence is-${kind}`,
		children: t(`devices.${kind}`)
	});
}
// src/model/telemetry.ts
/** Telemetry as a device sent it, taken apart into values by their paths, and how they move. */
var MOST_VALUES = 200;
/** All single values with their paths, such as `pump.speed`; bounded. */
function valuesOf(telemetry) {
	return leaves(telemetry).map(([path, value]) => [path, typeof value === "string" ? value : JSON.stringify(value)]);
}
function numbersOf(telemetry) {
	return new Map(leaves(telemetry).flatMap(([path, value]) => typeof value === "number" ? [[path, value]] : []));
}
/** A series with one telemetry more; the same series if it has that already. */
function seriesWith(series, at, telemetry) {
	const last = series.at(-1);
	if (at === null || last !== void 0 && at <= last.at) return series;
	return [...series, {
		at,
		values: numbersOf(telemetry)
	}].slice(-300);
}
function leaves(telemetry) {
	const found = [];
	const walk = (value, path) => {
		if (found.length >= MOST_VALUES) return;
		if (Array.isArray(value)) value.forEach((one, at) => {
			walk(one, `${path}[${at}]`);
		});
		else if (isObject(value)) for (const [name, one] of Object.entries(value)) walk(one, path === "" ? name : `${path}.${name}`);
		else found.push([path === "" ? "value" : path, value]);
	};
	if (telemetry !== null && telemetry !== void 0) walk(telemetry, "");
	return found;
}
// src/pages/iiot/Telemetry.tsx
/** What a device measured last, and how one value of it moves while we look. */
var WIDTH = 300;
var HEIGHT = 100;
function Telemetry({ at, value }) {
	const { t } = useTexts();
	const [points, setPoints] = (0, import_react.useState)([]);
	const [wanted, setWanted] = (0, import_react.useState)("");
	const grown = seriesWith(points, at, value);
	if (grown !== points) setPoints(grown);
	const values = valuesOf(value);
	const names = [...numbersOf(value).keys()];
	const name = names.includes(wanted) ? wanted : names[0] ?? "";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "card",
		"aria-label": t("telemetry.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h2", { children: [
				t("telemetry.title"),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "quiet count",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at })
				})
			] }),
			values.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("telemetry.none")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dl", {
				className: "values",
				children: values.map(([path, shown]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pair, {
					name: path,
					shown
				}, path))
			}),
			name !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
				label: t("telemetry.chart"),
				value: name,
				options: names.map((one) => ({
					value: one,
					text: one
				})),
				onChange: setWanted
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chart, {
				name,
				points: grown
			})] })
		]
	});
}
function Pair({ name, shown }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: name }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: shown })] });
}
function Chart({ name, points }) {
	const { t } = useTexts();
	const known = points.flatMap((point) => {
		const value = point.values.get(name);
		return value === void 0 ? [] : [{
			at: point.at,
			value
		}];
	});
	const all = known.map((one) => one.value);
	const [least, most] = [Math.min(...all), Math.max(...all)];
	const [from, until] = [known[0]?.at ?? 0, known.at(-1)?.at ?? 0];
	const x = (at) => until === from ? WIDTH : (at - from) / (until - from) * WIDTH;
	const y = (value) => most === least ? HEIGHT / 2 : 94 - (value - least) / (most - least) * 88;
	const path = known.map((one, at) => `${at === 0 ? "M" : "L"}${x(one.at).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("figure", {
		style: { margin: 0 },
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("svg", {
			className: "telemetry-chart",
			viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
			preserveAspectRatio: "none",
			role: "img",
			"aria-label": t("telemetry.chartOf", {
				name,
				count: known.length
			}),
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("line", {
				x1: "0",
				x2: WIDTH,
				y1: 99,
				y2: 99
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("path", { d: known.length === 1 ? `M0 ${HEIGHT / 2}L${WIDTH} ${HEIGHT / 2}` : path })]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("figcaption", {
			className: "chart-range",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t("telemetry.range", {
				least: written(least),
				most: written(most)
			}) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t("telemetry.points", { count: known.length }) })]
		})]
	});
}
function written(value) {
	return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "–";
}
// src/pages/iiot/TokenDialog.tsx
/** A token with which a device pairs: as text, and as a code that the device can scan. */
var LIFETIMES = [
	["900", "devices.minutes15"],
	["3600", "devices.hour1"],
	["86400", "devices.day1"],
	["604800", "devices.days7"]
];
function TokenDialog({ client, device, onClose }) {
	const { t, language } = useTexts();
	const [lifetime, setLifetime] = (0, import_react.useState)("900");
	const [token, setToken] = (0, import_react.useState)(null);
	const issue = () => client.post(`/iiot/devices/${encodeURIComponent(device)}/token`, { expires_in: Number(lifetime) }).then(setToken);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("devices.tokenFor", { device }),
		onClose,
		children: token === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			action: t("devices.makeToken"),
			onSave: issue,
			onClose,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t("devices.tokenAbout") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
				label: t("devices.lifetime"),
				value: lifetime,
				options: LIFETIMES.map(([value, text]) => ({
					value,
					text: t(text)
				})),
				onChange: setLifetime
			})]
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "token",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("img", {
					src: token.qr,
					alt: t("devices.qr")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: token.token }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: t("devices.tokenUntil", {
						serial: token.serial,
						until: dateText(token.expires_at, language)
					})
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => {
						navigator.clipboard?.writeText(token.token);
					},
					children: t("devices.copy")
				})
			]
		})
	});
}
// src/pages/iiot/UpdateCard.tsx
/** The update of a device: begun here, watched, cancelled. */
function UpdateCard({ client, device, running, onChanged }) {
	const { t } = useTexts();
	const said = useSaid();
	const [chosen, setChosen] = (0, import_react.useState)("");
	const readFirmware = (0, import_react.useCallback)(() => client.get("/iiot/firmware"), [client]);
	const firmware = useLoad(readFirmware).value?.firmware;
	const running_id = running?.id ?? "";
	const readPast = (0, import_react.useCallback)(() => client.get(`/iiot/updates${queryOf({
		device: device.id,
		limit: 5,
		running: running_id === "" ? "false" : ""
	})}`), [
		client,
		device.id,
		running_id
	]);
	const doing = useDoing(onChanged);
	const past = useLoad(readPast).value?.updates ?? [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "card",
		"aria-label": t("updates.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("updates.title") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal }),
			running !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
					running.version,
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
						of: "update",
						name: running.state
					}),
					" ",
					running.attempt > 1 && t("updates.attempt", {
						attempt: running.attempt,
						attempts: running.attempts
					})
				] }),
				running.progress !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("progress", {
					max: 100,
					value: running.progress,
					"aria-label": t("updates.progress")
				}),
				running.error !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-about",
					children: said.say(running.error)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "dialog-buttons",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: () => {
							doing.run(client.post(`/iiot/updates/${running.id}/cancel`, {}));
						},
						children: t("updates.cancel")
					})
				})
			] }),
			running === null && firmware?.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("firmware.none")
			}),
			running === null && firmware !== void 0 && firmware.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
				"data-needs": "operator",
				onSubmit: (event) => {
					event.preventDefault();
					doing.run(client.post("/iiot/updates", {
						device: device.id,
						firmware: chosen === "" ? firmware[0]?.id : chosen
					}));
				},
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
					label: t("updates.to"),
					value: chosen === "" ? firmware[0]?.id ?? "" : chosen,
					options: firmware.map((one) => ({
						value: one.id,
						text: one.id === one.version ? one.id : `${one.id} (${one.version})`
					})),
					onChange: setChosen
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "dialog-buttons",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						children: t("updates.begin")
					})
				})]
			}),
			past.some((one) => one.is_end) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				className: "history",
				"aria-label": t("updates.past"),
				children: past.filter((one) => one.is_end).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
					title: said.say(one.error),
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
						one.version,
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
							of: "update",
							name: one.state
						})
					] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: one.ended_at })]
				}, one.id))
			})
		]
	});
}
// src/pages/iiot/DeviceView.tsx
/** One device: who it is, how it is, what it says, and what was asked of it. */
var LOOK_AGAIN$1 = 2;
function DeviceView({ state, id }) {
	const { t } = useTexts();
	const { client } = state;
	const [opened, setOpened] = (0, import_react.useState)("");
	const [sent, setSent] = (0, import_react.useState)(0);
	const path = `/iiot/devices/${encodeURIComponent(id)}`;
	const read = (0, import_react.useCallback)(() => client.get(path), [client, path]);
	const loaded = useLoad(read, LOOK_AGAIN$1);
	const doing = useDoing(loaded.reload);
	const detail = loaded.value;
	const close = () => {
		setOpened("");
	};
	if (detail === void 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Page, {
		title: id,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: loaded.failure })
	});
	const { device } = detail;
	const move = (action) => {
		const send = () => {
			doing.run(client.post(`${path}/lifecycle`, { action }));
		};
		if (action === "retire") ASKING.whenSure(t("devices.retireSure", { device: id }), t("devices.retire"), send);
		else send();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: device.name === "" ? device.id : `${device.name} (${device.id})`,
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				"data-needs": "operator",
				type: "button",
				className: "primary",
				onClick: () => {
					setOpened("command");
				},
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "play" }),
					" ",
					t("commands.send")
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "operator",
				type: "button",
				onClick: () => {
					setOpened("token");
				},
				children: t("devices.token")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "operator",
				type: "button",
				onClick: () => {
					setOpened("change");
				},
				children: t("devices.edit")
			}),
			device.lifecycle === "suspended" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "operator",
				type: "button",
				onClick: () => {
					move("resume");
				},
				children: t("devices.resume")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "operator",
				type: "button",
				disabled: device.lifecycle === "retired",
				onClick: () => {
					move("suspend");
				},
				children: t("devices.suspend")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "operator",
				type: "button",
				disabled: device.lifecycle === "retired",
				onClick: () => {
					move("retire");
				},
				children: t("devices.retire")
			})
		] }),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("a", {
				className: "back",
				href: hrefOf("devices"),
				children: ["← ", t("pages.devices")]
			}) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || loaded.failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "cards",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
						className: "card",
						"aria-label": t("devices.facts"),
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("devices.facts") }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("dl", {
							className: "facts",
							children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.presence") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Presence, { online: device.online }) }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.seen") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: device.seen_at }) }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.lifecycle") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
									of: "lifecycle",
									name: device.lifecycle
								}) }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.profile") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
									href: hrefOf("profiles", [device.profile], { device: device.id }),
									children: device.profile
								}) }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.serial") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: device.serial }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.business") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: device.business ?? "–" }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.hardware") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: device.hardware || "–" }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.firmware") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: device.firmware || "–" }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.groups") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: device.groups.join(", ") || "–" }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.topic") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: detail.telemetry_topic }) }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: t("devices.added") }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, {
									at: detail.created_at,
									isExact: true
								}) })
							]
						})]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Telemetry, {
						at: detail.telemetry_at,
						value: detail.telemetry
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(UpdateCard, {
						client,
						device,
						running: detail.update,
						onChanged: loaded.reload
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "card",
				"aria-label": t("pages.commands"),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h2", { children: [t("pages.commands"), detail.pending > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "chip is-busy",
					children: t("commands.pending", { count: detail.pending })
				})] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CommandTable, {
					client,
					filter: { device: id }
				}, sent)]
			}),
			opened === "change" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeviceDialog, {
				client,
				known: device,
				onSaved: loaded.reload,
				onClose: close
			}),
			opened === "token" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TokenDialog, {
				client,
				device: id,
				onClose: close
			}),
			opened === "command" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CommandDialog, {
				client,
				device,
				onSent: () => {
					setSent(sent + 1);
					loaded.reload();
				},
				onClose: close
			})
		]
	});
}
// src/pages/iiot/DevicesPage.tsx
/** All devices: found by what they are, a page at a time. */
var LIFECYCLES = [
	"draft",
	"paired",
	"active",
	"suspended",
	"retired"
];
var ON_A_PAGE = 100;
var LOOK_AGAIN = 5;
function DevicesPage({ state, route }) {
	const [id] = route.rest;
	return id === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeviceList, {
		state,
		route
	}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeviceView, {
		state,
		id
	}, id);
}
function DeviceList({ state, route }) {
	const { t } = useTexts();
	const { client } = state;
	const [isAdding, setAdding] = (0, import_react.useState)(false);
	const leafing = useLeafing();
	const { text = "", profile = "", lifecycle = "", online = "", group = "", firmware = "" } = route.query;
	const wanted = (0, import_react.useDeferredValue)(queryOf({
		text,
		profile,
		lifecycle,
		online,
		group,
		firmware,
		after: leafing.from,
		limit: ON_A_PAGE
	}));
	const read = (0, import_react.useCallback)(() => client.get(`/iiot/devices${wanted}`), [client, wanted]);
	const page = useLoad(read, LOOK_AGAIN);
	const readProfiles = (0, import_react.useCallback)(() => client.get("/iiot/profiles"), [client]);
	const profiles = useLoad(readProfiles).value?.profiles ?? [];
	const filter = (values) => {
		leafing.restart();
		replace("devices", [], {
			...route.query,
			...values
		});
	};
	if (page.code === "no-registry") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoRegistryPage, { title: t("pages.devices") });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.devices"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			"data-needs": "operator",
			type: "button",
			className: "primary",
			onClick: () => {
				setAdding(true);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
				" ",
				t("devices.add")
			]
		}),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("search", {
				className: "filters",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "search",
						"aria-label": t("devices.search"),
						placeholder: t("devices.search"),
						value: text,
						onChange: (event) => {
							filter({ text: event.target.value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
						isInline: true,
						label: t("devices.profile"),
						value: profile,
						options: [{
							value: "",
							text: t("devices.anyProfile")
						}, ...profiles.map((one) => ({
							value: one.id,
							text: one.name || one.id
						}))],
						onChange: (value) => {
							filter({ profile: value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
						isInline: true,
						label: t("devices.lifecycle"),
						value: lifecycle,
						options: [{
							value: "",
							text: t("devices.anyLifecycle")
						}, ...LIFECYCLES.map((one) => ({
							value: one,
							text: t(`lifecycle.${one}`)
						}))],
						onChange: (value) => {
							filter({ lifecycle: value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
						isInline: true,
						label: t("devices.presence"),
						value: online,
						options: [
							{
								value: "",
								text: t("devices.anyPresence")
							},
							{
								value: "true",
								text: t("devices.online")
							},
							{
								value: "false",
								text: t("devices.offline")
							}
						],
						onChange: (value) => {
							filter({ online: value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "text",
						"aria-label": t("devices.group"),
						placeholder: t("devices.group"),
						value: group,
						onChange: (event) => {
							filter({ group: event.target.value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "text",
						"aria-label": t("devices.firmware"),
						placeholder: t("devices.firmware"),
						value: firmware,
						onChange: (event) => {
							filter({ firmware: event.target.value });
						}
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: page.failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
				label: t("pages.devices"),
				rows: page.value?.devices,
				idOf: (one) => one.id,
				none: t("devices.none"),
				columns: [
					{
						title: "devices.device",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
							href: hrefOf("devices", [one.id]),
							children: one.id
						})
					},
					{
						title: "form.name",
						cell: (one) => one.name
					},
					{
						title: "devices.presence",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Presence, { online: one.online })
					},
					{
						title: "devices.seen",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: one.seen_at })
					},
					{
						title: "devices.profile",
						cell: (one) => one.profile
					},
					{
						title: "devices.lifecycle",
						cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(State, {
							of: "lifecycle",
							name: one.lifecycle
						})
					},
					{
						title: "devices.firmware",
						cell: (one) => one.firmware
					},
					{
						title: "devices.groups",
						cell: (one) => one.groups.join(", ")
					}
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pager, {
				about: page.value === void 0 ? "" : t("devices.total", { count: page.value.total }),
				hasPrevious: leafing.hasPrevious,
				hasNext: page.value?.next != null,
				onPrevious: leafing.previous,
				onNext: () => {
					leafing.next(page.value?.next ?? "");
				}
			}),
			isAdding && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeviceDialog, {
				client,
				known: null,
				onSaved: (saved) => {
					go("devices", [saved]);
				},
				onClose: () => {
					setAdding(false);
				}
			})
		]
	});
}
export { DevicesPage as default };
