const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["DevicesPage.js","rolldown-runtime.js","vendor.js","vendor.css","texts.js","parts.js","parts.css","icons.js","Page.js","refusal.js","Page.css","json.js","CommandTable.js","moment.js","NoRegistry.js","pages_of.js","ProfilesPage.js","DocumentEditor.js","CommandsPage.js","FirmwarePage.js","RolloutsPage.js","AutomationPage.js","AuditPage.js","UsersPage.js","HealthPage.js","elk-api.js","ReviewDialog.js","ConflictDialog.js","seeing.js","code.js","vendor-code.js"])))=>i.map(i=>d[i]);
import { r as __toESM } from "./rolldown-runtime.js";
import { _ as require_react_dom, a as applyNodeChanges, c as useStore, d as Position, f as SelectionMode, g as require_client, h as require_jsx_runtime, i as ViewportPortal, l as useStoreApi, m as getViewportForBounds, n as Handle, o as index, p as getBezierPath, r as ReactFlowProvider, s as useReactFlow, t as BaseEdge, u as ConnectionMode, v as require_react } from "./vendor.js";
import { n as called, r as useTexts, t as TextsProvider } from "./texts.js";
import { a as TextField, c as Client, o as Refusal, s as ApiError } from "./parts.js";
import { i as withValue, n as sameJson, r as valueAt, t as isObject } from "./json.js";
import { t as sentence } from "./refusal.js";
import { n as NodeIcon, t as Icon } from "./icons.js";
// src/model/engine_texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_client = require_client();
var MOST_KEPT = 1e3;
var LONGEST = 1e3;
var NAMED = /* @__PURE__ */ new Set([
	"device",
	"flow",
	"host",
	"id",
	"key",
	"name",
	"node",
	"path",
	"topic",
	"user"
]);
var JOINT = /[:;] /;
/** What the choices of a field are called in the language, by their values. */
var LABELS$1 = "x-labels";
var VALUES = /* @__PURE__ */ new Set([
	"default",
	"const",
	"enum",
	"examples",
	LABELS$1
]);
var EngineTexts = class {
	#texts;
	#plain;
	#checks;
	#patterns;
	#kept = /* @__PURE__ */ new Map();
	/** Without translations everything stays as it is in English. */
	constructor(told = null) {
		const sentences = Object.entries(told?.sentences ?? {});
		this.#texts = new Map(Object.entries(told?.texts ?? {}));
		this.#plain = new Map(sentences);
		this.#checks = new Map(Object.entries(told?.checks ?? {}));
		this.#patterns = sentences.filter(([english]) => /\{\w+\}/.test(english)).sort(([one], [other]) => literal(other) - literal(one)).map(([english, text]) => patternOf(english, text));
	}
	/** A text of a node type; where a word means something else to one of them, the catalogue says of which. */
	text(english, type = "") {
		return this.#texts.get(`${type}: ${english}`) ?? this.#texts.get(english) ?? english;
	}
	/** What the engine says of how things stand or what is wrong; English where no catalogue has it. */
	say(english) {
		return this.sentence(english) ?? english;
	}
	/** What a node shows of itself, but for a value that somebody sent. */
	status({ text, is_value }) {
		return is_value === true ? text : this.say(text);
	}
	/** Why the API refuses a request. */
	refusal({ message, location = "", problems = [] }) {
		const [first] = problems;
		if (first === void 0 || this.#plain.size === 0) return this.say(message);
		return location === "" ? this.problem(first) : `${location}: ${this.problem(first)}`;
	}
	/** A sentence about a mistake; `undefined` where no catalogue has it. */
	sentence(english) {
		if (this.#plain.size === 0 || english.length > LONGEST) return;
		const known = this.#plain.get(english);
		if (known !== void 0 || this.#kept.has(english)) return known ?? this.#kept.get(english);
		const found = this.#found(english) ?? this.#joined(english);
		if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
		this.#kept.set(english, found);
		return found;
	}
	#found(english) {
		for (const { fits, holes, text } of this.#patterns) {
			const found = fits.exec(english);
			if (found !== null) {
				const values = new Map(holes.map(({ name, isName }, index) => {
					const value = found[index + 1] ?? "";
					return [name, isName ? value : this.say(value)];
				}));
				return text.replaceAll(/\{(\w+)\}/g, (hole, name) => values.get(name) ?? hole);
			}
		}
	}
	#joined(english) {
		const at = english.search(JOINT);
		if (at < 0) return;
		const parts = [english.slice(0, at), english.slice(at + 2)];
		return parts.some((part) => part.includes(" ") && this.sentence(part) !== void 0) ? parts.map((part) => this.say(part)).join(english.slice(at, at + 2)) : void 0;
	}
	/** What is wrong, and what to do about it. */
	problem({ code, message, hint }) {
		const title = this.#checks.get(code);
		const said = this.sentence(message) ?? (title === void 0 ? message : `${title}: ${message}`);
		return hint == null || hint === "" ? said : `${said} – ${this.sentence(hint) ?? hint}`;
	}
	palette(english) {
		return this.#texts.size === 0 ? english : {
			...english,
			types: english.types.map((type) => this.#type(type))
		};
	}
	/** A JSON Schema whose titles and descriptions are in the language. */
	schema(english, type = "") {
		return this.#texts.size === 0 ? english : this.#schema(english, type);
	}
	#type(type) {
		return {
			...type,
			label: this.text(type.label),
			summary: this.text(type.summary),
			help: this.text(type.help),
			ports: type.ports.map((port) => ({
				...port,
				description: this.text(port.description, type.name)
			})),
			config: this.schema(type.config, type.name)
		};
	}
	#schema(value, type) {
		if (Array.isArray(value)) return value.map((one) => this.#schema(one, type));
		if (!isObject(value)) return value;
		return Object.fromEntries([...this.#labels(value, type), ...Object.entries(value).map(([key, inner]) => {
			if (typeof inner === "string") return [key, key === "title" || key === "description" ? this.text(inner, type) : inner];
			return [key, VALUES.has(key) ? inner : this.#schema(inner, type)];
		})]);
	}
	/** What the values that a field may have are called, beside the values. */
	#labels(schema, type) {
		const labels = [schema["const"], schema["enum"]].flat().filter((one) => typeof one === "string").map((one) => [one, this.text(one, type)]).filter(([one, label]) => one !== label);
		return labels.length === 0 ? [] : [[LABELS$1, Object.fromEntries(labels)]];
	}
};
function patternOf(english, text) {
	const parts = english.split(/\{(\w+)\}/);
	const source = parts.map((part, index) => index % 2 === 0 ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&") : "(.*?)").join("");
	const holes = parts.flatMap((name, index) => index % 2 === 0 ? [] : [{
		name,
		isName: NAMED.has(name) || isQuote(parts[index - 1]?.at(-1)) && isQuote(parts[index + 1]?.at(0))
	}]);
	return {
		fits: new RegExp(`^${source}$`, "s"),
		holes,
		text
	};
}
function isQuote(sign) {
	return sign === "\"" || sign === "'";
}
function literal(english) {
	return english.replaceAll(/\{\w+\}/g, "").length;
}
// src/i18n/said.ts
/** What the engine says, in the language of the page. */
var SaidContext = (0, import_react.createContext)(new EngineTexts());
function useSaid() {
	return (0, import_react.use)(SaidContext);
}
// src/model/document.ts
function parseEndpoint(text) {
	const dot = text.indexOf(".");
	return dot < 0 ? {
		node: text,
		port: null
	} : {
		node: text.slice(0, dot),
		port: text.slice(dot + 1)
	};
}
function endpointText({ node, port }) {
	return port === null ? node : `${node}.${port}`;
}
/** A name for a wire that is the same wherever it is drawn. */
function wireId(wire) {
	return `${wire.from}.${wire.port}>${endpointText(wire.to)}`;
}
function nodesOf(flow) {
	return flow.nodes ?? {};
}
function placeOf(layout, node) {
	return layout.nodes?.[node];
}
/** All wires of a flow, in the order of the document. */
function wiresOf(flow) {
	return Object.entries(nodesOf(flow)).flatMap(([from, node]) => Object.entries(node.wires ?? {}).flatMap(([port, targets]) => targets.map((target) => ({
		from,
		port,
		to: parseEndpoint(target)
	}))));
}
/** The same flow with other nodes. */
function withNodes(sheet, nodes) {
	return {
		...sheet,
		flow: {
			...sheet.flow,
			nodes
		}
	};
}
/** The same layout with nodes put somewhere; places are rounded as the file has them. */
function withPlaces(sheet, places) {
	const rounded = Object.fromEntries(Object.entries(places).map(([id, place]) => [id, {
		...sheet.layout.nodes?.[id],
		...place,
		x: rounded2(place.x),
		y: rounded2(place.y)
	}]));
	return {
		...sheet,
		layout: {
			...sheet.layout,
			nodes: {
				...sheet.layout.nodes,
				...rounded
			}
		}
	};
}
function rounded2(length) {
	return Math.round(length * 100) / 100;
}
var LEAST_HEIGHT = 40;
var LEAST_WIDTH = 100;
var MOST_WIDTH = 260;
var CHARACTER = 7.2;
/** Icon, padding and the room for a count. */
var BESIDE_TEXT = 64;
/** What is written on a node. */
function titleOf(id, node) {
	return node.name !== void 0 && node.name !== "" ? node.name : id;
}
function sizeOf(title, ports) {
	const width = Math.ceil((title.length * CHARACTER + BESIDE_TEXT) / 10) * 10;
	const height = Math.max(LEAST_HEIGHT, Math.ceil(ports * 20 / 10) * 10);
	return {
		width: Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH),
		height
	};
}
var COMMENT_WIDTH = 240;
var COMMENT_CHARACTERS = 36;
var COMMENT_LINE = 17;
var COMMENT_LINES = 12;
/** The size of a comment: room for its words, as far as that is not too much. */
function commentSize(node) {
	const text = node.config?.["text"];
	const lines = (typeof text === "string" && text !== "" ? text.split("\n") : []).reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / COMMENT_CHARACTERS)), 0);
	const shown = Math.min(lines + (node.name !== void 0 || lines === 0 ? 1 : 0), COMMENT_LINES);
	return {
		width: COMMENT_WIDTH,
		height: Math.ceil((shown * COMMENT_LINE + 18) / 10) * 10
	};
}
/** Height at which the port with this number sits, of so many, on a node of some height. */
function portTop(number, of, height) {
	return height / 2 + (number - (of - 1) / 2) * 20;
}
/**
* The ports that messages leave a node by.
*
* @param known Ports of this configuration as the server told them; `undefined` while it was not asked.
*/
function outputsOf(type, node, subflow, known) {
	const wired = Object.keys(node.wires ?? {});
	const named = subflow !== void 0 ? Object.keys(subflow.outputs ?? {}) : (known ?? type?.ports ?? []).map((port) => port.name);
	return [.../* @__PURE__ */ new Set([...named, ...wired])];
}
/** The ports by which messages enter: one without a name, or those of a subflow. */
function inputsOf(id, flow, type, subflow) {
	if (subflow !== void 0) {
		const names = Object.keys(subflow.inputs ?? {});
		return names.length > 1 ? names : names.length === 1 ? [null] : [];
	}
	const isFed = type === void 0 && wiresOf(flow).some((wire) => wire.to.node === id);
	return type?.has_input === true || isFed || type === void 0 && id in nodesOf(flow) ? [null] : [];
}
// src/model/arrange.ts
function snapped(length) {
	return Math.round(length / 10) * 10;
}
/** A place beside what stands there already, so that nodes that are added one after another do not hide each other. */
function freePlace(taken, wanted) {
	const isTaken = ({ x, y }) => taken.some((one) => Math.abs(one.x - x) < 20 && Math.abs(one.y - y) < 20);
	let place = {
		x: snapped(wanted.x),
		y: snapped(wanted.y)
	};
	while (isTaken(place)) place = {
		x: place.x + 20,
		y: place.y + 50
	};
	return place;
}
/** New places for nodes so that they are in line along a side. */
function aligned(nodes, side) {
	const all = [...nodes.values()];
	const left = Math.min(...all.map((one) => one.x));
	const right = Math.max(...all.map((one) => one.x + one.width));
	const top = Math.min(...all.map((one) => one.y));
	const bottom = Math.max(...all.map((one) => one.y + one.height));
	return mapped$1(nodes, (one) => {
		switch (side) {
			case "left": return {
				x: left,
				y: one.y
			};
			case "centre": return {
				x: (left + right - one.width) / 2,
				y: one.y
			};
			case "right": return {
				x: right - one.width,
				y: one.y
			};
			case "top": return {
				x: one.x,
				y: top
			};
			case "middle": return {
				x: one.x,
				y: (top + bottom - one.height) / 2
			};
			case "bottom": return {
				x: one.x,
				y: bottom - one.height
			};
		}
	});
}
/** New places so that the gaps between neighbours are even; the outermost stay. */
function distributed(nodes, direction) {
	const at = direction === "across" ? "x" : "y";
	const size = direction === "across" ? "width" : "height";
	const inOrder = [...nodes].sort(([, one], [, other]) => one[at] - other[at]);
	const first = inOrder[0];
	const last = inOrder.at(-1);
	if (first === void 0 || last === void 0 || inOrder.length < 3) return {};
	const gap = (last[1][at] + last[1][size] - first[1][at] - inOrder.reduce((sum, [, one]) => sum + one[size], 0)) / (inOrder.length - 1);
	let next = first[1][at];
	return Object.fromEntries(inOrder.map(([id, one]) => {
		const place = direction === "across" ? {
			x: next,
			y: one.y
		} : {
			x: one.x,
			y: next
		};
		next += one[size] + gap;
		return [id, place];
	}));
}
function mapped$1(nodes, place) {
	return Object.fromEntries([...nodes].map(([id, one]) => [id, place(one)]));
}
// \0vite/preload-helper.js
var scriptRel = /* @__PURE__ */ (function detectScriptRel() {
	const relList = typeof document !== "undefined" && document.createElement("link").relList;
	return relList && relList.supports && relList.supports("modulepreload") ? "modulepreload" : "preload";
})();
var assetsURL = function(dep) {
	return "/editor/" + dep;
};
var seen = {};
var isCssPreloadUrl = function isCssPreloadUrl(url) {
	return url.pathname.endsWith(".css");
};
var preloadOnce = function preloadOnce(seen, href, preload) {
	if (href in seen) return seen[href];
	const promise = preload();
	if (!promise) {
		seen[href] = void 0;
		return;
	}
	const preloadPromise = promise.then(() => {
		seen[href] = void 0;
	}, (err) => {
		seen[href] = void 0;
		throw err;
	});
	seen[href] = preloadPromise;
	return preloadPromise;
};
var __vitePreload = function preload(baseModule, deps, importerUrl) {
	let promise = Promise.resolve();
	if (deps && deps.length > 0) {
		let preloadedHrefs;
		const cspNonceMeta = document.querySelector("meta[property=csp-nonce]");
		const cspNonce = cspNonceMeta?.nonce || cspNonceMeta?.getAttribute("nonce");
		function allSettled(promises) {
			return Promise.all(promises.map((p) => Promise.resolve(p).then((value) => ({
				status: "fulfilled",
				value
			}), (reason) => ({
				status: "rejected",
				reason
			}))));
		}
		function importMetaResolve(specifier) {
			if (import.meta.resolve) return new URL(import.meta.resolve(specifier));
			return new URL(
				specifier,
				/** #__KEEP__ */
				import.meta.url
			);
		}
		promise = allSettled(deps.map((depString) => {
			depString = assetsURL(depString, importerUrl);
			const dep = importMetaResolve(depString);
			const isCss = isCssPreloadUrl(dep);
			return preloadOnce(seen, dep.href, () => {
				if (preloadedHrefs === void 0) {
					preloadedHrefs = {
						all: /* @__PURE__ */ new Set(),
						styles: /* @__PURE__ */ new Set()
					};
					const links = document.getElementsByTagName("link");
					for (let i = links.length - 1; i >= 0; i--) {
						const link = links[i];
						preloadedHrefs.all.add(link.href);
						if (link.rel === "stylesheet") preloadedHrefs.styles.add(link.href);
					}
				}
				if ((isCss ? preloadedHrefs.styles : preloadedHrefs.all).has(dep.href)) return;
				const link = document.createElement("link");
				link.rel = isCss ? "stylesheet" : scriptRel;
				if (!isCss) link.as = "script";
				link.crossOrigin = "";
				link.href = dep.href;
				if (cspNonce) link.setAttribute("nonce", cspNonce);
				document.head.appendChild(link);
				if (isCss) return new Promise((res, rej) => {
					const handleSettle = (e) => {
						link.removeEventListener("load", handleSettle);
						link.removeEventListener("error", handleSettle);
						if (e.type === "error") rej(/* @__PURE__ */ new Error(`Unable to preload CSS for ${dep}`));
						else res(e);
					};
					link.addEventListener("load", handleSettle);
					link.addEventListener("error", handleSettle);
				});
			});
		}).filter((p) => p !== void 0));
	}
	function handlePreloadError(err) {
		const e = new Event("vite:preloadError", { cancelable: true });
		e.payload = err;
		window.dispatchEvent(e);
		if (!e.defaultPrevented) throw err;
	}
	return promise.then((res) => {
		for (const item of res || []) {
			if (item.status !== "rejected") continue;
			handlePreloadError(item.reason);
		}
		return baseModule().catch(handlePreloadError);
	});
};
// src/pages/pages.ts
/** The pages beside the flows: each is loaded when it is first shown. A new page is one line here. */
var PAGES = [
	{
		name: "devices",
		title: "pages.devices",
		icon: "devices",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./DevicesPage.js"), __vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15])))
	},
	{
		name: "profiles",
		title: "pages.profiles",
		icon: "profiles",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./ProfilesPage.js"), __vite__mapDeps([16,1,2,3,4,5,6,7,8,9,10,17,14,13])))
	},
	{
		name: "commands",
		title: "pages.commands",
		icon: "commands",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./CommandsPage.js"), __vite__mapDeps([18,4,1,2,3,8,5,6,9,10,12,13,14,7,15])))
	},
	{
		name: "firmware",
		title: "pages.firmware",
		icon: "firmware",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./FirmwarePage.js"), __vite__mapDeps([19,1,2,3,4,5,6,7,8,9,10,13,14])))
	},
	{
		name: "rollouts",
		title: "pages.rollouts",
		icon: "rollouts",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./RolloutsPage.js"), __vite__mapDeps([20,1,2,3,4,5,6,7,8,9,10,17,13,15,14])))
	},
	{
		name: "automation",
		title: "pages.automation",
		icon: "automation",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./AutomationPage.js"), __vite__mapDeps([21,1,2,3,4,5,6,7,8,9,10,17,14])))
	},
	{
		name: "audit",
		title: "pages.audit",
		icon: "audit",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./AuditPage.js"), __vite__mapDeps([22,1,2,3,4,5,6,8,9,10,13,15])))
	},
	{
		name: "users",
		title: "pages.users",
		icon: "users",
		role: "admin",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./UsersPage.js"), __vite__mapDeps([23,1,2,3,5,4,6,8,9,10,13])))
	},
	{
		name: "health",
		title: "pages.health",
		icon: "health",
		view: (0, import_react.lazy)(() => __vitePreload(() => import("./HealthPage.js"), __vite__mapDeps([24,1,2,3,4,5,6,8,9,10,13])))
	}
];
// src/model/naming.ts
/** Ids that a person can read: made from a name, never taken twice. */
/** A text as an id: lower case, digits and hyphens. */
function idFrom(text) {
	const id = text.normalize("NFKD").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
	return id === "" ? "node" : id;
}
/** An id that is free: the wanted one, or it with the next number. */
function freeId(wanted, taken) {
	if (!taken.has(wanted)) return wanted;
	const base = wanted.replace(/-\d+$/, "");
	for (let number = 2;; number++) {
		const id = `${base}-${number}`;
		if (!taken.has(id)) return id;
	}
}
// src/model/clipboard.ts
/** Nodes are copied as the JSON of a flow, so that text from anywhere can be pasted and text can be taken anywhere. */
/** The chosen nodes as text, with the groups that are chosen as a whole; wires that lead elsewhere are left out. */
function copied(sheet, chosen) {
	const nodes = Object.entries(nodesOf(sheet.flow)).filter(([id]) => chosen.has(id)).map(([id, node]) => [id, inside(node, (target) => chosen.has(target) ? target : null)]);
	const places = Object.entries(sheet.layout.nodes ?? {}).filter(([id]) => chosen.has(id));
	const groups = Object.entries(sheet.flow.groups ?? {}).filter(([, group]) => isWhole(group, chosen));
	const frames = Object.entries(sheet.layout.groups ?? {}).filter(([id]) => groups.some(([one]) => one === id));
	const clip = {
		flowengine: 1,
		nodes: Object.fromEntries(nodes),
		...groups.length === 0 ? {} : { groups: Object.fromEntries(groups) },
		layout: Object.fromEntries(places),
		...frames.length === 0 ? {} : { frames: Object.fromEntries(frames) }
	};
	return JSON.stringify(clip, null, 2);
}
/** What a text holds: a clip of ours, a whole flow document, or `null` for anything else. */
function read(text) {
	let value;
	try {
		value = JSON.parse(text);
	} catch {
		return null;
	}
	if (!isObject(value) || value["flowengine"] !== 1 || !isObject(value["nodes"])) return null;
	const nodes = value["nodes"];
	const isNode = (node) => isObject(node) && typeof node["type"] === "string";
	if (!Object.values(nodes).every(isNode)) return null;
	const places = isObject(value["layout"]) ? value["layout"] : {};
	const frames = isObject(value["frames"]) ? value["frames"] : {};
	const groups = isObject(value["groups"]) ? value["groups"] : {};
	const isGroup = (group) => isObject(group) && Array.isArray(group["nodes"]);
	if (!Object.values(groups).every(isGroup)) return null;
	return {
		nodes,
		places,
		groups,
		frames
	};
}
/** A whole flow as text, with where everything stands. */
function exported({ flow, layout }) {
	const frames = layout.groups === void 0 ? {} : { frames: layout.groups };
	return JSON.stringify({
		...flow,
		layout: layout.nodes ?? {},
		...frames
	}, null, 2);
}
/** The whole flow that a text holds, with its layout if it was exported with one; `null` for a clip or anything else. */
function flowFrom(text) {
	if (read(text) === null) return null;
	const { layout, frames, ...flow } = JSON.parse(text);
	if (typeof flow["id"] !== "string" || flow["id"] === "") return null;
	const places = isObject(layout) ? { nodes: layout } : {};
	const coloured = isObject(frames) ? { groups: frames } : {};
	return {
		flow,
		layout: {
			flowengine: 1,
			...places,
			...coloured
		}
	};
}
/** A sheet with a clip put in, at a distance from where its nodes stood; ids that are taken are changed. */
function pasted(sheet, clip, move) {
	const taken = new Set(Object.keys(nodesOf(sheet.flow)));
	const ids = /* @__PURE__ */ new Map();
	for (const id of Object.keys(clip.nodes)) {
		const free = freeId(id, taken);
		taken.add(free);
		ids.set(id, free);
	}
	const nodes = { ...nodesOf(sheet.flow) };
	const places = { ...sheet.layout.nodes };
	for (const [id, node] of Object.entries(clip.nodes)) {
		const free = ids.get(id) ?? id;
		nodes[free] = inside(node, (target) => ids.get(target) ?? null);
		const place = clip.places[id];
		if (place !== void 0) places[free] = {
			...place,
			x: place.x + move.x,
			y: place.y + move.y
		};
	}
	return {
		sheet: withGroups$1({
			flow: {
				...sheet.flow,
				nodes
			},
			layout: {
				...sheet.layout,
				nodes: places
			}
		}, clip, ids, move),
		ids
	};
}
function withGroups$1(sheet, clip, ids, move) {
	const groups = { ...sheet.flow.groups };
	const frames = { ...sheet.layout.groups };
	for (const [id, group] of Object.entries(clip.groups)) {
		const nodes = (group.nodes ?? []).flatMap((node) => ids.get(node) ?? []);
		if (nodes.length > 0) {
			const free = freeId(id, new Set(Object.keys(groups)));
			groups[free] = {
				...group,
				nodes
			};
			const frame = clip.frames[id];
			if (frame !== void 0) frames[free] = {
				...frame,
				x: frame.x + move.x,
				y: frame.y + move.y
			};
		}
	}
	return {
		flow: Object.keys(groups).length === 0 ? sheet.flow : {
			...sheet.flow,
			groups
		},
		layout: Object.keys(frames).length === 0 ? sheet.layout : {
			...sheet.layout,
			groups: frames
		}
	};
}
function isWhole(group, chosen) {
	const nodes = group.nodes ?? [];
	return nodes.length > 0 && nodes.every((node) => chosen.has(node));
}
/** A node whose wires lead where a function says, or nowhere. */
function inside(node, where) {
	const { wires, ...rest } = node;
	const left = Object.entries(wires ?? {}).map(([port, targets]) => {
		return [port, targets.flatMap((target) => {
			const end = parseEndpoint(target);
			const to = where(end.node);
			return to === null ? [] : [endpointText({
				node: to,
				port: end.port
			})];
		})];
	}).filter(([, targets]) => targets.length > 0);
	return left.length === 0 ? rest : {
		...rest,
		wires: Object.fromEntries(left)
	};
}
// src/model/wiring.ts
/** Wires are made, moved and cut; a document that has no wires at a port does not name the port. */
function connected(sheet, wire) {
	return changed$1(sheet, wire, (targets, target) => targets.includes(target) ? targets : [...targets, target]);
}
function disconnected(sheet, wire) {
	return changed$1(sheet, wire, (targets, target) => targets.filter((one) => one !== target));
}
/** Put a node into a wire: what came along it goes through the node. */
function spliced(sheet, wire, node, port) {
	return connected(connected(disconnected(sheet, wire), {
		...wire,
		to: {
			node,
			port: null
		}
	}), {
		from: node,
		port,
		to: wire.to
	});
}
/** Take nodes away with their wires; with `heal`, what came into each goes on to where its wires led. */
function withoutNodes(sheet, gone, heal = false) {
	const nodes = nodesOf(sheet.flow);
	const onwards = (target, seen) => {
		const { node } = parseEndpoint(target);
		if (!gone.has(node)) return [target];
		if (!heal || seen.has(node)) return [];
		return Object.values(nodes[node]?.wires ?? {}).flat().flatMap((one) => onwards(one, /* @__PURE__ */ new Set([...seen, node])));
	};
	const left = Object.entries(nodes).filter(([id]) => !gone.has(id)).map(([id, node]) => {
		return [id, Object.values(node.wires ?? {}).some((targets) => targets.some((target) => gone.has(parseEndpoint(target).node))) ? rewired(node, (targets) => [...new Set(targets.flatMap((one) => onwards(one, /* @__PURE__ */ new Set())))]) : node];
	});
	return withoutTraces(withNodes(sheet, Object.fromEntries(left)), gone);
}
/** Whether a wire would lead a node to itself or is there already. */
function canConnect(sheet, wire) {
	const nodes = nodesOf(sheet.flow);
	const targets = nodes[wire.from]?.wires?.[wire.port] ?? [];
	return wire.from !== wire.to.node && wire.to.node in nodes && !targets.includes(endpointText(wire.to));
}
function changed$1(sheet, wire, change) {
	const nodes = nodesOf(sheet.flow);
	const node = nodes[wire.from];
	if (node === void 0) return sheet;
	const targets = change(node.wires?.[wire.port] ?? [], endpointText(wire.to));
	return withNodes(sheet, {
		...nodes,
		[wire.from]: tidied({
			...node,
			wires: {
				...node.wires,
				[wire.port]: targets
			}
		})
	});
}
function rewired(node, change) {
	const wires = Object.entries(node.wires ?? {}).map(([port, targets]) => [port, change(targets)]);
	return tidied({
		...node,
		wires: Object.fromEntries(wires)
	});
}
function tidied(node) {
	const { wires, ...rest } = node;
	const left = Object.entries(wires ?? {}).filter(([, targets]) => targets.length > 0);
	return left.length === 0 ? rest : {
		...rest,
		wires: Object.fromEntries(left)
	};
}
/** Take nodes out of groups, of a subflow's ports and of the layout; a group without nodes goes too. */
function withoutTraces(sheet, gone) {
	const keep = (target) => !gone.has(parseEndpoint(target).node);
	const { groups, inputs, outputs, ...flow } = sheet.flow;
	const left = Object.entries(groups ?? {}).map(([id, group]) => [id, {
		...group,
		nodes: (group.nodes ?? []).filter((node) => !gone.has(node))
	}]).filter(([, group]) => group.nodes.length > 0);
	const places = Object.entries(sheet.layout.nodes ?? {}).filter(([id]) => !gone.has(id));
	return {
		flow: {
			...flow,
			...groups === void 0 || left.length === 0 ? {} : { groups: Object.fromEntries(left) },
			...inputs === void 0 ? {} : { inputs: mapped(inputs, (one) => ({
				...one,
				targets: one.targets.filter(keep)
			})) },
			...outputs === void 0 ? {} : { outputs: mapped(outputs, (one) => ({
				...one,
				sources: one.sources.filter(keep)
			})) }
		},
		layout: {
			...sheet.layout,
			nodes: Object.fromEntries(places)
		}
	};
}
function mapped(record, change) {
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
// src/shell/actions.ts
function addNode(flow, type, place, t, joint = null) {
	const id = freeId(idFrom(type.name), new Set(Object.keys(nodesOf(flow.sheet.flow))));
	flow.edit(t("edit.add", { type: type.label }), (sheet) => {
		const put = {
			x: snapped(place.x),
			y: snapped(place.y)
		};
		const added = withPlaces(withNodes(sheet, {
			...nodesOf(sheet.flow),
			[id]: { type: type.name }
		}), { [id]: put });
		return joint === null ? added : joined$1(added, id, type.ports[0]?.name, joint);
	});
	flow.select(/* @__PURE__ */ new Set([id]));
	return id;
}
function joined$1(sheet, id, port, joint) {
	switch (joint.kind) {
		case "after": return connected(sheet, {
			from: joint.node,
			port: joint.port,
			to: {
				node: id,
				port: null
			}
		});
		case "before": return port === void 0 ? sheet : connected(sheet, {
			from: id,
			port,
			to: {
				node: joint.node,
				port: joint.port
			}
		});
		case "into": return port === void 0 ? sheet : spliced(sheet, joint.wire, id, port);
	}
}
/** Put a node that stands on a wire into it. */
function splice(flow, node, port, wire, t, places) {
	flow.edit(t("edit.splice"), (sheet) => spliced(withPlaces(sheet, places), wire, node, port));
}
function cut(flow, wires, t) {
	flow.edit(t("edit.slice"), (sheet) => wires.reduce(disconnected, sheet));
}
/** Delete what is chosen, nodes and wires; with `heal`, wires lead past the nodes that go. */
function removeChosen(flow, t, heal = false) {
	const { selection, wireSelection } = flow;
	flow.edit(t("edit.delete"), (sheet) => {
		const without = wiresOf(sheet.flow).filter((wire) => wireSelection.has(wireId(wire))).reduce(disconnected, sheet);
		return selection.size === 0 ? without : withoutNodes(without, selection, heal);
	});
	flow.select(/* @__PURE__ */ new Set());
}
/** Move nodes by a distance. */
function nudge(flow, by, t) {
	flow.edit(t("edit.move"), (sheet) => withPlaces(sheet, Object.fromEntries([...flow.selection].map((id) => {
		const place = placeOf(sheet.layout, id) ?? {
			x: 0,
			y: 0
		};
		return [id, {
			x: place.x + by.x,
			y: place.y + by.y
		}];
	}))));
}
/** Disable the chosen nodes, or enable them if all are disabled. */
function toggleChosen(flow, t) {
	const isOff = [...flow.selection].every((id) => nodesOf(flow.sheet.flow)[id]?.disabled === true);
	flow.edit(isOff ? t("edit.enable") : t("edit.disable"), (sheet) => withNodes(sheet, mappedNodes(sheet, flow.selection, ({ disabled: _old, ...node }) => isOff ? node : {
		...node,
		disabled: true
	})));
}
/** Join chosen nodes in a row, from left to right, each by its first port. */
function wireChosen(flow, drawing, t) {
	const row = drawing.nodes.filter((node) => flow.selection.has(node.id)).sort((one, other) => one.x - other.x);
	flow.edit(t("edit.connect"), (sheet) => row.reduce((made, node, index) => {
		const next = row[index + 1];
		const port = node.outputs[0];
		if (next === void 0 || port === void 0 || next.inputs.length === 0) return made;
		const wire = {
			from: node.id,
			port,
			to: {
				node: next.id,
				port: next.inputs[0] ?? null
			}
		};
		return canConnect(made, wire) ? connected(made, wire) : made;
	}, sheet));
}
function configure(flow, id, config, t) {
	change(flow, id, t, (node) => {
		const { config: _old, ...rest } = node;
		return Object.keys(config).length === 0 ? rest : {
			...rest,
			config
		};
	});
}
function rename(flow, id, name, t) {
	change(flow, id, t, (node) => {
		const { name: _old, ...rest } = node;
		return name === "" ? rest : {
			...rest,
			name
		};
	});
}
/** Put nodes from a text where the pointer is, or a little beside where they stood; false if it holds none. */
function pasteText(flow, text, t, at = null) {
	const clip = read(text);
	if (clip === null) return false;
	const places = Object.values(clip.places);
	const left = Math.min(...places.map((place) => place.x));
	const top = Math.min(...places.map((place) => place.y));
	const move = at === null || places.length === 0 ? {
		x: 40,
		y: 40
	} : {
		x: snapped(at.x - left),
		y: snapped(at.y - top)
	};
	const put = pasted(flow.sheet, clip, move);
	flow.edit(t("edit.paste"), () => put.sheet);
	flow.select(new Set(put.ids.values()));
	return true;
}
function mappedNodes(sheet, chosen, edit) {
	const nodes = Object.entries(nodesOf(sheet.flow));
	return Object.fromEntries(nodes.map(([id, node]) => [id, chosen.has(id) ? edit(node) : node]));
}
function change(flow, id, t, edit) {
	flow.edit(t("edit.configure", { node: id }), (sheet) => {
		const node = nodesOf(sheet.flow)[id];
		return node === void 0 ? sheet : withNodes(sheet, {
			...nodesOf(sheet.flow),
			[id]: edit(node)
		});
	});
}
// src/theme/theme.ts
/** Light, dark, or as the system is. */
var KEPT$3 = "flowengine.theme";
var ORDER = [
	"system",
	"light",
	"dark"
];
function applyTheme() {
	document.documentElement.dataset["theme"] = kept$1();
}
function switchTheme() {
	const next = ORDER[(ORDER.indexOf(kept$1()) + 1) % ORDER.length] ?? "system";
	localStorage.setItem(KEPT$3, next);
	applyTheme();
}
function kept$1() {
	const theme = localStorage.getItem(KEPT$3);
	return theme === "light" || theme === "dark" ? theme : "system";
}
// src/shell/Appearance.tsx
/** How the page looks: its language, and light or dark. In the bar where there is room, else in a menu. */
var import_jsx_runtime = require_jsx_runtime();
function Appearance({ isInMenu = false }) {
	const { t, language, choose } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: isInMenu ? "appearance is-in-menu" : "appearance",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: () => {
				choose(language === "en" ? "zh" : "en");
			},
			children: t("language.switch")
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			className: isInMenu ? "" : "icon-button",
			"aria-label": t("theme.switch"),
			title: t("theme.switch"),
			onClick: switchTheme,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "theme" }),
				" ",
				isInMenu && t("theme.switch")
			]
		})]
	});
}
// src/model/signal.ts
/** Tells those who watch that something changed; they look for themselves what. */
var Signal = class {
	#listeners = /* @__PURE__ */ new Set();
	#version = 0;
	/** Grows with every change: what a view compares. */
	get version() {
		return this.#version;
	}
	subscribe = (listener) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};
	tell() {
		this.#version++;
		for (const listener of [...this.#listeners]) listener();
	}
};
// src/model/shortcuts.ts
/** Keys of commands, as people read them ("Mod+Shift+P"), with the changes that a person made to them. */
var MODIFIERS = /* @__PURE__ */ new Set([
	"Control",
	"Meta",
	"Shift",
	"Alt",
	"AltGraph"
]);
/** The keys of a stroke in their one spelling; `null` while only modifiers are held. "Mod" is Ctrl or the command key. */
function chordOf(stroke) {
	if (MODIFIERS.has(stroke.key)) return null;
	const isSign = stroke.key.length === 1 && stroke.key.toLowerCase() === stroke.key.toUpperCase();
	const key = stroke.key === " " ? "Space" : stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key;
	return [
		stroke.ctrlKey || stroke.metaKey ? "Mod" : "",
		stroke.altKey ? "Alt" : "",
		stroke.shiftKey && (!isSign || stroke.key === " ") ? "Shift" : "",
		key
	].filter(Boolean).join("+");
}
var SHOWN = {
	ArrowUp: "↑",
	ArrowDown: "↓",
	ArrowLeft: "←",
	ArrowRight: "→",
	Delete: "Del",
	Escape: "Esc"
};
/** Keys as a person finds them on the keyboard. */
function shownChord(chord, isMac) {
	return chord.split(/\+(?=.)/).map((part) => part === "Mod" ? isMac ? "⌘" : "Ctrl" : SHOWN[part] ?? part).join(isMac ? " " : "+");
}
var KEPT$2 = "flowengine.keys";
/** Which keys each command has: its own, unless a person chose others. */
var KeyMap = class {
	defaults;
	storage;
	changed = new Signal();
	#chosen = /* @__PURE__ */ new Map();
	constructor(defaults, storage) {
		this.defaults = defaults;
		this.storage = storage;
		for (const [id, keys] of Object.entries(kept(storage))) if (defaults.has(id) && Array.isArray(keys)) this.#chosen.set(id, keys.filter((key) => typeof key === "string"));
	}
	keysOf(id) {
		return this.#chosen.get(id) ?? this.defaults.get(id) ?? [];
	}
	isChosen(id) {
		return this.#chosen.has(id);
	}
	/** The commands that a stroke may mean; which of them depends on what is possible. */
	meaning(chord) {
		return [...this.defaults.keys()].filter((id) => this.keysOf(id).includes(chord));
	}
	choose(id, keys) {
		this.#chosen.set(id, keys);
		this.#keep();
	}
	reset(id) {
		this.#chosen.delete(id);
		this.#keep();
	}
	#keep() {
		this.storage.setItem(KEPT$2, JSON.stringify(Object.fromEntries(this.#chosen)));
		this.changed.tell();
	}
};
function kept(storage) {
	try {
		const value = JSON.parse(storage.getItem(KEPT$2) ?? "{}");
		return isObject(value) ? value : {};
	} catch {
		return {};
	}
}
// node_modules/elkjs/lib/elk-worker.min.js?url
var elk_worker_min_default = "/editor/elk-worker.min.js";
// src/model/crossing.ts
var PIECES$1 = 16;
/** How far beside a wire a node still counts as on it, beyond its own half. */
var NEAR = 6;
/** How far a curve bows out, as the canvas draws it. */
var CURVATURE = .25;
/** The wires that a straight line cuts. */
function cutBy(drawing, from, to) {
	const nodes = byId(drawing);
	return drawing.wires.filter((wire) => {
		const points = course(wire, nodes);
		return points.some((point, index) => index > 0 && meet(points[index - 1] ?? point, point, from, to));
	});
}
/** The wire that a box lies on, so that what stands there can be put into it; the one nearest to its middle. */
function wireUnder(drawing, box, except) {
	const nodes = byId(drawing);
	const middle = {
		x: box.x + box.width / 2,
		y: box.y + box.height / 2
	};
	let best = null;
	let least = box.height / 2 + NEAR;
	for (const wire of drawing.wires) {
		if (wire.wire.from === except || wire.wire.to.node === except) continue;
		const points = isNear(wire, nodes, middle) ? course(wire, nodes) : [];
		points.forEach((point, index) => {
			const before = points[index - 1];
			const far = before === void 0 ? Infinity : distance(middle, before, point);
			if (far < least) [best, least] = [wire, far];
		});
	}
	return best;
}
var known$1 = /* @__PURE__ */ new WeakMap();
/** The nodes of a drawing by id, made once: a drag asks with every step. */
function byId(drawing) {
	let nodes = known$1.get(drawing);
	if (nodes === void 0) {
		nodes = new Map(drawing.nodes.map((node) => [node.id, node]));
		known$1.set(drawing, nodes);
	}
	return nodes;
}
/** Whether a wire may come near a point at all: cheap, so that most wires are not looked at closely. */
function isNear({ wire }, nodes, point) {
	const from = nodes.get(wire.from);
	const to = nodes.get(wire.to.node);
	if (from === void 0 || to === void 0) return false;
	const top = Math.min(from.y, to.y);
	const bottom = Math.max(from.y + from.size.height, to.y + to.size.height);
	const bow = from.size.width + CURVATURE * 25 * Math.sqrt(Math.abs(to.x - from.x)) + to.size.width;
	return !(point.x < Math.min(from.x, to.x) - bow || point.x > Math.max(from.x, to.x) + bow) && point.y >= top && point.y <= bottom;
}
function course({ wire }, nodes) {
	const ends = endsOf(wire, nodes);
	return ends === null ? [] : curve(ends.start, ends.end, PIECES$1);
}
/** Where a wire is drawn from and to; `null` if a node is not there. */
function endsOf(wire, nodes) {
	const from = nodes.get(wire.from);
	const to = nodes.get(wire.to.node);
	if (from === void 0 || to === void 0) return null;
	return {
		start: {
			x: from.x + from.size.width + 5,
			y: from.y + portTop(Math.max(from.outputs.indexOf(wire.port), 0), from.outputs.length, from.size.height)
		},
		end: {
			x: to.x - 5,
			y: to.y + portTop(Math.max(to.inputs.indexOf(wire.to.port), 0), Math.max(to.inputs.length, 1), to.size.height)
		}
	};
}
/** Points along the curve that is drawn between two. */
function curve(start, end, pieces) {
	const apart = end.x - start.x;
	const bow = apart >= 0 ? apart / 2 : CURVATURE * 25 * Math.sqrt(-apart);
	return Array.from({ length: pieces + 1 }, (_, piece) => {
		const t = piece / pieces;
		const [a, b, c, d] = [
			(1 - t) ** 3,
			3 * (1 - t) ** 2 * t,
			3 * (1 - t) * t ** 2,
			t ** 3
		];
		return {
			x: a * start.x + b * (start.x + bow) + c * (end.x - bow) + d * end.x,
			y: (a + b) * start.y + (c + d) * end.y
		};
	});
}
function meet(a, b, c, d) {
	return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}
function side(a, b, c) {
	return (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
}
function distance(point, a, b) {
	const [dx, dy] = [b.x - a.x, b.y - a.y];
	const length = dx * dx + dy * dy;
	const along = length === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / length;
	const t = Math.min(Math.max(along, 0), 1);
	return Math.hypot(point.x - a.x - t * dx, point.y - a.y - t * dy);
}
/** The frames of all groups that have a node, around where their nodes stand. */
function framesOf(sheet, boxes) {
	return Object.entries(sheet.flow.groups ?? {}).flatMap(([id, group]) => {
		const inside = (group.nodes ?? []).flatMap((node) => boxes.get(node) ?? []);
		if (inside.length === 0) return [];
		const x = Math.min(...inside.map((box) => box.x)) - 20;
		const y = Math.min(...inside.map((box) => box.y)) - 20 - 24;
		return [{
			id,
			name: group.name ?? "",
			colour: sheet.layout.groups?.[id]?.colour ?? null,
			nodes: group.nodes ?? [],
			x,
			y,
			width: Math.max(...inside.map((box) => box.x + box.width)) + 20 - x,
			height: Math.max(...inside.map((box) => box.y + box.height)) + 20 - y
		}];
	});
}
function boxesOf(drawing) {
	return new Map(drawing.nodes.map((node) => [node.id, {
		x: node.x,
		y: node.y,
		...node.size
	}]));
}
/** A frame around nodes, which leave the groups that they are in. */
function grouped(sheet, nodes, name) {
	const left = without(sheet, nodes);
	const groups = left.flow.groups ?? {};
	const id = freeId("group", new Set(Object.keys(groups)));
	const group = name === "" ? { nodes: [...nodes] } : {
		name,
		nodes: [...nodes]
	};
	return {
		sheet: {
			...left,
			flow: {
				...left.flow,
				groups: {
					...groups,
					[id]: group
				}
			}
		},
		id
	};
}
/** The groups that have any of some nodes. */
function groupsWith(flow, nodes) {
	return Object.entries(flow.groups ?? {}).filter(([, group]) => (group.nodes ?? []).some((node) => nodes.has(node))).map(([id]) => id);
}
/** Take frames away; their nodes stay. */
function ungrouped(sheet, ids) {
	const gone = new Set(ids);
	return {
		flow: withGroups(sheet.flow, entriesWithout(sheet.flow.groups, gone)),
		layout: tidiedLayout(sheet, entriesWithout(sheet.layout.groups, gone))
	};
}
/** Take nodes out of their groups; a group without nodes goes too. */
function without(sheet, nodes) {
	const before = sheet.flow.groups ?? {};
	const emptied = Object.keys(before).filter((id) => (before[id]?.nodes ?? []).every((node) => nodes.has(node)));
	const thinned = Object.fromEntries(Object.entries(before).map(([id, group]) => [id, {
		...group,
		nodes: (group.nodes ?? []).filter((node) => !nodes.has(node))
	}]));
	return ungrouped({
		...sheet,
		flow: withGroups(sheet.flow, thinned)
	}, emptied);
}
/** Give a frame a name and a colour; `null` for the colour that all have. */
function labelled(sheet, id, name, colour, box) {
	const group = sheet.flow.groups?.[id];
	if (group === void 0) return sheet;
	const { name: _old, ...rest } = group;
	const place = {
		x: box.x,
		y: box.y,
		width: box.width,
		height: box.height
	};
	return {
		flow: withGroups(sheet.flow, {
			...sheet.flow.groups,
			[id]: name === "" ? rest : {
				...rest,
				name
			}
		}),
		layout: tidiedLayout(sheet, {
			...entriesWithout(sheet.layout.groups, /* @__PURE__ */ new Set([id])),
			...colour === null ? {} : { [id]: {
				...place,
				colour
			} }
		})
	};
}
function withGroups(flow, groups) {
	const { groups: _old, ...rest } = flow;
	return Object.keys(groups).length === 0 ? rest : {
		...rest,
		groups
	};
}
function tidiedLayout(sheet, groups) {
	const { groups: _old, ...rest } = sheet.layout;
	return Object.keys(groups).length === 0 ? rest : {
		...rest,
		groups
	};
}
function entriesWithout(record, gone) {
	return Object.fromEntries(Object.entries(record ?? {}).filter(([id]) => !gone.has(id)));
}
// src/model/clearing.ts
/** Nodes make way for wires: after an automatic layout, no wire should run behind a node that it does not belong to. */
/** How far a wire keeps away from a node. */
var CLEAR = 8;
/** How far a node that makes way keeps away from others. */
var GAP$1 = 20;
/** What a wire behind a node weighs against the way that nodes move and wires climb. */
var HIDDEN = 2e4;
var PIECES = 48;
/** How much is looked at in all, so that a large flow is not waited for: what is left stays as it is. */
var MOST_LOOKS = 1e7;
var LOOKS_AT_A_TIME = 5e4;
/**
* Places at which nodes are out of the way of wires, as far as such are found: some nodes move up or down.
*
* @param pause Waits while others have their turn: a large flow takes seconds.
*/
async function cleared(drawing, places, groups, pause) {
	const scene = new Scene(drawing, places, groups ?? {});
	await settled(scene, pause);
	for (let isBetter = true; isBetter;) {
		isBetter = false;
		for (const passage of scene.hidden()) isBetter = await isFreed(scene, passage, pause) || isBetter;
	}
	return scene.places();
}
/** Move nodes as long as a single move makes it better. */
async function settled(scene, pause) {
	for (let isBetter = true; isBetter;) {
		isBetter = false;
		for (const passage of scene.passages) if (scene.isHidden(passage)) {
			const best = scene.isTired ? void 0 : scene.ways(passage).find(({ gain, moves }) => gain > 0 && scene.keepsFrames(moves));
			if (best !== void 0) {
				scene.move(best.moves);
				isBetter = true;
			}
			if (scene.mayRest()) await pause();
		}
	}
}
/** Bring a wire and a node apart where it takes several moves, of which the first makes it worse. */
async function isFreed(scene, passage, pause) {
	const before = scene.hidden().length;
	const boxes = scene.boxes;
	for (const { moves } of scene.isHidden(passage) ? scene.ways(passage) : []) if (!scene.isTired && scene.keepsFrames(moves)) {
		scene.move(moves);
		await settled(scene, pause);
		if (scene.hidden().length < before) return true;
		scene.boxes = boxes;
	}
	return false;
}
var Scene = class {
	looks = 0;
	#rested = 0;
	passages = [];
	boxes;
	#inColumn = /* @__PURE__ */ new Map();
	#linesOf = /* @__PURE__ */ new Map();
	#passagesOf = /* @__PURE__ */ new Map();
	#flow;
	constructor(drawing, places, groups) {
		this.#flow = {
			flowengine: 1,
			id: "",
			nodes: {},
			groups
		};
		const nodes = new Map(drawing.nodes.map((node) => [node.id, {
			...node,
			...places[node.id]
		}]));
		const boxes = [...nodes].map(([id, { x, y, size }]) => [id, {
			x,
			y,
			...size
		}]);
		this.boxes = new Map(boxes);
		for (const [id, { x, width }] of boxes) {
			const beside = boxes.filter(([other, box]) => other !== id && x < box.x + box.width + GAP$1 && box.x < x + width + GAP$1);
			this.#inColumn.set(id, beside.map(([other]) => other));
		}
		for (const { wire } of drawing.wires) {
			const ends = endsOf(wire, nodes);
			if (ends !== null) {
				const { start, end } = ends;
				const { from, to } = {
					from: wire.from,
					to: wire.to.node
				};
				const line = {
					from,
					to,
					leaves: start.y - this.#top(from),
					enters: end.y - this.#top(to),
					passages: []
				};
				this.#addLine(line, curve({
					x: start.x,
					y: 0
				}, {
					x: end.x,
					y: 1
				}, PIECES));
			}
		}
	}
	/** Whether it has looked enough. */
	get isTired() {
		return this.looks > MOST_LOOKS;
	}
	/** Whether it has looked for a while since the last rest. */
	mayRest() {
		const isDue = this.looks - this.#rested > LOOKS_AT_A_TIME;
		this.#rested = isDue ? this.looks : this.#rested;
		return isDue;
	}
	places() {
		return Object.fromEntries([...this.boxes].map(([id, { x, y }]) => [id, {
			x,
			y
		}]));
	}
	isHidden(passage, moves) {
		this.looks++;
		const [top, bottom] = this.#span(passage, moves);
		const box = this.boxes.get(passage.node);
		const y = this.#top(passage.node, moves);
		return box !== void 0 && top < y + box.height + CLEAR && bottom > y - CLEAR;
	}
	hidden() {
		return this.passages.filter((passage) => this.isHidden(passage));
	}
	/** Moves that bring a node and a wire apart, what helps most first. */
	ways(passage) {
		const { line, node } = passage;
		const [top, bottom] = this.#span(passage);
		const y = this.#top(node);
		return [snappedOut(bottom + CLEAR - y), snappedOut(top - CLEAR - y - (this.boxes.get(node)?.height ?? 0))].flatMap((way) => [
			{
				ids: [node],
				by: way
			},
			{
				ids: [line.from, line.to],
				by: -way
			},
			...[line.from, line.to].flatMap((end) => [-way, -2 * way].map((by) => ({
				ids: [end],
				by
			})))
		]).map(({ ids, by }) => this.#pushed(ids, by)).map((moves) => ({
			moves,
			gain: this.#gain(moves)
		})).sort((one, other) => other.gain - one.gain);
	}
	move(moves) {
		this.boxes = new Map([...this.boxes, ...this.#moved(moves)]);
	}
	#addLine(line, points) {
		for (const id of /* @__PURE__ */ new Set([line.from, line.to])) listed(this.#linesOf, id).push(line);
		const across = points.map(({ x }) => x);
		const [left, right] = [Math.min(...across), Math.max(...across)];
		for (const [node, { x, width }] of this.boxes) {
			const parts = x > right || x + width < left || node === line.from || node === line.to ? null : partsBetween(points, x, x + width);
			if (parts !== null) {
				const passage = {
					line,
					node,
					parts
				};
				this.passages.push(passage);
				line.passages.push(passage);
				listed(this.#passagesOf, node).push(passage);
			}
		}
	}
	#top(id, moves) {
		return (this.boxes.get(id)?.y ?? 0) + (moves?.get(id) ?? 0);
	}
	/** Between which heights a wire is where it passes a node. */
	#span({ line, parts }, moves) {
		const start = this.#top(line.from, moves) + line.leaves;
		const climb = this.#top(line.to, moves) + line.enters - start;
		const [one, other] = [start + parts[0] * climb, start + parts[1] * climb];
		return one < other ? [one, other] : [other, one];
	}
	/** How far which nodes move when some do and push those in front of them. */
	#pushed(ids, by) {
		const moves = new Map(ids.map((id) => [id, by]));
		const left = [...ids];
		for (let id = left.shift(); id !== void 0; id = left.shift()) {
			const box = this.boxes.get(id);
			for (const other of this.#inColumn.get(id) ?? []) {
				const beside = this.boxes.get(other);
				this.looks++;
				if (box === void 0 || beside === void 0 || (middle(beside) - middle(box)) * by < 0) continue;
				const y = this.#top(id, moves);
				const there = this.#top(other, moves);
				if (y < there + beside.height + GAP$1 && there < y + box.height + GAP$1) {
					moves.set(other, snappedOut(by > 0 ? y + box.height + GAP$1 - beside.y : y - GAP$1 - beside.height - beside.y));
					left.push(other);
				}
			}
		}
		return moves;
	}
	/** How much better it is with some moves: fewer wires that are hidden, and less way. */
	#gain(moves) {
		const lines = new Set([...moves.keys()].flatMap((id) => this.#linesOf.get(id) ?? []));
		const passages = new Set([...moves.keys()].flatMap((id) => this.#passagesOf.get(id) ?? []));
		let gain = 0;
		for (const line of lines) {
			gain += this.#climb(line) - this.#climb(line, moves);
			for (const passage of line.passages) passages.add(passage);
		}
		for (const passage of passages) gain += HIDDEN * (Number(this.isHidden(passage)) - Number(this.isHidden(passage, moves)));
		for (const by of moves.values()) gain -= Math.abs(by);
		return gain;
	}
	#climb(line, moves) {
		return Math.abs(this.#top(line.to, moves) + line.enters - this.#top(line.from, moves) - line.leaves);
	}
	#moved(moves) {
		const boxes = /* @__PURE__ */ new Map();
		for (const [id, by] of moves) {
			const box = this.boxes.get(id);
			if (box !== void 0) boxes.set(id, {
				...box,
				y: box.y + by
			});
		}
		return boxes;
	}
	/** Whether all frames have room, and nothing but what belongs to them. */
	keepsFrames(moves) {
		const moved = this.#moved(moves);
		const boxes = new Map([...this.boxes, ...moved]);
		const frames = framesOf({
			flow: this.#flow,
			layout: { flowengine: 1 }
		}, boxes);
		return frames.every((frame) => {
			const inside = new Set(frame.nodes);
			const grows = frame.nodes.some((id) => moved.has(id));
			this.looks += grows ? boxes.size : moved.size;
			return frames.every((other) => !grows || other === frame || !overlap(frame, other)) && [...grows ? boxes : moved].every(([id, box]) => inside.has(id) || !overlap(frame, box));
		});
	}
};
/** Which parts of its climb a wire has behind it between two sides; `null` if it is not there. */
function partsBetween(points, left, right) {
	const found = [];
	points.forEach((point, index) => {
		const before = points[index - 1] ?? point;
		if (point.x >= left && point.x <= right) found.push(point.y);
		for (const side of [left, right]) if (before.x < side !== point.x < side) found.push(before.y + (point.y - before.y) * (side - before.x) / (point.x - before.x));
	});
	return found.length === 0 ? null : [Math.min(...found), Math.max(...found)];
}
function listed(lists, key) {
	const list = lists.get(key) ?? [];
	lists.set(key, list);
	return list;
}
function middle(box) {
	return box.y + box.height / 2;
}
function overlap(one, other) {
	return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
}
/** A way that is on the grid, and no shorter. */
function snappedOut(length) {
	return Math.sign(length) * Math.ceil(Math.abs(length) / 10) * 10;
}
// src/model/layout_graph.ts
var BASIC = {
	"elk.algorithm": "layered",
	"elk.direction": "RIGHT",
	"elk.edgeRouting": "SPLINES",
	"elk.spacing.nodeNode": "30",
	"elk.spacing.edgeNode": "20",
	"elk.layered.spacing.nodeNodeBetweenLayers": "80",
	"elk.separateConnectedComponents": "true",
	"elk.spacing.componentComponent": "40"
};
var OPTIONS = {
	...BASIC,
	"elk.layered.considerModelOrder.strategy": "PREFER_EDGES"
};
var WITH_GROUPS = {
	...BASIC,
	"elk.hierarchyHandling": "INCLUDE_CHILDREN"
};
var IN_GROUP = {
	...BASIC,
	"elk.padding": `[top=44,left=20,bottom=20,right=20]`
};
/** Places for all nodes that are drawn: those of a group stay together, and wires keep clear of nodes they do not belong to. */
async function laidOutBy(elk, drawing, groups) {
	return cleared(drawing, placesOf(await elk.layout(layoutGraph(drawing, groups))), groups, pause);
}
function layoutGraph(drawing, groups = {}) {
	const drawn = new Map(drawing.nodes.map((node) => [node.id, node]));
	const boxes = new Map(drawing.nodes.map((node) => [node.id, boxOf(node)]));
	const grouped = Object.entries(groups).flatMap(([id, group]) => {
		const inside = (group.nodes ?? []).flatMap((node) => boxes.get(node) ?? []);
		for (const box of inside) boxes.delete(box.id);
		return inside.length === 0 ? [] : [{
			id: groupId(id),
			layoutOptions: IN_GROUP,
			children: inside
		}];
	});
	return {
		id: "flow",
		layoutOptions: grouped.length === 0 ? OPTIONS : WITH_GROUPS,
		children: [...grouped, ...boxes.values()],
		edges: drawing.wires.map(({ id, wire }) => ({
			id,
			sources: [sourceOf(wire, drawn)],
			targets: [targetOf(wire, drawn)]
		}))
	};
}
/** A node with its ports where they are drawn, so that wires are laid out from where they begin to where they end. */
function boxOf({ id, size, inputs, outputs }) {
	const port = (name, x, number, of, side) => ({
		id: name,
		x,
		y: portTop(number, of, size.height),
		width: 0,
		height: 0,
		layoutOptions: { "elk.port.side": side }
	});
	const entries = Math.max(inputs.length, 1);
	return {
		id,
		width: size.width,
		height: size.height,
		layoutOptions: { "elk.portConstraints": "FIXED_POS" },
		ports: [...Array.from({ length: entries }, (_, number) => port(inputId(id, number), 0, number, entries, "WEST")), ...outputs.map((_, number) => port(outputId(id, number), size.width, number, outputs.length, "EAST"))]
	};
}
function sourceOf({ from, port }, nodes) {
	return outputId(from, Math.max(nodes.get(from)?.outputs.indexOf(port) ?? 0, 0));
}
function targetOf({ to }, nodes) {
	return inputId(to.node, Math.max(nodes.get(to.node)?.inputs.indexOf(to.port) ?? 0, 0));
}
/** The places of all nodes of a graph that was laid out. */
function placesOf({ children = [] }, from = {
	x: 0,
	y: 0
}) {
	return Object.fromEntries(children.flatMap((child) => {
		const place = {
			x: from.x + (child.x ?? 0),
			y: from.y + (child.y ?? 0)
		};
		return child.children === void 0 ? [[child.id, {
			x: snapped(place.x),
			y: snapped(place.y)
		}]] : Object.entries(placesOf(child, place));
	}));
}
function pause() {
	return new Promise((resolve) => setTimeout(resolve));
}
/** No id of a node is so, nor that of another port. */
function groupId(id) {
	return `group ${id}`;
}
function inputId(node, number) {
	return `input ${number} ${node}`;
}
function outputId(node, number) {
	return `output ${number} ${node}`;
}
// src/canvas/elk.ts
/** Automatic layout, in a worker of its own, loaded on first use. */
/** Places for all nodes that are drawn. */
async function laidOut(drawing, groups) {
	const { default: Elk } = await __vitePreload(async () => {
		const { default: Elk } = await import("./elk-api.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
		return { default: Elk };
	}, __vite__mapDeps([25,1]));
	const elk = new Elk({ workerUrl: elk_worker_min_default });
	try {
		return await laidOutBy(elk, drawing, groups);
	} finally {
		elk.terminateWorker();
	}
}
// src/model/reach.ts
/** Which nodes a message comes to from some nodes, and where the keyboard goes next. */
/** The nodes that wires lead to, or come from, with those it begins with. */
function reached(flow, from, towards) {
	const beside = /* @__PURE__ */ new Map();
	const join = (one, other) => {
		beside.set(one, [...beside.get(one) ?? [], other]);
	};
	for (const wire of wiresOf(flow)) {
		if (towards !== "upstream") join(wire.from, wire.to.node);
		if (towards !== "downstream") join(wire.to.node, wire.from);
	}
	const found = new Set([...from].filter((id) => id in nodesOf(flow)));
	const left = [...found];
	for (let id = left.pop(); id !== void 0; id = left.pop()) for (const next of beside.get(id) ?? []) if (!found.has(next) && next in nodesOf(flow)) {
		found.add(next);
		left.push(next);
	}
	return found;
}
/** The node that an arrow key leads to: along a wire to the left and right, else the nearest that way. */
function neighbour(drawing, from, heading) {
	const nodes = new Map(drawing.nodes.map((node) => [node.id, node]));
	const at = nodes.get(from);
	if (at === void 0) return drawing.nodes[0]?.id ?? null;
	const along = nearest(at, drawing.wires.flatMap(({ wire }) => heading === "right" && wire.from === from ? [wire.to.node] : heading === "left" && wire.to.node === from ? [wire.from] : []).flatMap((id) => nodes.get(id) ?? []));
	if (along !== null) return along;
	const [aheadX, aheadY] = {
		left: [-1, 0],
		right: [1, 0],
		up: [0, -1],
		down: [0, 1]
	}[heading];
	return nearest(at, drawing.nodes.filter((node) => {
		const [dx, dy] = apart(at, node);
		const ahead = dx * aheadX + dy * aheadY;
		return ahead > 0 && Math.abs(dx * aheadY) + Math.abs(dy * aheadX) <= ahead * 2;
	}));
}
function nearest(at, nodes) {
	let best = null;
	let least = Infinity;
	for (const node of nodes) {
		const far = node.id === at.id ? Infinity : Math.hypot(...apart(at, node));
		if (far < least) [best, least] = [node.id, far];
	}
	return best;
}
function apart(one, other) {
	return [other.x + other.size.width / 2 - one.x - one.size.width / 2, other.y + other.size.height / 2 - one.y - one.size.height / 2];
}
// src/shell/commands/command.ts
/** A command that needs a flow on the canvas, and perhaps more. */
function onFlow(section, shape, run, isPossible = () => true) {
	return {
		keys: [],
		where: "not-typing",
		...shape,
		section,
		isPossible: (around) => hasFlow(around) && isPossible(around),
		run: (around) => {
			if (hasFlow(around)) run(around);
		}
	};
}
function hasFlow(around) {
	return around.flow !== null && around.drawing !== null;
}
// src/shell/commands/drawing.ts
/** Commands on where things stand, and on what of them is seen. */
var FAR$1 = 5;
function chosen({ flow, drawing }) {
	const nodes = drawing.nodes.filter((node) => flow.selection.has(node.id));
	return new Map(nodes.map((node) => [node.id, {
		x: node.x,
		y: node.y,
		...node.size
	}]));
}
function put({ flow, t }, places) {
	flow.edit(t("edit.arrange"), (sheet) => withPlaces(sheet, places));
}
var beingLaidOut = /* @__PURE__ */ new WeakSet();
/** Lay a flow out; what comes of it is taken only for the flow that it was asked for. */
async function arrange({ state, desk, flow, drawing, t }) {
	if (beingLaidOut.has(flow)) return;
	const asked = flow.sheet;
	beingLaidOut.add(flow);
	try {
		const isTaken = flow.arrange(t("edit.arrange"), asked, await laidOut(drawing, asked.flow.groups));
		desk.say(isTaken ? "" : t("arrange.late"));
		if (isTaken && state.project.current === flow) desk.canvas?.fit();
	} finally {
		beingLaidOut.delete(flow);
	}
}
var atLeast = (count) => ({ flow }) => flow.selection.size >= count;
function align(side, text) {
	return onFlow("arrange", {
		id: `align-${side}`,
		text
	}, (around) => {
		put(around, aligned(chosen(around), side));
	}, atLeast(2));
}
function distribute(direction, text) {
	return onFlow("arrange", {
		id: `distribute-${direction}`,
		text
	}, (around) => {
		put(around, distributed(chosen(around), direction));
	}, atLeast(3));
}
var STEPS = {
	left: {
		x: -10,
		y: 0
	},
	right: {
		x: 10,
		y: 0
	},
	up: {
		x: 0,
		y: -10
	},
	down: {
		x: 0,
		y: 10
	}
};
function nudging(heading, key, text, farText) {
	const step = STEPS[heading];
	return [onFlow("arrange", {
		id: `nudge-${heading}`,
		text,
		keys: [key],
		where: "canvas"
	}, ({ flow, t }) => {
		nudge(flow, step, t);
	}, atLeast(1)), onFlow("arrange", {
		id: `nudge-far-${heading}`,
		text: farText,
		keys: [`Shift+${key}`],
		where: "canvas"
	}, ({ flow, t }) => {
		nudge(flow, {
			x: step.x * FAR$1,
			y: step.y * FAR$1
		}, t);
	}, atLeast(1))];
}
/** Go to another node: with the arrows alone while nothing is chosen, for then there is nothing they could move. */
function going(heading, key, text) {
	return onFlow("choose", {
		id: `go-${heading}`,
		text,
		keys: [`Alt+${key}`, key],
		where: "canvas"
	}, ({ flow, drawing, desk }) => {
		const next = neighbour(drawing, desk.canvas?.focused() ?? [...flow.selection][0] ?? "", heading);
		if (next !== null) {
			desk.canvas?.focus(next);
			if (flow.selection.size > 0) flow.select(/* @__PURE__ */ new Set([next]));
		}
	});
}
var DRAWING = [
	...nudging("left", "ArrowLeft", "command.nudgeLeft", "command.nudgeFarLeft"),
	...nudging("right", "ArrowRight", "command.nudgeRight", "command.nudgeFarRight"),
	...nudging("up", "ArrowUp", "command.nudgeUp", "command.nudgeFarUp"),
	...nudging("down", "ArrowDown", "command.nudgeDown", "command.nudgeFarDown"),
	going("left", "ArrowLeft", "command.goLeft"),
	going("right", "ArrowRight", "command.goRight"),
	going("up", "ArrowUp", "command.goUp"),
	going("down", "ArrowDown", "command.goDown"),
	onFlow("arrange", {
		id: "arrange",
		text: "command.arrange",
		keys: ["Mod+Shift+L"]
	}, (around) => {
		arrange(around);
	}),
	onFlow("arrange", {
		id: "snap",
		text: "command.snap"
	}, (around) => {
		const nodes = [...chosen(around)];
		put(around, Object.fromEntries(nodes.map(([id, { x, y }]) => [id, {
			x: snapped(x),
			y: snapped(y)
		}])));
	}, atLeast(1)),
	align("left", "command.alignLeft"),
	align("centre", "command.alignCentre"),
	align("right", "command.alignRight"),
	align("top", "command.alignTop"),
	align("middle", "command.alignMiddle"),
	align("bottom", "command.alignBottom"),
	distribute("across", "command.distributeAcross"),
	distribute("down", "command.distributeDown"),
	onFlow("view", {
		id: "zoom-in",
		text: "command.zoomIn",
		keys: ["+", "="]
	}, ({ desk }) => {
		desk.canvas?.zoomIn();
	}),
	onFlow("view", {
		id: "zoom-out",
		text: "command.zoomOut",
		keys: ["-"]
	}, ({ desk }) => {
		desk.canvas?.zoomOut();
	}),
	onFlow("view", {
		id: "zoom-one",
		text: "command.zoomOne",
		keys: ["0"]
	}, ({ desk }) => {
		desk.canvas?.zoomToOne();
	}),
	onFlow("view", {
		id: "fit",
		text: "command.fit",
		keys: ["1"]
	}, ({ desk }) => {
		desk.canvas?.fit();
	}),
	onFlow("view", {
		id: "fit-chosen",
		text: "command.fitChosen",
		keys: ["2"]
	}, ({ desk, flow }) => {
		desk.canvas?.fit(flow.selection);
	}, atLeast(1)),
	onFlow("view", {
		id: "map",
		text: "command.map",
		keys: ["M"]
	}, ({ desk }) => {
		desk.toggleMap();
	})
];
// src/model/subflows.ts
var SUBFLOW = "subflow:";
var SUBFLOW_CATEGORY = "subflow";
function isSubflow(flow) {
	return Object.keys(flow.inputs ?? {}).length + Object.keys(flow.outputs ?? {}).length > 0;
}
/** The id of the flow that a node type stands for; `null` for a plain type. */
function subflowId(type) {
	return type.startsWith("subflow:") ? type.slice(8) : null;
}
/** A subflow as the palette and the form see it: what it takes are its variables. */
function typeOf(flow) {
	return {
		name: SUBFLOW + flow.id,
		label: flow.name === void 0 || flow.name === "" ? flow.id : flow.name,
		category: SUBFLOW_CATEGORY,
		summary: flow.description?.split("\n")[0] ?? "",
		icon: "subflow",
		colour: "",
		ports: Object.entries(flow.outputs ?? {}).map(([name, output]) => ({
			name,
			description: output.description ?? ""
		})),
		own_ports: false,
		has_input: Object.keys(flow.inputs ?? {}).length > 0,
		is_source: false,
		is_stage: false,
		is_resource: false,
		can_try: false,
		is_listener: false,
		outside: false,
		holds: false,
		help: flow.description ?? "",
		config: {
			type: "object",
			properties: Object.fromEntries(Object.entries(flow.env ?? {}).map(([name, value]) => [name, {
				type: "string",
				title: name,
				default: value
			}]))
		},
		examples: []
	};
}
function portsOf(flow) {
	const port = (name, description, ends) => ({
		name,
		description: description ?? "",
		ends
	});
	return {
		inputs: Object.entries(flow.inputs ?? {}).map(([name, one]) => port(name, one.description, one.targets)),
		outputs: Object.entries(flow.outputs ?? {}).map(([name, one]) => port(name, one.description, one.sources))
	};
}
/** A flow with other ports; one without any is a plain flow. */
function withPorts(flow, inputs, outputs) {
	const { inputs: _inputs, outputs: _outputs, ...rest } = flow;
	const about = (port) => port.description === "" ? {} : { description: port.description };
	const made = { ...rest };
	if (inputs.length > 0) made.inputs = Object.fromEntries(inputs.map((port) => [port.name, {
		targets: [...port.ends],
		...about(port)
	}]));
	if (outputs.length > 0) made.outputs = Object.fromEntries(outputs.map((port) => [port.name, {
		sources: [...port.ends],
		...about(port)
	}]));
	return made;
}
/** All ends that a subflow's output can be joined to, as documents write them. */
function sourcesIn(outputs) {
	return [...outputs].flatMap(([node, ports]) => ports.map((port) => endpointText({
		node,
		port: ports.length === 1 ? null : port
	})));
}
// src/shell/router.ts
/** Which page the address names: `#/flows/boiler`, `#/devices/pump-7?tab=commands`. */
var HOME = "flows";
function routeOf(hash) {
	const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
	const [page = "", ...rest] = path.split("/").filter(Boolean).map(decoded);
	return {
		page: page === "" ? HOME : page,
		rest,
		query: Object.fromEntries(new URLSearchParams(search))
	};
}
/** The address of a page: what a link's `href` says. Values of the query that are empty are left out. */
function hrefOf(page, rest = [], query = {}) {
	const given = Object.entries(query).filter(([, value]) => value !== "");
	const search = given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
	return `#/${[page, ...rest].map(encodeURIComponent).join("/")}${search}`;
}
/** Go to a page; the way back leads to the one before. */
function go(page, rest = [], query = {}) {
	location.hash = hrefOf(page, rest, query);
}
/** Say where we are without a step in the history: another filter, the flow that is shown first. */
function replace(page, rest = [], query = {}) {
	history.replaceState(null, "", hrefOf(page, rest, query));
	dispatchEvent(new Event("hashchange"));
}
/** The page that the address names; the view is drawn anew when it changes. */
function useRoute() {
	const hash = (0, import_react.useSyncExternalStore)(subscribe, () => location.hash);
	return known.hash === hash ? known.route : remember(hash);
}
var known = {
	hash: "",
	route: routeOf("")
};
function remember(hash) {
	known = {
		hash,
		route: routeOf(hash)
	};
	return known.route;
}
function subscribe(listener) {
	addEventListener("hashchange", listener);
	return () => {
		removeEventListener("hashchange", listener);
	};
}
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
// src/shell/commands/general.ts
/** Commands on the editor and on flows as a whole. */
var always = () => true;
/** Show the open flow so many tabs further; the last is followed by the first. */
function turnTab({ state, flow }, by) {
	const tabs = state.project.opened();
	const at = tabs.findIndex((one) => one === flow);
	const next = tabs.at((at + by) % tabs.length);
	if (next !== void 0) go(HOME, [next.id]);
}
var GENERAL = [
	{
		id: "commands",
		section: "general",
		text: "command.commands",
		keys: ["Mod+K", "Mod+Shift+P"],
		where: "anywhere",
		isPossible: always,
		run: ({ desk }) => {
			desk.open({ kind: "commands" });
		}
	},
	{
		id: "shortcuts",
		section: "general",
		text: "command.shortcuts",
		keys: ["?"],
		where: "not-typing",
		isPossible: always,
		run: ({ desk }) => {
			desk.open({ kind: "shortcuts" });
		}
	},
	{
		id: "search",
		section: "general",
		text: "command.search",
		keys: ["Mod+F"],
		where: "anywhere",
		isPossible: always,
		run: ({ desk }) => {
			desk.open({
				kind: "search",
				text: ""
			});
		}
	},
	{
		id: "deploy",
		section: "general",
		text: "command.deploy",
		keys: ["Mod+S"],
		where: "anywhere",
		isPossible: always,
		run: ({ deploy }) => {
			deploy();
		}
	},
	{
		id: "theme",
		section: "general",
		text: "command.theme",
		keys: [],
		where: "not-typing",
		isPossible: always,
		run: () => {
			switchTheme();
		}
	},
	{
		id: "new-flow",
		section: "flow",
		text: "command.newFlow",
		keys: ["Alt+N"],
		where: "not-typing",
		isPossible: always,
		run: ({ desk }) => {
			desk.open({ kind: "new-flow" });
		}
	},
	onFlow("flow", {
		id: "rename-flow",
		text: "command.renameFlow",
		keys: ["F2"]
	}, ({ desk }) => {
		desk.open({ kind: "rename-flow" });
	}),
	onFlow("flow", {
		id: "toggle-flow",
		text: "command.toggleFlow"
	}, ({ flow, t }) => {
		flow.edit(t("command.toggleFlow"), ({ flow: { disabled, ...rest }, layout }) => ({
			flow: disabled === true ? rest : {
				...rest,
				disabled: true
			},
			layout
		}));
	}),
	onFlow("flow", {
		id: "delete-flow",
		text: "command.deleteFlow"
	}, ({ desk }) => {
		desk.open({ kind: "delete-flow" });
	}),
	onFlow("flow", {
		id: "close-flow",
		text: "command.closeFlow",
		keys: ["Alt+W"]
	}, ({ state, flow }) => {
		state.project.close(flow.id);
		go(HOME, state.project.current === null ? [] : [state.project.current.id]);
	}),
	onFlow("flow", {
		id: "next-flow",
		text: "command.nextFlow",
		keys: ["Alt+PageDown"]
	}, (around) => {
		turnTab(around, 1);
	}, ({ state }) => state.project.opened().length > 1),
	onFlow("flow", {
		id: "previous-flow",
		text: "command.previousFlow",
		keys: ["Alt+PageUp"]
	}, (around) => {
		turnTab(around, -1);
	}, ({ state }) => state.project.opened().length > 1),
	onFlow("flow", {
		id: "subflow-ports",
		text: "command.subflowPorts"
	}, ({ desk }) => {
		desk.open({ kind: "subflow-ports" });
	}),
	onFlow("flow", {
		id: "subflow-uses",
		text: "command.subflowUses"
	}, ({ desk, flow }) => {
		desk.open({
			kind: "search",
			text: `type:subflow:${flow.id}`
		});
	}, ({ flow }) => isSubflow(flow.sheet.flow)),
	onFlow("flow", {
		id: "export",
		text: "command.export",
		keys: ["Mod+E"]
	}, ({ desk, flow }) => {
		const text = flow.selection.size === 0 ? exported(flow.sheet) : copied(flow.sheet, flow.selection);
		desk.open({
			kind: "export",
			text,
			name: flow.id
		});
	}),
	{
		id: "import",
		section: "flow",
		text: "command.import",
		keys: ["Mod+I"],
		where: "not-typing",
		isPossible: always,
		run: ({ desk }) => {
			desk.open({ kind: "import" });
		}
	},
	onFlow("flow", {
		id: "undo",
		text: "command.undo",
		keys: ["Mod+Z"]
	}, ({ flow }) => {
		flow.history.undo();
		keepChosen(flow);
	}, ({ flow }) => flow.history.canUndo),
	onFlow("flow", {
		id: "redo",
		text: "command.redo",
		keys: ["Mod+Shift+Z", "Mod+Y"]
	}, ({ flow }) => {
		flow.history.redo();
		keepChosen(flow);
	}, ({ flow }) => flow.history.canRedo)
];
/** Nodes that are no longer there are not chosen either. */
function keepChosen(flow) {
	const nodes = nodesOf(flow.sheet.flow);
	flow.select(new Set([...flow.selection].filter((id) => id in nodes)), flow.wireSelection);
}
// src/shell/commands/nodes.ts
/** Commands on nodes and wires: take, put, change, choose. */
var hasNodes = ({ flow }) => flow.selection.size > 0;
var hasAny = ({ flow }) => flow.selection.size + flow.wireSelection.size > 0;
var hasOne = ({ flow }) => flow.selection.size === 1;
/** Take the chosen nodes onto the clipboard: the browser's where it may be written, and always our own. */
function copy({ flow, desk }) {
	desk.clip = copied(flow.sheet, flow.selection);
	return desk.clip;
}
function write$1(text) {
	navigator.clipboard?.writeText(text).catch(() => void 0);
}
async function clip({ desk }) {
	try {
		return await navigator.clipboard?.readText() ?? desk.clip;
	} catch {
		return desk.clip;
	}
}
function choosing(id, text, towards, keys) {
	return onFlow("choose", {
		id,
		text,
		keys
	}, ({ flow }) => {
		flow.select(reached(flow.sheet.flow, flow.selection, towards));
	}, hasNodes);
}
/** After an edit took away what had the focus, the keyboard stays with the flow. */
function remove(around, heal) {
	removeChosen(around.flow, around.t, heal);
}
var NODES = [
	onFlow("edit", {
		id: "add-node",
		text: "command.addNode",
		keys: ["A", "Insert"],
		where: "canvas"
	}, ({ desk }) => {
		const middle = desk.canvas?.middle();
		if (middle !== void 0) desk.add({
			...middle,
			joint: null
		});
	}),
	onFlow("edit", {
		id: "add-after",
		text: "command.addAfter",
		keys: ["Mod+Enter"]
	}, ({ desk, flow, drawing }) => {
		const node = drawing.nodes.find((one) => flow.selection.has(one.id));
		const port = node?.outputs[0];
		const middle = desk.canvas?.middle();
		if (node !== void 0 && port !== void 0 && middle !== void 0) {
			const place = {
				x: node.x + node.size.width + 60,
				y: node.y
			};
			desk.add({
				place,
				screen: middle.screen,
				joint: {
					kind: "after",
					node: node.id,
					port
				}
			});
		}
	}, hasOne),
	onFlow("edit", {
		id: "open",
		text: "command.open",
		keys: ["Enter"],
		where: "canvas"
	}, ({ flow, desk }) => {
		const id = desk.canvas?.focused() ?? [...flow.selection][0];
		if (id !== void 0) openNode(flow, id);
	}, ({ flow, desk }) => hasOne({ flow }) || desk.canvas?.focused() != null),
	onFlow("edit", {
		id: "copy",
		text: "command.copy",
		keys: ["Mod+C"],
		isNative: true
	}, (around) => {
		write$1(copy(around));
	}, hasNodes),
	onFlow("edit", {
		id: "cut",
		text: "command.cut",
		keys: ["Mod+X"],
		isNative: true
	}, (around) => {
		write$1(copy(around));
		remove(around, false);
	}, hasNodes),
	onFlow("edit", {
		id: "paste",
		text: "command.paste",
		keys: ["Mod+V"],
		isNative: true
	}, (around) => {
		clip(around).then((text) => {
			pasteText(around.flow, text, around.t);
		});
	}),
	onFlow("edit", {
		id: "duplicate",
		text: "command.duplicate",
		keys: ["Mod+D"]
	}, ({ flow, t }) => {
		pasteText(flow, copied(flow.sheet, flow.selection), t);
	}, hasNodes),
	onFlow("edit", {
		id: "delete",
		text: "command.delete",
		keys: ["Delete", "Backspace"]
	}, (around) => {
		remove(around, false);
	}, hasAny),
	onFlow("edit", {
		id: "delete-heal",
		text: "command.deleteHeal",
		keys: [
			"Shift+Delete",
			"Mod+Delete",
			"Mod+Backspace"
		]
	}, (around) => {
		remove(around, true);
	}, hasNodes),
	onFlow("edit", {
		id: "toggle",
		text: "command.toggle",
		keys: ["D"],
		where: "canvas"
	}, ({ flow, t }) => {
		toggleChosen(flow, t);
	}, hasNodes),
	onFlow("edit", {
		id: "wire",
		text: "command.wire",
		keys: ["W"],
		where: "canvas"
	}, ({ flow, drawing, t }) => {
		wireChosen(flow, drawing, t);
	}, ({ flow }) => flow.selection.size > 1),
	onFlow("edit", {
		id: "group",
		text: "command.group",
		keys: ["Mod+Shift+G", "Mod+G"]
	}, ({ flow, desk, t }) => {
		let group = "";
		flow.edit(t("edit.group"), (sheet) => {
			const made = grouped(sheet, flow.selection, "");
			group = made.id;
			return made.sheet;
		});
		desk.open({
			kind: "group",
			group
		});
	}, hasNodes),
	onFlow("edit", {
		id: "ungroup",
		text: "command.ungroup",
		keys: ["Mod+Shift+U"]
	}, ({ flow, t }) => {
		flow.edit(t("edit.ungroup"), (sheet) => ungrouped(sheet, groupsWith(sheet.flow, flow.selection)));
	}, ({ flow }) => groupsWith(flow.sheet.flow, flow.selection).length > 0),
	onFlow("edit", {
		id: "edit-group",
		text: "command.editGroup"
	}, ({ flow, desk }) => {
		const [group] = groupsWith(flow.sheet.flow, flow.selection);
		if (group !== void 0) desk.open({
			kind: "group",
			group
		});
	}, ({ flow }) => groupsWith(flow.sheet.flow, flow.selection).length > 0),
	onFlow("edit", {
		id: "open-subflow",
		text: "command.openSubflow",
		keys: ["Shift+Enter"],
		where: "canvas"
	}, ({ flow }) => {
		const [id] = flow.selection;
		const subflow = id === void 0 ? null : subflowId(nodesOf(flow.sheet.flow)[id]?.type ?? "");
		if (subflow !== null) go(HOME, [subflow]);
	}, ({ flow }) => [...flow.selection].some((id) => subflowId(nodesOf(flow.sheet.flow)[id]?.type ?? "") !== null)),
	onFlow("choose", {
		id: "choose-all",
		text: "command.chooseAll",
		keys: ["Mod+A"]
	}, ({ flow }) => {
		flow.select(new Set(Object.keys(nodesOf(flow.sheet.flow))));
	}),
	onFlow("choose", {
		id: "choose-none",
		text: "command.chooseNone",
		keys: ["Escape"]
	}, ({ flow }) => {
		flow.select(/* @__PURE__ */ new Set());
	}, hasAny),
	onFlow("choose", {
		id: "choose-focused",
		text: "command.chooseFocused",
		keys: ["Space"],
		where: "canvas"
	}, ({ flow, desk }) => {
		const id = desk.canvas?.focused();
		if (id != null) {
			const chosen = new Set(flow.selection);
			if (!chosen.delete(id)) chosen.add(id);
			flow.select(chosen);
		}
	}, ({ desk }) => desk.canvas?.focused() != null),
	choosing("choose-connected", "command.chooseConnected", "both", ["Mod+Shift+A"]),
	choosing("choose-upstream", "command.chooseUpstream", "upstream", ["Mod+Shift+ArrowLeft"]),
	choosing("choose-downstream", "command.chooseDownstream", "downstream", ["Mod+Shift+ArrowRight"])
];
/** Choose a node and put the keyboard into its form. */
function openNode(flow, id) {
	flow.select(/* @__PURE__ */ new Set([id]));
	requestAnimationFrame(() => {
		document.querySelector(".node-panel :is(input, select, textarea, button)")?.focus();
	});
}
// src/shell/commands/table.ts
/** All commands, and what a key means at a moment. */
/** Commands that change nothing, beside those that only look or choose: whoever may look may have them. */
var LOOKING = /* @__PURE__ */ new Set([...[
	"commands",
	"shortcuts",
	"search",
	"theme",
	"export",
	"close-flow",
	"next-flow",
	"previous-flow",
	"subflow-uses"
], ...[
	"copy",
	"open",
	"open-subflow"
]]);
var COMMANDS = [
	...GENERAL,
	...NODES,
	...DRAWING
].map((command) => command.section === "view" || command.section === "choose" || LOOKING.has(command.id) ? command : {
	...command,
	isPossible: (around) => !around.state.project.isReadOnly && command.isPossible(around)
});
var BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));
function keyMap(storage) {
	return new KeyMap(new Map(COMMANDS.map(({ id, keys }) => [id, keys])), storage);
}
/** The command that a stroke means here and now. */
function commandFor(stroke, keys, around, focus) {
	const chord = chordOf(stroke);
	if (chord === null) return null;
	for (const id of keys.meaning(chord)) {
		const command = BY_ID.get(id);
		if (command !== void 0 && command.isNative !== true && counts(command, focus) && command.isPossible(around)) return command;
	}
	return null;
}
function counts({ where }, focus) {
	return where === "anywhere" || !focus.isTyping && (where === "not-typing" || focus.isOnCanvas);
}
// src/shell/Dialog.tsx
function Dialog({ title, className = "", isBare = false, isAlert = false, describedBy, onClose, children }) {
	const { t } = useTexts();
	const dialog = (0, import_react.useRef)(null);
	const [before] = (0, import_react.useState)(() => document.activeElement);
	(0, import_react.useLayoutEffect)(() => {
		const shown = dialog.current;
		shown?.showModal();
		dialog.current?.querySelector("[data-first], .chooser input")?.focus();
		dialog.current?.querySelector("input, textarea, select")?.focus();
		return () => {
			shown?.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
		};
	}, [before]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		className: `dialog ${className}`,
		role: isAlert ? "alertdialog" : void 0,
		"aria-label": title,
		"aria-describedby": describedBy,
		onCancel: (event) => {
			event.preventDefault();
			onClose();
		},
		onPointerDown: (event) => {
			if (event.target === dialog.current) onClose();
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "dialog-content",
			children: [!isBare && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: title }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "icon-button",
				"aria-label": t("dialog.close"),
				title: t("dialog.close"),
				onClick: onClose,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "close" })
			})] }), children]
		})
	});
}
// src/shell/dialogs/Chooser.tsx
/** A box to type in and a list under it: arrows choose, Enter takes. */
function Chooser({ label, text, onText, choices, none, onChoose }) {
	const [at, setAt] = (0, import_react.useState)(0);
	const list = (0, import_react.useRef)(null);
	const input = (0, import_react.useRef)(null);
	const chosen = choices[Math.min(at, choices.length - 1)];
	(0, import_react.useEffect)(() => {
		input.current?.focus();
	}, []);
	(0, import_react.useEffect)(() => {
		list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
	}, [chosen?.id]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "chooser",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				ref: input,
				type: "text",
				role: "combobox",
				"aria-expanded": true,
				"aria-controls": "chooser-list",
				"aria-activedescendant": chosen === void 0 ? void 0 : `chooser-${chosen.id}`,
				"aria-label": label,
				placeholder: label,
				value: text,
				onChange: (event) => {
					setAt(0);
					onText(event.target.value);
				},
				onKeyDown: (event) => {
					if (event.key === "ArrowDown" || event.key === "ArrowUp") {
						event.preventDefault();
						const by = event.key === "ArrowDown" ? 1 : -1;
						setAt((Math.min(at, choices.length - 1) + by + choices.length) % Math.max(choices.length, 1));
					} else if (event.key === "Enter" && chosen?.isPossible === true) {
						event.preventDefault();
						onChoose(chosen.id);
					}
				}
			}),
			choices.length === 0 && none !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: none
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				role: "listbox",
				id: "chooser-list",
				ref: list,
				"aria-label": label,
				children: choices.map((choice) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
					id: `chooser-${choice.id}`,
					role: "option",
					"aria-selected": choice === chosen,
					"aria-disabled": !choice.isPossible,
					onClick: () => {
						if (choice.isPossible) onChoose(choice.id);
					},
					children: choice.content
				}, choice.id))
			})
		]
	});
}
// src/shell/keys.ts
/** The keys of all commands in this browser. */
var KEYS = keyMap(localStorage);
var IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
// src/shell/CommandPalette.tsx
/** Every command with its keys: type a few letters, take one. What cannot be done now is shown last. */
function CommandPalette({ around }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const fitting = COMMANDS.filter((command) => {
		const name = `${t(command.text)} ${t(`section.${command.section}`)}`.toLowerCase();
		return command.id !== "commands" && words.every((word) => name.includes(word));
	});
	const possible = fitting.filter((command) => command.isPossible(around));
	const inOrder = [...possible, ...fitting.filter((command) => !possible.includes(command))];
	const close = () => {
		around.desk.close();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("commands.title"),
		className: "is-top",
		isBare: true,
		onClose: close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chooser, {
			label: t("commands.search"),
			text,
			onText: setText,
			none: t("commands.none"),
			choices: inOrder.map((command) => ({
				id: command.id,
				isPossible: possible.includes(command),
				content: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "chooser-text",
						children: t(command.text)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "chooser-beside",
						children: t(`section.${command.section}`)
					}),
					KEYS.keysOf(command.id).slice(0, 1).map((key) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("kbd", { children: shownChord(key, IS_MAC) }, key))
				] })
			})),
			onChoose: (id) => {
				close();
				COMMANDS.find((command) => command.id === id)?.run(around);
			}
		})
	});
}
// src/shell/ContextMenu.tsx
var OFFERS = {
	node: [
		"open",
		"open-subflow",
		"add-after",
		"copy",
		"cut",
		"duplicate",
		"wire",
		"toggle",
		"group",
		"ungroup",
		"delete-heal",
		"delete"
	],
	wire: ["delete"],
	canvas: [
		"add-node",
		"paste",
		"choose-all",
		"undo",
		"redo",
		"arrange",
		"fit",
		"search",
		"export",
		"commands"
	]
};
function ContextMenu({ around, request }) {
	const { t } = useTexts();
	const menu = (0, import_react.useRef)(null);
	const [before] = (0, import_react.useState)(() => document.activeElement);
	const offered = OFFERS[request.on].flatMap((id) => COMMANDS.find((one) => one.id === id && one.isPossible(around)) ?? []);
	const { desk } = around;
	const close = () => {
		desk.askMenu(null);
		if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
	};
	(0, import_react.useLayoutEffect)(() => {
		const element = menu.current;
		if (element !== null) {
			const { width, height } = element.getBoundingClientRect();
			element.style.left = `${Math.max(4, Math.min(request.screen.x, innerWidth - width - 4))}px`;
			element.style.top = `${Math.max(4, Math.min(request.screen.y, innerHeight - height - 4))}px`;
			element.querySelector("[role=menuitem]")?.focus({ preventScroll: true });
		}
	}, [request]);
	(0, import_react.useEffect)(() => {
		const press = (event) => {
			if (!(event.target instanceof Node && menu.current?.contains(event.target) === true)) desk.askMenu(null);
		};
		addEventListener("pointerdown", press, { capture: true });
		return () => {
			removeEventListener("pointerdown", press, { capture: true });
		};
	}, [desk]);
	const pressed = (event) => {
		const items = [...menu.current?.querySelectorAll("[role=menuitem]") ?? []];
		const at = items.findIndex((item) => item === document.activeElement);
		const step = {
			ArrowDown: at + 1,
			ArrowUp: at - 1,
			Home: 0,
			End: -1
		}[event.key];
		if (step !== void 0) items.at(step % items.length)?.focus();
		else if (event.key === "Escape" || event.key === "Tab") close();
		else if (event.key !== "Enter" && event.key !== " ") return;
		event.stopPropagation();
		if (step !== void 0 || event.key === "Escape" || event.key === "Tab") event.preventDefault();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "context-menu",
		role: "menu",
		"aria-label": t("menu.of"),
		ref: menu,
		onKeyDown: pressed,
		children: offered.map((command) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			role: "menuitem",
			tabIndex: -1,
			onClick: () => {
				close();
				desk.canvas?.pointerAt(request.screen);
				command.run(around);
			},
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t(command.text) }), KEYS.keysOf(command.id).slice(0, 1).map((key) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("kbd", {
				"aria-hidden": "true",
				children: shownChord(key, IS_MAC)
			}, key))]
		}, command.id))
	});
}
// src/shell/dialogs/Exchange.tsx
/** Flows and nodes go out as JSON and come in as JSON. */
function Export({ text, name, onClose }) {
	const { t } = useTexts();
	const [isCopied, setIsCopied] = (0, import_react.useState)(false);
	const copy = (area) => {
		const done = () => {
			setIsCopied(true);
		};
		const clipboard = navigator.clipboard;
		if (clipboard === void 0) {
			area?.focus();
			area?.select();
		} else clipboard.writeText(text).then(done);
	};
	const download = () => {
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
		link.download = `${name}.flow.json`;
		link.click();
		URL.revokeObjectURL(link.href);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("export.title"),
		className: "is-wide",
		onClose,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
			className: "code",
			id: "export-text",
			"aria-label": t("export.text"),
			readOnly: true,
			value: text,
			spellCheck: false
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "quiet",
				role: "status",
				children: isCopied ? t("export.copied") : ""
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					copy(document.querySelector("#export-text"));
				},
				children: t("export.copy")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				"data-first": true,
				onClick: download,
				children: t("export.download")
			})
		] })]
	});
}
function Import({ project, flow, onClose }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const [isNew, setIsNew] = (0, import_react.useState)(null);
	const clip = read(text);
	const whole = flowFrom(text);
	const asNew = whole !== null && (isNew ?? true);
	const count = clip === null ? 0 : Object.keys(clip.nodes).length;
	const bring = () => {
		onClose();
		if (whole !== null && asNew) {
			const taken = new Set([...project.flows, ...project.opened()].map((one) => one.id));
			const id = freeId(whole.flow.id, taken);
			project.create(id, "").edit(t("command.import"), () => ({
				...whole,
				flow: {
					...whole.flow,
					id
				}
			}));
			go(HOME, [id]);
		} else if (flow !== null) pasteText(flow, text, t);
	};
	const isNodeRed = text.trimStart().startsWith("[");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("import.title"),
		className: "is-wide",
		onClose,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "file",
				accept: ".json,application/json",
				"aria-label": t("import.file"),
				onChange: (event) => {
					event.target.files?.[0]?.text().then(setText);
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
				className: "code",
				"aria-label": t("import.text"),
				placeholder: t("import.text"),
				"data-first": true,
				spellCheck: false,
				value: text,
				onChange: (event) => {
					setText(event.target.value);
				}
			}),
			text.trim() !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: clip === null ? "field-problem is-error" : "quiet",
				role: "status",
				children: clip !== null ? t("import.found", { count }) : isNodeRed ? t("import.nodeRed") : t("import.nothing")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [
				whole !== null && flow !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "checkbox",
						checked: asNew,
						onChange: (event) => {
							setIsNew(event.target.checked);
						}
					}),
					" ",
					t("import.asNew")
				] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: onClose,
					children: t("dialog.cancel")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "primary",
					disabled: clip === null || !asNew && flow === null,
					onClick: bring,
					children: t("import.button")
				})
			] })
		]
	});
}
// src/shell/DialogForm.tsx
/** What is asked for in a dialog, with the buttons that end it; it says why it could not be done. */
function DialogForm(props) {
	const { t } = useTexts();
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const [isBusy, setBusy] = (0, import_react.useState)(false);
	const { isReady = true, isReadOnly = false } = props;
	const save = () => {
		if (isBusy || !isReady || isReadOnly) return;
		setRefusal("");
		setBusy(true);
		Promise.resolve().then(props.onSave).catch((error) => {
			setRefusal(sentence(error));
		}).finally(() => {
			setBusy(false);
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		noValidate: props.isCheckedElsewhere,
		onSubmit: (event) => {
			event.preventDefault();
			save();
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "dialog-body",
				children: props.children
			}),
			props.told,
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [
				props.apart != null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "apart",
					children: props.apart
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: isReadOnly ? "primary" : "",
					onClick: props.onClose,
					children: t(isReadOnly ? "dialog.close" : "dialog.cancel")
				}),
				!isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "submit",
					className: "primary",
					disabled: !isReady || isBusy,
					children: props.action ?? t("dialog.save")
				})
			] })
		]
	});
}
// src/shell/dialogs/FlowDialogs.tsx
/** Make, rename and delete a flow. */
function NewFlow({ project, onClose }) {
	const { t } = useTexts();
	const [name, setName] = (0, import_react.useState)("");
	const taken = new Set([...project.flows, ...project.opened()].map((flow) => flow.id));
	const id = freeId(idFrom(name) === "node" ? "flow" : idFrom(name), taken);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("flows.new"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DialogForm, {
			action: t("flows.create"),
			isReady: name.trim() !== "",
			onSave: () => {
				onClose();
				go(HOME, [project.create(id, name.trim()).id]);
			},
			onClose,
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: "flow-name",
						children: t("flows.newName")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						id: "flow-name",
						"data-first": true,
						value: name,
						onChange: (event) => {
							setName(event.target.value);
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "quiet",
						children: t("flows.file", { file: `${id}.flow.json` })
					})
				]
			})
		})
	});
}
function RenameFlow({ flow, onClose }) {
	const { t } = useTexts();
	const [name, setName] = (0, import_react.useState)(flow.sheet.flow.name ?? "");
	const [description, setDescription] = (0, import_react.useState)(flow.sheet.flow.description ?? "");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("flows.rename"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			action: t("dialog.done"),
			onSave: () => {
				onClose();
				flow.edit(t("flows.rename"), ({ flow: { name: _name, description: _description, ...rest }, layout }) => ({
					flow: {
						...rest,
						...name.trim() === "" ? {} : { name: name.trim() },
						...description === "" ? {} : { description }
					},
					layout
				}));
			},
			onClose,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: "flow-name",
					children: t("form.name")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: "flow-name",
					"data-first": true,
					value: name,
					placeholder: flow.id,
					onChange: (event) => {
						setName(event.target.value);
					}
				})]
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: "flow-description",
					children: t("flows.description")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
					id: "flow-description",
					rows: 5,
					value: description,
					onChange: (event) => {
						setDescription(event.target.value);
					}
				})]
			})]
		})
	});
}
function DeleteFlow({ project, flow, onClose }) {
	const { t } = useTexts();
	const [failure, setFailure] = (0, import_react.useState)("");
	const name = flow.sheet.flow.name ?? flow.id;
	const remove = async () => {
		try {
			await project.remove(flow.id);
			onClose();
			go(HOME, project.current === null ? [] : [project.current.id]);
		} catch (error) {
			setFailure(sentence(error));
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("flows.delete", { name }),
		onClose,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t("flows.deleteAbout", { file: `${flow.id}.flow.json` }) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				"data-first": true,
				onClick: onClose,
				children: t("dialog.cancel")
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "danger",
				onClick: () => void remove(),
				children: t("command.deleteFlow")
			})] })
		]
	});
}
// src/shell/dialogs/GroupDialog.tsx
/** The name and the colour of a group. */
/** Neither light nor dark: frames mix them with the theme's ground. */
var COLOURS = [
	"#b3641f",
	"#8250c4",
	"#2f7fc4",
	"#a0488a",
	"#14828c",
	"#2f8f4e",
	"#a87400",
	"#c23b32"
];
function GroupDialog({ flow, drawing, group, onClose }) {
	const { t } = useTexts();
	const frame = framesOf(flow.sheet, boxesOf(drawing)).find((one) => one.id === group);
	const [name, setName] = (0, import_react.useState)(frame?.name ?? "");
	const [colour, setColour] = (0, import_react.useState)(frame?.colour ?? null);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("group.title"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			action: t("dialog.done"),
			apart: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					onClose();
					flow.edit(t("edit.ungroup"), (sheet) => ungrouped(sheet, [group]));
				},
				children: t("command.ungroup")
			}),
			onSave: () => {
				onClose();
				if (frame !== void 0) flow.edit(t("edit.group"), (sheet) => labelled(sheet, group, name.trim(), colour, frame));
			},
			onClose,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: "group-name",
					children: t("form.name")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: "group-name",
					"data-first": true,
					value: name,
					onChange: (event) => {
						setName(event.target.value);
					}
				})]
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
				className: "swatches",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("legend", { children: t("group.colour") }), [null, ...COLOURS].map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					style: one === null ? void 0 : { background: one },
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "radio",
						name: "group-colour",
						"aria-label": one ?? t("group.plain"),
						checked: colour === one,
						onChange: () => {
							setColour(one);
						}
					})
				}, one ?? ""))]
			})]
		})
	});
}
// src/model/search.ts
/** Nodes are found by their words, across flows: `valve type:mqtt-in flow:boiler is:disabled uses:"hot water"`. */
var FILTERS = /* @__PURE__ */ new Set([
	"type",
	"id",
	"name",
	"flow",
	"is",
	"uses"
]);
var MOST_HITS = 200;
function parseQuery(text) {
	const words = [];
	const filters = [];
	for (const written of text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []) {
		const part = written.replaceAll("\"", "");
		const colon = part.indexOf(":");
		const key = part.slice(0, Math.max(colon, 0)).toLowerCase();
		if (FILTERS.has(key)) filters.push([key, part.slice(colon + 1).toLowerCase()]);
		else words.push(part.toLowerCase());
	}
	return {
		words,
		filters
	};
}
/** The query for all nodes that refer to something by its name. */
function usesOf(name) {
	return `uses:${/\s/.test(name) ? `"${name}"` : name}`;
}
/** The nodes that fit all words and filters; those whose name, id or type fits come first. */
function found(flows, text) {
	const query = parseQuery(text);
	if (query.words.length === 0 && query.filters.every(([, value]) => value === "")) return [];
	const near = [];
	const far = [];
	for (const flow of flows) for (const [id, node] of Object.entries(nodesOf(flow))) if (query.filters.every(([key, value]) => value === "" || passes(key, value, flow, id, node))) {
		const head = `${titleOf(id, node)} ${id} ${node.type}`.toLowerCase();
		const missing = query.words.filter((word) => !head.includes(word));
		const body = missing.length === 0 ? "" : `${node.description ?? ""} ${JSON.stringify(node.config ?? {})}`;
		if (missing.every((word) => body.toLowerCase().includes(word))) {
			const excerpt = missing[0] === void 0 ? "" : around(body, missing[0]);
			const hit = {
				flow: flow.id,
				node: id,
				title: titleOf(id, node),
				type: node.type,
				excerpt
			};
			(missing.length === 0 ? near : far).push(hit);
		}
	}
	return [...near, ...far].slice(0, MOST_HITS);
}
function passes(key, value, flow, id, node) {
	switch (key) {
		case "type": return node.type.toLowerCase().includes(value);
		case "id": return id.toLowerCase().includes(value);
		case "name": return (node.name ?? "").toLowerCase().includes(value);
		case "flow": return `${flow.id} ${flow.name ?? ""}`.toLowerCase().includes(value);
		case "is": return value === "disabled" ? node.disabled === true : value === "enabled" ? node.disabled !== true : false;
		default: return holds(node.config, value);
	}
}
/** Whether a text stands anywhere as a value of its own, as the name of a resource does. */
function holds(value, wanted) {
	if (typeof value === "string") return value.toLowerCase() === wanted;
	return typeof value === "object" && value !== null && Object.values(value).some((one) => holds(one, wanted));
}
function around(text, word) {
	const at = text.toLowerCase().indexOf(word);
	const start = Math.max(at - 20, 0);
	return `${start > 0 ? "…" : ""}${text.slice(start, at + word.length + 30)}`.trim();
}
// src/shell/dialogs/SearchDialog.tsx
/** Nodes of all flows by their words; Enter goes there. */
/** Show a node of any flow: open the flow, choose the node, bring it into view. */
async function jump(state, flow, node) {
	const opened = await state.show(flow);
	go(HOME, [flow]);
	opened.select(/* @__PURE__ */ new Set([node]));
	await new Promise((done) => setTimeout(done, 60));
	state.desk.canvas?.reveal(node);
}
function SearchDialog({ state, desk, first }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)(first);
	const [flows, setFlows] = (0, import_react.useState)([]);
	const { project } = state;
	(0, import_react.useEffect)(() => {
		project.documents().then(setFlows);
	}, [project]);
	const hits = (0, import_react.useMemo)(() => found(flows, text), [flows, text]);
	const names = new Map(flows.map((flow) => [flow.id, flow.name ?? flow.id]));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("search.title"),
		className: "is-top is-wide",
		isBare: true,
		onClose: () => {
			desk.close();
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chooser, {
			label: t("search.placeholder"),
			text,
			onText: setText,
			none: text.trim() === "" ? "" : t("search.none"),
			choices: hits.map((hit) => {
				const type = project.types.get(hit.type);
				return {
					id: `${hit.flow}/${hit.node}`,
					isPossible: true,
					content: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "node-icon",
							"data-category": type?.category ?? "unknown",
							style: { background: "var(--tone)" },
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeIcon, {
								name: type?.icon ?? "",
								category: type?.category ?? ""
							})
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "chooser-text",
							children: [
								hit.title,
								" ",
								hit.excerpt !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: hit.excerpt })
							]
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "chooser-beside",
							children: [
								type?.label ?? hit.type,
								" · ",
								names.get(hit.flow) ?? hit.flow
							]
						})
					] })
				};
			}),
			onChoose: (id) => {
				const slash = id.indexOf("/");
				desk.close();
				jump(state, id.slice(0, slash), id.slice(slash + 1));
			}
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet",
			children: t("search.filters")
		})]
	});
}
// src/shell/use_signal.ts
/** Draw a view anew whenever a part of the model tells that it changed. */
function useSignal(signal) {
	return (0, import_react.useSyncExternalStore)(signal?.subscribe ?? quiet, () => signal?.version ?? 0);
}
function quiet() {
	return () => void 0;
}
// src/shell/dialogs/Shortcuts.tsx
/** All commands with their keys, which can be changed. */
var SECTIONS = [
	"general",
	"flow",
	"edit",
	"choose",
	"view",
	"arrange"
];
function Shortcuts({ onClose }) {
	const { t } = useTexts();
	const [changing, setChanging] = (0, import_react.useState)("");
	useSignal(KEYS.changed);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("shortcuts.title"),
		className: "is-wide",
		onClose,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet",
			children: t("shortcuts.about")
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "keys",
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("table", { children: SECTIONS.map((section) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tbody", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
				colSpan: 2,
				scope: "rowgroup",
				children: t(`section.${section}`)
			}) }), COMMANDS.filter((command) => command.section === section).map((command) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: t(command.text) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Keys, {
				command,
				isChanging: changing === command.id,
				onChanging: setChanging
			}) })] }, command.id))] }, section)) })
		})]
	});
}
function Keys({ command, isChanging, onChanging }) {
	const { t } = useTexts();
	const name = t(command.text);
	const chords = KEYS.keysOf(command.id).map((key) => shownChord(key, IS_MAC));
	const shown = chords.map((chord) => [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("kbd", { children: chord }, chord), " "]);
	if (command.isNative === true) return shown;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [KEYS.isChosen(command.id) && !isChanging && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		className: "quiet",
		onClick: () => {
			KEYS.reset(command.id);
		},
		children: t("shortcuts.reset")
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		"aria-label": `${t("shortcuts.change", { name })} ${isChanging ? t("shortcuts.press") : chords.join(" ")}`,
		onClick: () => {
			onChanging(isChanging ? "" : command.id);
		},
		onBlur: () => {
			onChanging("");
		},
		onKeyDown: (event) => {
			if (!isChanging || event.key === "Tab") return;
			event.preventDefault();
			event.stopPropagation();
			const chord = chordOf(event);
			if (chord === null) return;
			if (chord !== "Escape") KEYS.choose(command.id, chord === "Backspace" ? [] : [chord]);
			onChanging("");
		},
		children: isChanging ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "quiet",
			children: t("shortcuts.press")
		}) : shown.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "quiet",
			children: "—"
		}) : shown
	})] });
}
// src/shell/dialogs/SubflowPorts.tsx
/** The inputs and outputs of a subflow: what they are called, and which nodes they are joined to. */
function SubflowPorts({ flow, drawing, onClose }) {
	const { t } = useTexts();
	const [ports, setPorts] = (0, import_react.useState)(() => portsOf(flow.sheet.flow));
	const targets = drawing.nodes.filter((node) => node.inputs.length > 0).flatMap((node) => node.inputs.map((port) => port === null ? node.id : `${node.id}.${port}`));
	const sources = sourcesIn(new Map(drawing.nodes.map((node) => [node.id, node.outputs])));
	const isWhole = [...ports.inputs, ...ports.outputs].every((port) => /^[a-z][a-z0-9_-]*$/.test(port.name)) && isDistinct(ports.inputs) && isDistinct(ports.outputs);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t("subflow.title"),
		className: "is-wide",
		onClose,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("subflow.about")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(PortRows, {
				title: t("subflow.inputs"),
				fresh: "in",
				ports: ports.inputs,
				ends: targets,
				onChange: (inputs) => {
					setPorts({
						...ports,
						inputs
					});
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(PortRows, {
				title: t("subflow.outputs"),
				fresh: "out",
				ports: ports.outputs,
				ends: sources,
				onChange: (outputs) => {
					setPorts({
						...ports,
						outputs
					});
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [
				!isWhole && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "field-problem is-error",
					children: t("subflow.names")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: onClose,
					children: t("dialog.cancel")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "primary",
					disabled: !isWhole,
					onClick: () => {
						onClose();
						flow.edit(t("command.subflowPorts"), (sheet) => ({
							...sheet,
							flow: withPorts(sheet.flow, ports.inputs, ports.outputs)
						}));
					},
					children: t("dialog.done")
				})
			] })
		]
	});
}
function isDistinct(ports) {
	return new Set(ports.map((port) => port.name)).size === ports.length;
}
function PortRows({ title, fresh, ports, ends, onChange }) {
	const { t } = useTexts();
	const change = (index, by) => {
		onChange(ports.map((port, at) => at === index ? {
			...port,
			...by
		} : port));
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "port-rows",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: title }),
			ports.map((port, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "port-row",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						"aria-label": t("form.name"),
						value: port.name,
						onChange: (event) => {
							change(index, { name: event.target.value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						"aria-label": t("flows.description"),
						placeholder: t("flows.description"),
						value: port.description,
						onChange: (event) => {
							change(index, { description: event.target.value });
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
						multiple: true,
						size: 3,
						"aria-label": t("subflow.joined", { port: port.name }),
						value: [...port.ends],
						onChange: (event) => {
							change(index, { ends: [...event.target.selectedOptions].map((option) => option.value) });
						},
						children: [.../* @__PURE__ */ new Set([...ends, ...port.ends])].map((end) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { children: end }, end))
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": t("form.remove", { name: port.name }),
						onClick: () => {
							onChange(ports.filter((_, at) => at !== index));
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "trash" })
					})
				]
			}, index)),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				onClick: () => {
					const name = freeId(fresh, new Set(ports.map((port) => port.name)));
					onChange([...ports, {
						name,
						description: "",
						ends: []
					}]);
				},
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
					" ",
					t("form.addItem")
				]
			})
		]
	});
}
// src/shell/use_commands.ts
/** The keyboard and the clipboard of the whole window lead to commands. */
var TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]";
function useCommands(keys, around) {
	(0, import_react.useEffect)(() => {
		const pressed = (event) => {
			if (event.defaultPrevented || event.isComposing || isDialogOpen()) return;
			const now = around();
			const command = commandFor(event, keys, now, {
				isTyping: isTypingIn(event.target),
				isOnCanvas: isOnCanvas(event.target)
			});
			if (command !== null) {
				event.preventDefault();
				command.run(now);
			}
		};
		const copied = (event) => {
			const now = around();
			if (!isForFlow(event, now) || now.flow.selection.size === 0 || String(getSelection()) !== "") return;
			event.clipboardData?.setData("text/plain", copy(now));
			event.preventDefault();
			if (event.type === "cut") removeChosen(now.flow, now.t);
		};
		const pasted = (event) => {
			const now = around();
			const text = event.clipboardData?.getData("text") ?? "";
			if (isForFlow(event, now) && pasteText(now.flow, text, now.t, now.desk.canvas?.pointer() ?? null)) event.preventDefault();
		};
		addEventListener("keydown", pressed);
		addEventListener("copy", copied);
		addEventListener("cut", copied);
		addEventListener("paste", pasted);
		return () => {
			removeEventListener("keydown", pressed);
			removeEventListener("copy", copied);
			removeEventListener("cut", copied);
			removeEventListener("paste", pasted);
		};
	}, [keys, around]);
}
function isForFlow(event, around) {
	return !isDialogOpen() && !isTypingIn(event.target) && around.flow !== null && around.drawing !== null;
}
function isDialogOpen() {
	return document.querySelector("dialog[open]") !== null;
}
function isTypingIn(target) {
	return target instanceof Element && target.closest(TYPING) !== null;
}
/** Whether the keyboard is on the canvas, or nowhere in particular: a press on the empty canvas gives it to the page. */
function isOnCanvas(target) {
	return target === document.body || target instanceof Element && (target.matches(".flow-page") || target.closest(".canvas-surface") !== null);
}
// src/shell/Commands.tsx
/** Commands and the dialogs that they open, over whichever page is shown. */
function Commands({ state, deploy }) {
	const { t } = useTexts();
	const { desk, project } = state;
	useSignal(desk.changed);
	(0, import_react.useEffect)(() => {
		desk.deployWith(deploy);
	}, [desk, deploy]);
	const around = (0, import_react.useCallback)(() => ({
		state,
		desk,
		t,
		flow: desk.drawing === null ? null : project.current,
		drawing: desk.drawing,
		deploy: () => {
			desk.deploy();
		}
	}), [
		state,
		desk,
		project,
		t
	]);
	useCommands(KEYS, around);
	const { dialog, menu } = desk;
	if (dialog === null) return menu === null ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ContextMenu, {
		around: around(),
		request: menu
	}, `${menu.screen.x} ${menu.screen.y}`);
	const now = around();
	const close = () => {
		desk.close();
	};
	switch (dialog.kind) {
		case "commands": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CommandPalette, { around: now });
		case "shortcuts": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Shortcuts, { onClose: close });
		case "search": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SearchDialog, {
			state,
			desk,
			first: dialog.text
		}, dialog.text);
		case "new-flow": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewFlow, {
			project,
			onClose: close
		});
		case "import": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Import, {
			project,
			flow: now.flow,
			onClose: close
		});
		case "export": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Export, {
			text: dialog.text,
			name: dialog.name,
			onClose: close
		});
	}
	if (now.flow === null || now.drawing === null) return null;
	switch (dialog.kind) {
		case "rename-flow": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RenameFlow, {
			flow: now.flow,
			onClose: close
		});
		case "delete-flow": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeleteFlow, {
			project,
			flow: now.flow,
			onClose: close
		});
		case "group": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(GroupDialog, {
			flow: now.flow,
			drawing: now.drawing,
			group: dialog.group,
			onClose: close
		});
		case "subflow-ports": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SubflowPorts, {
			flow: now.flow,
			drawing: now.drawing,
			onClose: close
		});
	}
}
// src/model/library.ts
var Library = class {
	server;
	#kept = /* @__PURE__ */ new Map();
	constructor(server) {
		this.server = server;
	}
	/** Read flows as far as their files are others than those that are known; broken files are left out. */
	async read(flows) {
		const wanted = flows.filter((flow) => flow.revision !== null && this.#kept.get(flow.id)?.revision !== flow.revision);
		await Promise.all(wanted.map(async ({ id }) => {
			const { document, revision } = await this.server.get(`/flows/${encodeURIComponent(id)}`);
			if (document !== null) this.#kept.set(id, {
				revision,
				flow: document
			});
		}));
	}
	/** Forget the flows that are no longer on disk. */
	keepOnly(ids) {
		for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id);
	}
	flows() {
		return [...this.#kept.values()].map(({ flow }) => flow);
	}
};
// src/model/changed_nodes.ts
/** What differs between two versions of a flow, if that is nothing but nodes: each by its id, null for one that is gone. */
function changedNodes(before, after) {
	const old = nodesOf(before);
	const now = nodesOf(after);
	if (!sameJson({
		...before,
		nodes: {}
	}, {
		...after,
		nodes: {}
	})) return null;
	const changed = {};
	for (const [id, node] of Object.entries(now)) if (!sameJson(old[id], node)) changed[id] = node;
	for (const id of Object.keys(old)) if (!Object.hasOwn(now, id)) changed[id] = null;
	return changed;
}
// src/model/patch.ts
/** The difference between two JSON values, as patches that can be applied forwards and backwards. */
/**
* The patches that lead from one value to another, one for each value that differs.
*
* What both share by identity is not looked into, so that the cost follows the change, not the size. Lists are
* compared as a whole.
*/
function difference(before, after, path = []) {
	if (before === after) return [];
	if (isObject(before) && isObject(after)) return [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => difference(before[key], after[key], [...path, key]));
	return sameJson(before, after) ? [] : [{
		path,
		before,
		after
	}];
}
/** The value with all patches applied. */
function applied(value, patches) {
	return patches.reduce((made, patch) => withValue(made, patch.path, patch.after), value);
}
/** The patches that take others back. */
function inverted(patches) {
	return patches.map(({ path, before, after }) => ({
		path,
		before: after,
		after: before
	})).reverse();
}
// src/model/history.ts
/** A value that is edited, with every edit kept: undo and redo without limit. */
var History = class {
	#value;
	#done = [];
	#undone = [];
	#listeners = /* @__PURE__ */ new Set();
	constructor(value) {
		this.#value = value;
	}
	get value() {
		return this.#value;
	}
	get canUndo() {
		return this.#done.length > 0;
	}
	get canRedo() {
		return this.#undone.length > 0;
	}
	get done() {
		return this.#done;
	}
	/** Call back after every change; what is returned ends it. */
	subscribe = (listener) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};
	/** Make an edit; one that changes nothing leaves no trace. */
	edit(label, change) {
		const after = change(this.#value);
		const patches = difference(this.#value, after);
		if (patches.length === 0) return;
		this.#done = [...this.#done, {
			label,
			patches
		}];
		this.#undone = [];
		this.#set(after);
	}
	undo() {
		const last = this.#done.at(-1);
		if (last !== void 0) {
			this.#done = this.#done.slice(0, -1);
			this.#undone = [...this.#undone, last];
			this.#set(applied(this.#value, inverted(last.patches)));
		}
		return last;
	}
	redo() {
		const next = this.#undone.at(-1);
		if (next !== void 0) {
			this.#undone = this.#undone.slice(0, -1);
			this.#done = [...this.#done, next];
			this.#set(applied(this.#value, next.patches));
		}
		return next;
	}
	/** Change what is no edit of anybody's, as if it had been so from the beginning: before and after every edit. */
	amend(change) {
		const edits = [...this.#done, ...[...this.#undone].reverse()];
		let value = this.#done.reduceRight((after, { patches }) => applied(after, inverted(patches)), this.#value);
		let before = change(value);
		const amended = edits.map(({ label, patches }) => {
			value = applied(value, patches);
			const after = change(value);
			const edit = {
				label,
				patches: difference(before, after)
			};
			before = after;
			return edit;
		});
		this.#undone = amended.splice(this.#done.length).reverse();
		this.#done = amended;
		this.#set(change(this.#value));
	}
	/** Go on with another value, such as a file that changed on disk; what was done can no longer be undone. */
	reset(value) {
		this.#done = [];
		this.#undone = [];
		this.#set(value);
	}
	#set(value) {
		this.#value = value;
		for (const listener of this.#listeners) listener();
	}
};
// src/model/open_flow.ts
var EMPTY_LAYOUT = { flowengine: 1 };
var OpenFlow = class {
	id;
	history;
	changed = new Signal();
	/** Revision of the file that the edits are based on; `null` for a flow that is on no disk yet. */
	base;
	/** The flow and the layout as the file has them. */
	saved;
	problems = [];
	/** Chosen nodes. */
	selection = /* @__PURE__ */ new Set();
	/** Chosen wires, by their ids. */
	wireSelection = /* @__PURE__ */ new Set();
	/** Edits of an earlier visit that can be taken up again. */
	draft = null;
	/** Whether whoever looks at it may not change it. */
	isReadOnly = false;
	/** What the file holds now, where it is other than what the edits are based on; no detail if it is gone. */
	disk = null;
	#wasLaidOut;
	/** Revision of the file that `saved` is; `null` where it is no flow. */
	#savedAs;
	constructor(detail, base) {
		this.id = detail.id;
		this.base = base;
		this.saved = sheetOf(detail.id, detail.document, detail.layout);
		this.#savedAs = detail.document === null ? null : base;
		this.problems = detail.problems;
		this.history = new History(this.saved);
		this.#wasLaidOut = detail.layout !== null;
		this.history.subscribe(() => {
			this.changed.tell();
		});
	}
	get sheet() {
		return this.history.value;
	}
	/** Whether somebody has said where the nodes stand. */
	get isLaidOut() {
		return this.#wasLaidOut;
	}
	/** Whether the flow differs from the file. */
	get isFlowChanged() {
		return this.base === null || !sameJson(this.sheet.flow, this.saved.flow);
	}
	get isLayoutChanged() {
		return !sameJson(this.sheet.layout, this.saved.layout);
	}
	/** What a save has to send: the nodes that changed, or `null` where it takes the whole flow. */
	nodesToSave() {
		return this.base === null || this.base !== this.#savedAs ? null : changedNodes(this.saved.flow, this.sheet.flow);
	}
	/** Where nodes stand that no layout says anything of; it is no edit of anybody's, and undoes none made meanwhile. */
	place(places) {
		this.#wasLaidOut = true;
		const placed = (sheet) => {
			const isNowhere = (id) => id in nodesOf(sheet.flow) && placeOf(sheet.layout, id) === void 0;
			return withPlaces(sheet, Object.fromEntries(Object.entries(places).filter(([id]) => isNowhere(id))));
		};
		this.saved = placed(this.saved);
		this.history.amend(placed);
	}
	/**
	* Put nodes where a layout has them, if all that it was asked for is still as it was.
	*
	* @param asked What it was asked for; it came later.
	* @returns Whether the layout was taken: what somebody did meanwhile goes before it.
	*/
	arrange(label, asked, places) {
		const isAsAsked = sameJson(laidOutPart(asked), laidOutPart(this.sheet));
		if (isAsAsked) this.edit(label, (sheet) => withPlaces(sheet, places));
		return isAsAsked;
	}
	edit(label, change) {
		if (!this.isReadOnly) this.history.edit(label, change);
	}
	select(chosen, wires = /* @__PURE__ */ new Set()) {
		this.selection = chosen;
		this.wireSelection = wires;
		this.changed.tell();
	}
	/** Go on with the edits of an earlier visit; they can be undone. */
	takeUpDraft(label) {
		const { draft } = this;
		if (draft !== null) {
			this.draft = null;
			this.base = draft.base;
			this.history.edit(label, () => draft.sheet);
		}
	}
	dropDraft() {
		this.draft = null;
		this.changed.tell();
	}
	/** What the file holds after it was saved. */
	wasSaved(revision, sheet, problems) {
		this.base = revision;
		this.disk = null;
		this.saved = sheet;
		this.#savedAs = revision;
		this.problems = problems;
		this.changed.tell();
	}
	setDisk(disk) {
		this.disk = disk;
		this.changed.tell();
	}
	/** Go on from what the file holds now, with a flow that takes both into account; undo leads back to the edits. */
	rebase(flow, label) {
		const detail = this.disk?.detail ?? null;
		this.disk = null;
		if (detail === null) this.base = null;
		else {
			this.base = detail.revision;
			this.saved = sheetOf(detail.id, detail.document, detail.layout ?? this.saved.layout);
			this.#savedAs = detail.document === null ? null : detail.revision;
		}
		const places = {
			...this.saved.layout.nodes,
			...this.sheet.layout.nodes
		};
		this.history.edit(label, (sheet) => ({
			flow,
			layout: {
				...sheet.layout,
				nodes: places
			}
		}));
		this.changed.tell();
	}
	showProblems(problems) {
		this.problems = problems;
		this.changed.tell();
	}
	/** Take over what the file holds now; edits are given up. */
	reload(detail) {
		this.base = detail.revision;
		this.disk = null;
		this.problems = detail.problems;
		const sheet = sheetOf(detail.id, detail.document, detail.layout);
		this.saved = detail.layout === null ? {
			...sheet,
			layout: this.sheet.layout
		} : sheet;
		this.#savedAs = detail.document === null ? null : detail.revision;
		this.history.reset(this.saved);
	}
};
/** What of a sheet a layout follows from, and where nodes stand before it. */
function laidOutPart({ flow, layout }) {
	const wires = Object.entries(nodesOf(flow)).map(([id, node]) => [id, node.wires ?? {}]);
	return {
		wires: Object.fromEntries(wires),
		groups: flow.groups ?? {},
		places: layout.nodes ?? {}
	};
}
function sheetOf(id, flow, layout) {
	return {
		flow: flow ?? {
			flowengine: 1,
			id
		},
		layout: layout ?? EMPTY_LAYOUT
	};
}
// src/model/resources.ts
var NONE$1 = {};
var Resources = class {
	server;
	changed = new Signal();
	#detail = null;
	constructor(server) {
		this.server = server;
	}
	get all() {
		return this.#detail?.document?.resources ?? NONE$1;
	}
	async load() {
		this.#detail = await this.server.get("/resources");
		this.changed.tell();
	}
	/** Store a config node, new or changed; it runs at the next deploy. */
	save(id, resource) {
		return this.#put({
			...this.all,
			[id]: resource
		});
	}
	remove(id) {
		return this.#put(Object.fromEntries(Object.entries(this.all).filter(([one]) => one !== id)));
	}
	/** What lint says of a config node as it would be. */
	async check(id, resource) {
		const document = {
			...this.#document,
			resources: {
				...this.all,
				[id]: resource
			}
		};
		return (await this.server.post("/check/resources", { document })).problems.filter((problem) => problem.node === id);
	}
	/** Let the engine start a config node as it would be, apart from what runs, and say what happens. */
	attempt(id, resource) {
		const document = {
			...this.#document,
			resources: {
				...this.all,
				[id]: resource
			}
		};
		return this.server.post(`/resources/${encodeURIComponent(id)}/try`, { document });
	}
	get #document() {
		return this.#detail?.document ?? { flowengine: 1 };
	}
	async #put(resources) {
		const base = this.#detail?.revision ?? "";
		const document = {
			...this.#document,
			resources
		};
		this.#detail = await this.server.put("/resources", {
			base,
			document
		});
		this.changed.tell();
	}
};
// src/model/project.ts
/** A flow cannot be saved: its file is no longer the one that the edits are based on. */
var FlowConflict = class extends Error {
	flow;
	theirs;
	constructor(flow, theirs, message) {
		super(message);
		this.flow = flow;
		this.theirs = theirs;
		this.name = "FlowConflict";
	}
};
var Project = class {
	server;
	drafts;
	/** Whether whoever is signed in may only look. */
	isReadOnly = false;
	/** Whether files are being written: then they are ahead of what we know of them. */
	isSaving = false;
	changed = new Signal();
	flows = [];
	/** All node types, with the subflows. */
	types = /* @__PURE__ */ new Map();
	palette = {
		categories: [],
		types: []
	};
	/** Subflows by the node type that they are, as they are being edited. */
	subflows = /* @__PURE__ */ new Map();
	deployed = "";
	/** The flow on the canvas. */
	current = null;
	resources;
	#open = /* @__PURE__ */ new Map();
	#library;
	/** What was kept last of each flow. */
	#kept = /* @__PURE__ */ new Map();
	#english = {
		categories: [],
		types: []
	};
	/** The node types without the subflows, in the language of whoever reads. */
	#plain = {
		categories: [],
		types: []
	};
	constructor(server, drafts = null) {
		this.server = server;
		this.drafts = drafts;
		this.#library = new Library(server);
		this.resources = new Resources(server);
		this.resources.changed.subscribe(() => {
			this.changed.tell();
		});
	}
	async load() {
		const [palette, list] = await Promise.all([
			this.server.get("/node-types"),
			this.server.get("/flows"),
			this.resources.load()
		]);
		this.#english = palette;
		this.#plain = palette;
		this.palette = palette;
		this.types = new Map(palette.types.map((type) => [type.name, type]));
		await this.#take(list);
		this.#restoreUnsaved();
	}
	/** Let node types speak another language. */
	speak(texts) {
		this.#plain = texts.palette(this.#english);
		this.#findSubflows();
		this.changed.tell();
	}
	async refresh() {
		await this.#take(await this.server.get("/flows"));
	}
	/** The documents of all flows: as they are being edited where they are open, else as they are on disk. */
	async documents() {
		await this.#library.read(this.flows);
		return this.#known();
	}
	opened() {
		return [...this.#open.values()];
	}
	/** Open a flow, or return it as it is already open, and show it. */
	async show(id) {
		let flow = this.#open.get(id);
		if (flow === void 0) {
			const detail = await this.server.get(`/flows/${encodeURIComponent(id)}`);
			flow = this.#open.get(id) ?? this.#add(new OpenFlow(detail, detail.revision));
		}
		this.current = flow;
		this.changed.tell();
		return flow;
	}
	/** Begin a flow that is on no disk yet. */
	create(id, name) {
		const document = name === "" ? {
			flowengine: 1,
			id
		} : {
			flowengine: 1,
			id,
			name
		};
		const flow = this.#add(new OpenFlow({
			id,
			revision: "",
			document,
			layout: { flowengine: 1 },
			problems: []
		}, null));
		this.current = flow;
		this.changed.tell();
		return flow;
	}
	/** Close a flow; edits that are not on disk stay as a draft. The flow beside it is shown. */
	close(id) {
		const order = [...this.#open.keys()];
		const at = order.indexOf(id);
		this.#open.delete(id);
		if (this.current?.id === id) this.current = this.#open.get(order[at + 1] ?? order[at - 1] ?? "") ?? null;
		this.changed.tell();
	}
	/** Put an open flow before or after another in the order of the tabs: where the other stands. */
	moveTab(id, to) {
		const order = [...this.#open.values()];
		const from = order.findIndex((flow) => flow.id === id);
		const at = order.findIndex((flow) => flow.id === to);
		const [moved] = from < 0 || at < 0 ? [] : order.splice(from, 1);
		if (moved !== void 0) {
			order.splice(at, 0, moved);
			this.#open.clear();
			for (const flow of order) this.#open.set(flow.id, flow);
			this.changed.tell();
		}
	}
	/** Keep what is not on disk as drafts; a draft that was offered stays until it is taken or dropped. */
	keepDrafts() {
		for (const flow of this.#open.values()) {
			if (this.#kept.get(flow.id) === flow.sheet && flow.draft === null) continue;
			if (flow.isFlowChanged || flow.isLayoutChanged) this.drafts?.keep(flow.id, flow.sheet, flow.base);
			else if (flow.draft === null) this.drafts?.discard(flow.id);
			this.#kept.set(flow.id, flow.sheet);
		}
	}
	/** Remove a flow from disk, or give up one that is on none; what runs stays until the next deploy. */
	async remove(id) {
		const base = this.#open.get(id)?.base ?? this.flows.find((flow) => flow.id === id)?.revision ?? null;
		if (base !== null) await this.server.delete(`/flows/${encodeURIComponent(id)}?base=${encodeURIComponent(base)}`);
		this.drafts?.discard(id);
		this.close(id);
		await this.refresh();
	}
	/** Have lint look at a flow as it is now. */
	async check(flow) {
		const document = flow.sheet.flow;
		const result = await this.server.post("/check/flow", { document });
		if (flow.sheet.flow === document) {
			flow.showProblems(result.problems);
			this.changed.tell();
		}
	}
	/** Write what is changed to disk: the flows first, so that a layout has its flow. */
	async save() {
		this.isSaving = true;
		try {
			await this.#save();
		} finally {
			this.isSaving = false;
		}
	}
	async #save() {
		for (const flow of this.#open.values()) {
			const sheet = flow.sheet;
			const path = `/flows/${encodeURIComponent(flow.id)}`;
			if (flow.isFlowChanged) {
				const saved = await this.#put(flow, path);
				flow.wasSaved(saved.revision, {
					...flow.saved,
					flow: sheet.flow
				}, saved.problems);
			}
			if (flow.isLayoutChanged) {
				await this.server.put(`${path}/layout`, { layout: sheet.layout });
				flow.wasSaved(flow.base ?? "", {
					...flow.saved,
					layout: sheet.layout
				}, flow.problems);
			}
			this.drafts?.discard(flow.id);
			flow.draft = null;
		}
	}
	/** Save everything and make it what runs. */
	async deploy(restart = "nodes") {
		await this.save();
		const report = await this.server.post("/deploy", {
			base: this.deployed,
			restart
		});
		await this.refresh();
		return report;
	}
	async #put(flow, path) {
		const nodes = flow.nodesToSave();
		try {
			return nodes === null ? await this.server.put(path, {
				base: flow.base,
				document: flow.sheet.flow
			}) : await this.server.patch(path, {
				base: flow.base,
				nodes
			});
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "stale-revision" && "detail" in error) {
				const { current } = error.detail;
				throw new FlowConflict(flow, current, error.message);
			}
			throw error;
		}
	}
	#add(flow) {
		flow.isReadOnly = this.isReadOnly;
		this.#open.set(flow.id, flow);
		const draft = this.drafts?.get(flow.id) ?? null;
		if (draft !== null && !sameJson(draft.sheet, flow.saved)) flow.draft = draft;
		flow.history.subscribe(() => {
			if (isSubflow(flow.sheet.flow) || this.subflows.has("subflow:" + flow.id)) this.#findSubflows();
		});
		flow.changed.subscribe(() => {
			this.changed.tell();
		});
		return flow;
	}
	async #take(list) {
		this.flows = list.flows;
		this.deployed = list.deployed;
		this.#library.keepOnly(new Set(list.flows.map((flow) => flow.id)));
		await this.#library.read(list.flows.filter((flow) => flow.state === "subflow"));
		this.#findSubflows();
		this.changed.tell();
	}
	#known() {
		return [...this.opened().map((flow) => flow.sheet.flow), ...this.#library.flows().filter((flow) => !this.#open.has(flow.id))];
	}
	#findSubflows() {
		const subflows = this.#known().filter(isSubflow);
		this.subflows = new Map(subflows.map((flow) => [SUBFLOW + flow.id, flow]));
		const types = [...this.#plain.types, ...subflows.map(typeOf)];
		const category = {
			name: SUBFLOW_CATEGORY,
			types: subflows.map((flow) => SUBFLOW + flow.id)
		};
		this.palette = {
			categories: subflows.length === 0 ? this.#plain.categories : [...this.#plain.categories, category],
			types
		};
		this.types = new Map(types.map((type) => [type.name, type]));
	}
	/** Flows that never were on disk live in their drafts alone: they are opened again without asking. */
	#restoreUnsaved() {
		for (const id of this.drafts?.ids() ?? []) {
			const draft = this.drafts?.get(id);
			if (draft?.base === null && !this.flows.some((flow) => flow.id === id)) {
				const { flow: document, layout } = draft.sheet;
				this.#add(new OpenFlow({
					id,
					revision: "",
					document,
					layout,
					problems: []
				}, null));
			}
		}
	}
};
// src/model/deploying.ts
/** What restarts: the nodes that changed, the flows that changed as a whole, or everything. */
var MODES = [
	"nodes",
	"flows",
	"all"
];
function isMode(text) {
	return MODES.includes(text);
}
/** What a deploy would do now: with the edits of all open flows. */
function preview$1(project, mode) {
	const flows = project.opened().filter((flow) => flow.isFlowChanged).map((flow) => flow.sheet.flow);
	return project.server.post("/deploy/preview", {
		flows,
		restart: mode
	});
}
function errorsOf(shown) {
	return shown.problems.filter((problem) => (problem.severity ?? "error") === "error");
}
/** Save and deploy, if nothing speaks against it. */
async function deploy(project, mode) {
	const decide = project.opened().find((flow) => flow.disk !== null && flow.isFlowChanged);
	if (decide !== void 0) return {
		kind: "conflict",
		flow: decide
	};
	const shown = await preview$1(project, mode);
	if (errorsOf(shown).length > 0) return {
		kind: "errors",
		preview: shown
	};
	try {
		await project.deploy(mode);
		return { kind: "done" };
	} catch (error) {
		if (error instanceof FlowConflict) {
			error.flow.setDisk({ detail: error.theirs });
			return {
				kind: "conflict",
				flow: error.flow
			};
		}
		if (error instanceof Error && "code" in error && error.code === "stale-revision") {
			await project.refresh();
			return { kind: "stale" };
		}
		throw error;
	}
}
// src/shell/use_coming.ts
/** What the next deploy would do, asked anew when the flows that it would deploy have changed for a while. */
var AFTER = 700;
/** The last preview that was asked for; `null` while nothing would be deployed. */
function useComing(project, mode, isChanged) {
	const [coming, setComing] = (0, import_react.useState)(null);
	const edited = project.opened().filter((flow) => flow.isFlowChanged);
	const [asked, setAsked] = (0, import_react.useState)([]);
	const now = [
		mode,
		project.deployed,
		isChanged,
		project.resources.all,
		project.flows,
		...edited.map((flow) => flow.sheet.flow)
	];
	if (now.length !== asked.length || now.some((one, index) => one !== asked[index])) setAsked(now);
	(0, import_react.useEffect)(() => {
		let isWanted = true;
		const timer = setTimeout(() => {
			if (isChanged) preview$1(project, mode).then((found) => {
				if (isWanted) setComing(found);
			}, () => void 0);
		}, AFTER);
		return () => {
			isWanted = false;
			clearTimeout(timer);
		};
	}, [
		project,
		mode,
		isChanged,
		asked
	]);
	return isChanged ? coming : null;
}
// src/shell/DeployControl.tsx
var ReviewDialog = (0, import_react.lazy)(() => __vitePreload(() => import("./ReviewDialog.js"), __vite__mapDeps([26,1,2,3,4,9])));
var ConflictDialog$1 = (0, import_react.lazy)(() => __vitePreload(() => import("./ConflictDialog.js"), __vite__mapDeps([27,1,2,3,4,11])));
var KEPT$1 = "flowengine.deploy";
var NARROW = "(max-width: 1000px)";
function DeployControl({ state, onNotice, handle }) {
	const { t } = useTexts();
	const { project } = state;
	useSignal(project.changed);
	const [mode, setMode] = (0, import_react.useState)(() => {
		const kept = localStorage.getItem(KEPT$1);
		return isMode(kept) ? kept : "nodes";
	});
	const [between, setBetween] = (0, import_react.useState)(null);
	const [isBusy, setBusy] = (0, import_react.useState)(false);
	const isChanged = mode === "all" || project.opened().some((one) => one.isFlowChanged || one.isLayoutChanged) || project.flows.some((one) => one.changed);
	const coming = useComing(project, mode, isChanged && state.may("editor"));
	const review = () => {
		setBetween({
			kind: "review",
			reason: ""
		});
	};
	/** What restarts stands beside the button; where there is no room for it, it is shown first. */
	const begin = () => {
		if (matchMedia(NARROW).matches) review();
		else run();
	};
	const run = () => {
		if (isBusy) return;
		setBusy(true);
		onNotice("");
		deploy(project, mode).then((outcome) => {
			switch (outcome.kind) {
				case "done":
					setBetween(null);
					onNotice(t("deploy.done"));
					break;
				case "errors":
					setBetween({
						kind: "review",
						reason: t("deploy.blocked")
					});
					break;
				case "stale":
					setBetween({
						kind: "review",
						reason: t("deploy.stale")
					});
					break;
				case "conflict": setBetween({
					kind: "conflict",
					flow: outcome.flow
				});
			}
		}).catch((error) => {
			onNotice(t("deploy.refused", { reason: sentence(error) }));
		}).finally(() => {
			setBusy(false);
		});
	};
	(0, import_react.useImperativeHandle)(handle, () => ({ deploy: begin }));
	if (!state.may("editor")) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		coming !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "icon-button deploy-coming",
			title: t("deploy.review"),
			onClick: review,
			children: inShort(coming, t)
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "deploy-buttons",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "primary",
				disabled: !isChanged || isBusy,
				title: t(`deploy.mode.${mode}.about`),
				onClick: begin,
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "deploy" }),
					" ",
					t("deploy.button")
				]
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				"aria-label": t("deploy.options"),
				title: t("deploy.options"),
				onClick: review,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "down" })
			})]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_react.Suspense, { children: [between?.kind === "review" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReviewDialog, {
			project,
			mode,
			reason: between.reason,
			isBusy,
			onMode: (chosen) => {
				localStorage.setItem(KEPT$1, chosen);
				setMode(chosen);
			},
			onDeploy: run,
			onClose: () => {
				setBetween(null);
			}
		}), between?.kind === "conflict" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConflictDialog$1, {
			project,
			flow: between.flow,
			onDone: run,
			onClose: () => {
				setBetween(null);
			}
		})] })
	] });
}
function inShort(coming, t) {
	const errors = errorsOf(coming).length;
	if (errors > 0) return t("deploy.coming.errors", { count: errors });
	const nodes = Object.values(coming.restarted).reduce((sum, some) => sum + some.length, 0);
	const parts = [
		nodes > 0 ? t("deploy.coming.nodes", { count: nodes }) : "",
		coming.started.length > 0 ? t("deploy.coming.starts", { count: coming.started.length }) : "",
		coming.stopped.length > 0 ? t("deploy.coming.stops", { count: coming.stopped.length }) : "",
		coming.restarted_resources.length > 0 ? t("deploy.coming.resources", { count: coming.restarted_resources.length }) : ""
	].filter(Boolean);
	return parts.length === 0 ? t("deploy.noRestarts") : parts.join(" · ");
}
// src/api/events.ts
var FIRST_WAIT = 500;
var LONGEST_WAIT = 1e4;
var EventStream = class {
	listener;
	#socket = null;
	#wanted = {
		kinds: null,
		flows: null,
		figures: [],
		taps: []
	};
	#wait = FIRST_WAIT;
	#timer;
	#isClosed = false;
	constructor(listener) {
		this.listener = listener;
	}
	/** Say what matters; the engine sends nothing else. */
	want(wanted) {
		this.#wanted = wanted;
		this.#subscribe(false);
	}
	open() {
		const scheme = location.protocol === "https:" ? "wss" : "ws";
		const socket = new WebSocket(`${scheme}://${location.host}/admin/api/events`, ["flowengine.events"]);
		this.#socket = socket;
		socket.onopen = () => {
			this.#wait = FIRST_WAIT;
			this.#subscribe(true);
			this.listener.connection(true);
		};
		socket.onmessage = (message) => {
			this.#take(JSON.parse(message.data));
		};
		socket.onclose = () => {
			this.listener.connection(false);
			if (!this.#isClosed) {
				this.#timer = setTimeout(() => {
					this.open();
				}, this.#wait);
				this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
			}
		};
	}
	close() {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		this.#socket?.close();
	}
	#subscribe(recent) {
		if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({
			type: "subscribe",
			...this.#wanted,
			recent
		}));
	}
	#take(message) {
		if (message["type"] === "events") this.listener.events(message["events"], Number(message["missed"] ?? 0));
		else if (message["type"] === "figures") this.listener.figures(message);
	}
};
// src/model/disk.ts
var Disk = class {
	project;
	#isLooking = false;
	#again = null;
	constructor(project) {
		this.project = project;
	}
	/**
	* Compare the open flows with the list of files. One without edits follows its file; one with edits says that there
	* is something to decide.
	*
	* @param layouts Flows whose layout file changed: no revision tells of that.
	*/
	async look(layouts = /* @__PURE__ */ new Set()) {
		if (this.#isLooking) {
			this.#again = /* @__PURE__ */ new Set([...this.#again ?? [], ...layouts]);
			return;
		}
		this.#isLooking = true;
		try {
			await this.project.refresh();
			for (const flow of this.project.opened()) await this.#compare(flow, layouts.has(flow.id));
		} finally {
			this.#isLooking = false;
		}
		const again = this.#again;
		if (again !== null) {
			this.#again = null;
			await this.look(again);
		}
	}
	#isAhead() {
		return this.project.isSaving;
	}
	async #compare(flow, hasOtherLayout) {
		const { project } = this;
		const revision = project.flows.find((one) => one.id === flow.id)?.revision ?? null;
		if (this.#isAhead() || flow.base === null || revision === flow.base && !hasOtherLayout) return;
		if (revision === null) {
			if (flow.isFlowChanged) flow.setDisk({ detail: null });
			else project.close(flow.id);
			return;
		}
		const detail = await project.server.get(`/flows/${encodeURIComponent(flow.id)}`);
		const isOther = detail.revision !== flow.base;
		if (this.#isAhead() || !isOther && sameJson(detail.layout, flow.saved.layout)) return;
		if (!flow.isFlowChanged && !flow.isLayoutChanged) flow.reload(detail);
		else if (isOther && flow.disk?.detail?.revision !== detail.revision) flow.setDisk({ detail });
	}
};
// src/model/draft_store.ts
var PREFIX = "flowengine.draft.";
var DraftStore = class {
	storage;
	now;
	constructor(storage, now) {
		this.storage = storage;
		this.now = now;
	}
	/** Keep a draft; a browser that has no room left keeps none, and editing goes on. */
	keep(id, sheet, base) {
		try {
			this.storage.setItem(PREFIX + id, JSON.stringify({
				...sheet,
				base,
				at: this.now()
			}));
			return true;
		} catch {
			return false;
		}
	}
	discard(id) {
		this.storage.removeItem(PREFIX + id);
	}
	get(id) {
		try {
			const value = JSON.parse(this.storage.getItem(PREFIX + id) ?? "null");
			if (!isObject(value) || !isObject(value["flow"]) || value["flow"]["id"] !== id || !isObject(value["layout"])) return null;
			const { flow, layout, base, at } = value;
			return {
				sheet: {
					flow,
					layout
				},
				base: typeof base === "string" ? base : null,
				at: Number(at)
			};
		} catch {
			return null;
		}
	}
	/** Ids of the flows that have a draft. */
	ids() {
		return Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? "").filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(17));
	}
};
// src/model/roles.ts
/** What somebody may do, by role: each may all that those before may. */
var ROLES = [
	"viewer",
	"operator",
	"editor",
	"admin"
];
function isRole(text) {
	return ROLES.includes(text);
}
/** Whether somebody of one role may do what takes another. */
function may(role, needed) {
	return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
// src/model/event_log.ts
/** What the engine told, as far as it is kept: the newest, and no more than so many. */
var EventLog = class {
	most;
	changed = new Signal();
	#entries = [];
	#frozen = null;
	#count = 0;
	#missed = 0;
	constructor(most = 1e3) {
		this.most = most;
	}
	/** What is shown: everything kept, or what was kept when the log was paused. */
	get entries() {
		return this.#frozen ?? this.#entries;
	}
	get isPaused() {
		return this.#frozen !== null;
	}
	/** Events that the engine left out because this side was slow. */
	get missed() {
		return this.#missed;
	}
	/** Entries that came since the log was paused. */
	get behind() {
		return this.#frozen === null ? 0 : this.#count - (this.#frozen.at(-1)?.number ?? this.#count);
	}
	take(events, missed = 0) {
		if (events.length === 0 && missed === 0) return;
		this.#missed += missed;
		const added = events.slice(-this.most).map((event) => ({
			...event,
			number: ++this.#count,
			level: levelOf(event)
		}));
		this.#entries = [...this.#entries, ...added].slice(-this.most);
		this.changed.tell();
	}
	pause() {
		this.#frozen = this.#entries;
		this.changed.tell();
	}
	resume() {
		this.#frozen = null;
		this.changed.tell();
	}
	clear() {
		this.#entries = [];
		this.#frozen = this.#frozen === null ? null : [];
		this.#missed = 0;
		this.changed.tell();
	}
};
function levelOf(event) {
	if (event.kind === "error" || event.kind === "broken" || event.data["level"] === "error") return "error";
	return event.data["missing"] === true || event.data["level"] === "warning" ? "warning" : "info";
}
/** The node on the canvas that an id means: of one in a subflow, the node that stands for the subflow. */
function drawnNode(id) {
	const slash = id.indexOf("/");
	return slash < 0 ? id : id.slice(0, slash);
}
function filtered(entries, filter) {
	const text = filter.text.trim().toLowerCase();
	return entries.filter((entry) => (filter.flow === null || entry.flow === filter.flow || entry.flow === "") && (filter.nodes === null || filter.nodes.has(drawnNode(entry.node))) && (filter.level === null || entry.level === filter.level) && (text === "" || searchText(entry).includes(text)));
}
var texts = /* @__PURE__ */ new WeakMap();
function searchText(entry) {
	let text = texts.get(entry);
	if (text === void 0) {
		text = `${entry.kind} ${entry.flow} ${entry.node} ${JSON.stringify(entry.data)}`.toLowerCase();
		texts.set(entry, text);
	}
	return text;
}
/** Seconds after which nothing told means that nothing happened: the engine tells each second what changed. */
var QUIET = 2.5;
var FiguresHistory = class {
	clock;
	seconds;
	changed = new Signal();
	#lines = /* @__PURE__ */ new Map();
	/** When each flow was last told of, by the engine's clock. */
	#told = /* @__PURE__ */ new Map();
	/** Seconds that the engine's clock is ahead of ours. */
	#ahead = 0;
	/**
	* @param clock The time in seconds.
	* @param seconds How far back samples are shown.
	*/
	constructor(clock, seconds = 300) {
		this.clock = clock;
		this.seconds = seconds;
	}
	/** The end of the time that is shown: now, by the engine's clock. */
	get now() {
		return this.clock() + this.#ahead;
	}
	take(told) {
		this.#ahead = told.at - this.clock();
		this.#told.set(told.flow, told.at);
		const { received, failed } = told.account;
		const inFlight = Number(told.account["in_flight"] ?? 0);
		this.#add(told.flow, "", told.at, Number(received ?? 0), Number(failed ?? 0), inFlight);
		for (const [node, [count, errors, waiting]] of Object.entries(told.nodes)) this.#add(told.flow, node, told.at, count, errors, waiting);
		for (const [port, sent] of Object.entries(told.ports)) this.#add(told.flow, portLine(port), told.at, sent, 0, 0);
		this.changed.tell();
	}
	/** Nobody looks from now on until something is told again: of the time between, only what came of it is known. */
	cut() {
		for (const line of this.#lines.values()) line.isCut = true;
	}
	/** The samples of a node, of a port, or of the flow as a whole, up to now, and one before the time that is shown. */
	samples(flow, node) {
		const line = this.#lines.get(key(flow, node));
		if (line === void 0) return [];
		const { now } = this;
		const all = now - line.at > 2.5 ? [...line.samples, ...still(line, now)] : line.samples;
		return all.slice(before(all, now - this.seconds));
	}
	/** How a node or a port stands; `undefined` if nothing was told of it. */
	standing(flow, node) {
		const line = this.#lines.get(key(flow, node));
		if (line === void 0) return;
		return {
			rate: line.at === this.#told.get(flow) && this.now - line.at <= 2.5 ? line.samples.at(-1)?.received ?? 0 : 0,
			errors: line.errors,
			waiting: line.waiting
		};
	}
	#add(flow, node, at, received, errors, waiting) {
		const id = key(flow, node);
		const line = this.#lines.get(id);
		const told = {
			at,
			received,
			errors,
			waiting,
			isCut: false
		};
		if (line === void 0) {
			this.#lines.set(id, {
				...told,
				samples: [{
					at,
					received: 0,
					errors: 0,
					waiting
				}]
			});
			return;
		}
		const gap = at - line.at;
		if (gap <= 0) return;
		const isQuiet = gap > 2.5 && !line.isCut;
		if (isQuiet) line.samples.push(...still(line, at - 1));
		const isAnew = received < line.received || errors < line.errors;
		const rate = (now, then) => isAnew ? 0 : (now - then) / (isQuiet ? 1 : gap);
		line.samples.push({
			at,
			received: rate(received, line.received),
			errors: rate(errors, line.errors),
			waiting
		});
		Object.assign(line, told);
		line.samples.splice(0, before(line.samples, at - this.seconds));
	}
};
/** How nothing happens after a line was told of, until a moment. */
function still({ at, waiting }, until) {
	const quiet = {
		received: 0,
		errors: 0,
		waiting
	};
	return [{
		at: at + 1,
		...quiet
	}, {
		at: until,
		...quiet
	}];
}
/** The index of the last sample that is not after a moment, or of the first. */
function before(samples, moment) {
	const first = samples.findIndex((sample) => sample.at > moment);
	return Math.max((first === -1 ? samples.length : first) - 1, 0);
}
/** The line of what a port sends; no id of a node is so. */
function portLine(port) {
	return `>${port}`;
}
function key(flow, node) {
	return `${flow} ${node}`;
}
/** Points of a line as SVG writes them, in a box. */
function linePath(samples, value, box) {
	const across = (at) => (at - box.from) / Math.max(box.to - box.from, 1e-9) * box.width;
	const up = (number) => box.height - number / Math.max(box.most, 1e-9) * box.height;
	return samples.map((sample) => [across(sample.at), up(value(sample))]).map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}
// src/model/json_path.ts
/** `["payload", "list", 0]` as `$.payload.list[0]`. */
function pathText(path, root = "$") {
	return path.reduce((text, key) => {
		if (typeof key === "number") return `${text}[${key}]`;
		return /^[A-Za-z_]\w*$/.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`;
	}, root);
}
/** A value in one short line. */
function preview(value, most = 160) {
	const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
	return text.length > most ? `${text.slice(0, most)}…` : text;
}
// src/model/pins.ts
var Pins = class {
	changed = new Signal();
	#all = [];
	get all() {
		return this.#all;
	}
	/** Pin a place, or let it go where it is pinned already. */
	turn(pin) {
		const name = pinName(pin);
		const others = this.#all.filter((one) => pinName(one) !== name);
		this.#all = others.length < this.#all.length ? others : [...others, pin].slice(-20);
		this.changed.tell();
	}
};
/** What tells a pin from others. */
function pinName({ flow, node, root, path }) {
	return `${flow}/${node} ${pathText(path, root)}`;
}
/** The newest value at a pinned place, and when it came; `undefined` where none of the entries has one. */
function newestAt(pin, entries) {
	for (let index = entries.length - 1; index >= 0; index--) {
		const entry = entries[index];
		if (entry?.kind === "debug" && entry.flow === pin.flow && entry.node === pin.node && rootOf(entry) === pin.root) {
			const value = valueAt(entry.data["value"], pin.path);
			if (value !== void 0) return {
				value,
				at: entry.at
			};
		}
	}
}
/** The path of what a debug node showed. */
function rootOf(entry) {
	const path = entry.data["path"];
	return typeof path === "string" ? path : "$";
}
// src/model/watch.ts
/** What the editor knows of what runs: messages, statuses, rates, and the way of the message that is looked at. */
var MESSAGE_KINDS = /* @__PURE__ */ new Set(["debug", "error"]);
var LOOKED_AT = 50;
var Watch = class {
	/** Messages of debug nodes, and errors. */
	messages = new EventLog();
	/** Everything else that happens. */
	log = new EventLog();
	/** What passed the port that somebody looks at. */
	tapped = new EventLog(LOOKED_AT);
	/** What is pinned of messages. */
	pins = new Pins();
	history;
	statusChanged = new Signal();
	wayChanged = new Signal();
	#way = /* @__PURE__ */ new Map();
	#statuses = /* @__PURE__ */ new Map();
	#newest = 0;
	#isAgain = false;
	/** @param clock The time in seconds. */
	constructor(clock) {
		this.history = new FiguresHistory(clock);
	}
	/** Nodes that the message that is looked at came to. */
	get way() {
		return this.#way;
	}
	showWay(way) {
		this.#way = way;
		this.wayChanged.tell();
	}
	/** The engine is there again, and tells once more what it remembers. */
	connected() {
		this.#isAgain = true;
		this.history.cut();
	}
	take(told, missed) {
		const known = this.#isAgain ? this.#newest : -Infinity;
		this.#isAgain = false;
		const events = told.filter((event) => event.at > known);
		this.#newest = events.reduce((newest, event) => Math.max(newest, event.at), this.#newest);
		this.tapped.take(events.filter((event) => event.kind === "tap"));
		this.messages.take(events.filter((event) => MESSAGE_KINDS.has(event.kind)), missed);
		this.log.take(events.filter((event) => event.kind !== "tap" && event.kind !== "debug"));
		const statuses = events.filter((event) => event.kind === "status");
		for (const { flow, node, data, at } of statuses) {
			const is_value = data["is_value"] === true;
			this.#of(flow).set(node, {
				text: textOf$2(data["text"]),
				level: textOf$2(data["level"]),
				is_value,
				at
			});
		}
		if (statuses.length > 0) this.statusChanged.tell();
	}
	figures(told) {
		this.history.take(told);
	}
	statuses(flow) {
		return this.#of(flow);
	}
	/** What all nodes of a flow showed at a moment; what was told since counts more. */
	setStatuses(flow, statuses, at) {
		const since = [...this.#of(flow)].filter(([, status]) => status.at > at);
		const then = [...statuses].map(([node, status]) => [node, {
			...status,
			at
		}]);
		this.#statuses.set(flow, new Map([...then, ...since]));
		this.statusChanged.tell();
	}
	#of(flow) {
		let known = this.#statuses.get(flow);
		if (known === void 0) {
			known = /* @__PURE__ */ new Map();
			this.#statuses.set(flow, known);
		}
		return known;
	}
};
function textOf$2(value) {
	return typeof value === "string" ? value : "";
}
// src/shell/desk.ts
var Desk = class {
	changed = new Signal();
	dialog = null;
	adding = null;
	menu = null;
	/** What was copied last: for where the page may not read the clipboard. */
	clip = "";
	isMapShown = true;
	/** What the bar says of what was done last. */
	notice = "";
	noticed = new Signal();
	#canvas = null;
	#drawing = null;
	#deploy = () => void 0;
	get canvas() {
		return this.#canvas;
	}
	/** What is on the canvas; `null` while no flow is shown. */
	get drawing() {
		return this.#drawing;
	}
	/** Deploy as the page's button does. */
	deploy() {
		this.#deploy();
	}
	deployWith(deploy) {
		this.#deploy = deploy;
	}
	viewThrough(canvas) {
		this.#canvas = canvas;
	}
	show(drawing) {
		this.#drawing = drawing;
	}
	say(notice) {
		this.notice = notice;
		this.noticed.tell();
	}
	open(dialog) {
		this.dialog = dialog;
		this.changed.tell();
	}
	close() {
		this.dialog = null;
		this.changed.tell();
	}
	add(adding) {
		this.adding = adding;
		this.changed.tell();
	}
	askMenu(menu) {
		this.menu = menu;
		this.changed.tell();
	}
	toggleMap() {
		this.isMapShown = !this.isMapShown;
		this.changed.tell();
	}
};
// src/shell/editor_state.ts
var CHECK_AFTER = 300;
var KEEP_AFTER = 400;
var EditorState = class {
	client;
	project;
	desk = new Desk();
	stream;
	/** What is known of what runs. */
	watch = new Watch(() => Date.now() / 1e3);
	connection = new Signal();
	disk;
	/** Tells of signing in and out. */
	session = new Signal();
	isSignedOut = false;
	who = {
		name: "",
		role: "viewer",
		kind: "open",
		session: false
	};
	isConnected = false;
	/** What the engine says, in the language of the page. */
	texts = new EngineTexts();
	spoken = new Signal();
	eventListeners = /* @__PURE__ */ new Set();
	#ports = /* @__PURE__ */ new Map();
	#spoken = 0;
	#figures = [];
	#taps = [];
	/** Grows with every node whose ports the server has told. */
	portsKnown = 0;
	#speaking = Promise.resolve();
	#checking;
	#keeping;
	constructor(client) {
		this.client = client;
		this.project = new Project(client, new DraftStore(localStorage, Date.now));
		this.disk = new Disk(this.project);
		this.stream = new EventStream({
			events: (events, missed) => {
				this.watch.take(events, missed);
				this.#happened(events);
			},
			figures: (figures) => {
				this.watch.figures(figures);
			},
			connection: (isUp) => {
				this.isConnected = isUp;
				if (isUp) {
					this.watch.connected();
					this.disk.look().catch(() => void 0);
				}
				this.connection.tell();
			}
		});
	}
	/** Whether somebody of a role may use what takes another. */
	may(role) {
		return may(this.who.role, role);
	}
	/** Let the engine's own words be in a language; without translations, they are English. */
	speak(language) {
		this.#speaking = this.#learn(language).catch(() => void 0);
	}
	async #learn(language) {
		const turn = ++this.#spoken;
		const told = language === "en" ? null : await this.client.get(`/translations/${language}`);
		if (turn === this.#spoken) {
			this.texts = new EngineTexts(told);
			this.project.speak(this.texts);
			this.client.say = (refusal) => this.texts.refusal(refusal);
			this.spoken.tell();
		}
	}
	/** Learn who we are, at the start and after signing in again. */
	async meet() {
		this.who = await this.client.get("/session");
		this.project.isReadOnly = !this.may("editor");
		for (const flow of this.project.opened()) flow.isReadOnly = this.project.isReadOnly;
		this.isSignedOut = false;
		this.session.tell();
	}
	async start() {
		await this.#speaking;
		await this.meet();
		this.client.onSignedOut = () => {
			this.isSignedOut = true;
			this.session.tell();
		};
		await this.project.load();
		this.project.speak(this.texts);
		this.project.changed.subscribe(() => {
			clearTimeout(this.#keeping);
			this.#keeping = setTimeout(() => {
				this.project.keepDrafts();
			}, KEEP_AFTER);
		});
		addEventListener("pagehide", () => {
			this.project.keepDrafts();
		});
		this.stream.open();
	}
	async show(id) {
		const flow = await this.project.show(id);
		if (!this.#figures.includes(id)) this.watch.history.cut();
		this.#figures = [id];
		this.#want();
		return flow;
	}
	/** Look at what leaves a port, or at nothing any more. */
	tap(port) {
		this.watch.tapped.clear();
		this.#taps = port === null ? [] : [port];
		this.#want();
	}
	/** Ask what the nodes of a flow show; changes come as events. */
	async readStatuses(flow) {
		const figures = await this.client.get(`/flows/${encodeURIComponent(flow)}/figures`);
		this.watch.setStatuses(flow, figures.nodes.flatMap((node) => node.status === null ? [] : [[node.id, node.status]]), figures.at);
	}
	/** Have lint look at a flow soon; more edits wait for the last. */
	checkSoon(flow) {
		clearTimeout(this.#checking);
		this.#checking = setTimeout(() => {
			this.project.check(flow).catch(() => void 0);
		}, CHECK_AFTER);
	}
	/** The ports of a node's configuration; `undefined` until the server has told them. */
	ports(type, node) {
		if (this.project.types.get(type)?.own_ports !== true) return;
		const key = `${type} ${JSON.stringify(node.config ?? {})}`;
		const known = this.#ports.get(key);
		if (known === void 0) {
			this.#ports.set(key, null);
			this.client.post(`/node-types/${encodeURIComponent(type)}/ports`, { config: node.config ?? {} }).then(({ ports }) => {
				this.#ports.set(key, ports);
				this.portsKnown++;
				this.project.changed.tell();
			}).catch(() => void 0);
		}
		return known ?? void 0;
	}
	#want() {
		this.stream.want({
			kinds: null,
			flows: null,
			figures: this.#figures,
			taps: this.#taps
		});
	}
	#happened(events) {
		for (const listener of this.eventListeners) listener(events);
		if (events.some((event) => event.kind === "deploy" || event.kind === "files" || event.kind === "broken")) {
			const files = events.filter((event) => event.kind === "files");
			const layouts = new Set(files.flatMap((event) => event.data["layouts"]));
			this.disk.look(layouts).catch(() => void 0);
		}
	}
};
// src/model/short.ts
/** A number in few characters: 950, 1.2k, 3.4M. */
function short(number) {
	if (number < 10 && !Number.isInteger(number)) return String(Number(number.toFixed(1)));
	if (number < 1e3) return String(Math.round(number));
	const [scaled, unit] = number < 1e6 ? [number / 1e3, "k"] : [number / 1e6, "M"];
	return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
}
// src/canvas/live.ts
/** Live numbers go straight to the page: through the list of nodes they would draw everything anew each second. */
var nobody = () => void 0;
/** Kept, for a node that comes into view is drawn without what stands on it. */
var standing = nobody;
var statuses = /* @__PURE__ */ new Map();
/** What a status says, in the language of the page. */
var said = (status) => status.text;
var way = /* @__PURE__ */ new Map();
/** Write how the nodes and wires that are drawn stand. */
function showFigures(canvas, told) {
	standing = told;
	for (const kind of KINDS$2) for (const label of canvas.querySelectorAll(`[data-${kind}-of]`)) write(label, text(kind, label.getAttribute(`data-${kind}-of`) ?? ""));
	for (const label of canvas.querySelectorAll("[data-rate-of-port]")) write(label, text("rate", portLine(label.getAttribute("data-rate-of-port") ?? "")));
}
/** Forget what was shown, such as when another flow is drawn. */
function forgetFigures() {
	standing = nobody;
	statuses = /* @__PURE__ */ new Map();
	way = /* @__PURE__ */ new Map();
}
/** Write what the nodes of the flow show of themselves. */
function showStatuses(canvas, told, say = ({ text }) => text) {
	statuses = told;
	said = say;
	for (const label of canvas.querySelectorAll("[data-status-of]")) writeStatus(label, statuses.get(String(label.dataset["statusOf"])));
}
/** Mark the nodes that a message came to. */
function showWay(canvas, told) {
	way = told;
	for (const node of canvas.querySelectorAll("[data-node]")) markWay(node);
}
/** Write what is known on a node that was just drawn. */
function paintLive(node) {
	const id = node?.dataset["node"];
	if (node == null || id === void 0) return;
	markWay(node);
	for (const label of node.querySelectorAll("[data-status-of]")) writeStatus(label, statuses.get(id));
	for (const kind of KINDS$2) {
		const label = node.querySelector(`[data-${kind}-of]`);
		if (label !== null) write(label, text(kind, id));
	}
}
function writeStatus(label, status) {
	const text = status === void 0 ? "" : said(status);
	if (label.textContent !== text) {
		label.textContent = text;
		label.title = text;
	}
	label.dataset["level"] = status?.level ?? "";
}
function markWay(node) {
	const fate = way.get(String(node.dataset["node"]));
	if (fate === void 0) delete node.dataset["way"];
	else node.dataset["way"] = fate;
}
function write(label, text) {
	if (label.textContent !== text) label.textContent = text;
}
var KINDS$2 = [
	"rate",
	"errors",
	"waiting"
];
function text(kind, line) {
	const number = standing(line)?.[kind] ?? 0;
	if (number === 0) return "";
	return kind === "rate" ? `${short(number)}/s` : short(number);
}
// src/canvas/far.ts
/** Whether the flow is drawn so small that nodes are plain boxes. */
var FarContext = (0, import_react.createContext)(false);
function NodeViewOf({ data, selected }) {
	const { drawn } = data;
	const { id, node, type, title, size, inputs, outputs, errors, warnings } = drawn;
	const classes = [
		"node",
		selected ? "is-selected" : "",
		node.disabled === true ? "is-disabled" : "",
		type === void 0 ? "is-unknown" : "",
		errors > 0 ? "has-errors" : ""
	];
	if ((0, import_react.use)(FarContext)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: joined([...classes, "is-far"]),
		style: {
			width: size.width,
			height: size.height
		},
		"data-category": type?.category ?? "unknown",
		"data-node": id
	});
	if (node.type === "comment") {
		const written = node.config?.["text"];
		const text = typeof written === "string" ? written : "";
		return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: joined([...classes, "is-comment"]),
			style: {
				width: size.width,
				height: size.height
			},
			"data-node": id,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "comment-text",
				children: [(node.name !== void 0 || text === "") && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: title }), text]
			}), drawn.isChanged && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "node-changed" })]
		});
	}
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: joined(classes),
		style: {
			width: size.width,
			height: size.height
		},
		"data-category": type?.category ?? "unknown",
		"data-node": id,
		ref: paintLive,
		children: [
			inputs.map((port, number) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Handle, {
				id: `in:${port ?? ""}`,
				type: "target",
				position: Position.Left,
				className: "port port-in",
				style: { top: portTop(number, inputs.length, size.height) },
				title: port ?? void 0
			}, port ?? "")),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "node-icon",
				style: type?.colour ? { background: type.colour } : void 0,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeIcon, {
					name: type?.icon ?? "",
					category: type?.category ?? ""
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "node-title",
				children: title
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "node-errors",
				"data-errors-of": id
			}),
			drawn.isChanged && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "node-changed" }),
			errors + warnings > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: errors > 0 ? "node-mark is-error" : "node-mark is-warning",
				children: "!"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "node-status",
				"data-status-of": id
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "node-rate",
				"data-rate-of": id
			}),
			outputs.map((port, number) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Handle, {
				id: port,
				type: "source",
				position: Position.Right,
				className: "port port-out",
				style: { top: portTop(number, outputs.length, size.height) },
				title: port,
				children: outputs.length > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "port-name",
					children: port
				})
			}, port))
		]
	});
}
function joined(classes) {
	return classes.filter(Boolean).join(" ");
}
var NodeView = (0, import_react.memo)(NodeViewOf, (one, other) => one.data.drawn === other.data.drawn && one.selected === other.selected);
// src/canvas/canvas_nodes.ts
/** Nodes and wires as the canvas library takes them. */
/** Makes nodes anew only where something changed, so that only these are drawn again. */
var NodeMaker = class {
	#kept = /* @__PURE__ */ new Map();
	node(drawn, selected, isFocused, label) {
		const old = this.#kept.get(drawn.id);
		if (old?.data.drawn === drawn && old.selected === selected && old.ariaLabel === label && old.domAttributes?.tabIndex === 0 === isFocused) return old;
		const made = nodeOf(drawn, selected, isFocused, label);
		this.#kept.set(drawn.id, made);
		return made;
	}
};
function nodeOf(drawn, selected, isFocused, label) {
	const { size, inputs, outputs } = drawn;
	return {
		id: drawn.id,
		type: "flow",
		position: {
			x: drawn.x,
			y: drawn.y
		},
		data: { drawn },
		selected,
		ariaLabel: label,
		ariaRole: "group",
		domAttributes: { tabIndex: isFocused ? 0 : -1 },
		width: size.width,
		height: size.height,
		measured: {
			width: size.width,
			height: size.height
		},
		handles: [...inputs.map((port, number) => ({
			id: `in:${port ?? ""}`,
			type: "target",
			position: Position.Left,
			x: -5,
			y: portTop(number, inputs.length, size.height) - 5,
			width: 10,
			height: 10
		})), ...outputs.map((port, number) => ({
			id: port,
			type: "source",
			position: Position.Right,
			x: size.width - 5,
			y: portTop(number, outputs.length, size.height) - 5,
			width: 10,
			height: 10
		}))]
	};
}
function wireFor(drawn, selected, t) {
	return {
		id: drawn.id,
		type: "wire",
		source: drawn.wire.from,
		sourceHandle: drawn.wire.port,
		target: drawn.wire.to.node,
		targetHandle: `in:${drawn.wire.to.port ?? ""}`,
		data: { drawn },
		selected,
		ariaLabel: t("wire.label", {
			from: drawn.wire.from,
			to: drawn.wire.to.node
		}),
		domAttributes: { "aria-roledescription": t("wire.title") }
	};
}
function wireOf(connection) {
	const port = inputPort(connection.targetHandle);
	return {
		from: connection.source,
		port: connection.sourceHandle ?? "",
		to: {
			node: connection.target,
			port
		}
	};
}
/** The input that a handle stands for; `null` where a node has only one. */
function inputPort(handle) {
	const port = handle?.slice(3) ?? "";
	return port === "" ? null : port;
}
// src/canvas/Dots.tsx
/** The grid behind the flow: only moved while the flow is, so that nothing is laid out or painted anew. */
var GAP = 20;
function Dots() {
	const store = useStoreApi();
	const dots = (0, import_react.useRef)(null);
	(0, import_react.useEffect)(() => {
		let [zoom, x, y] = [
			0,
			0,
			0
		];
		const move = () => {
			const element = dots.current;
			const [left, top, now] = store.getState().transform;
			if (element === null || left === x && top === y && now === zoom) return;
			const gap = GAP * now;
			if (now !== zoom) {
				element.style.backgroundSize = `${gap}px ${gap}px`;
				element.style.margin = `${-gap}px`;
			}
			[zoom, x, y] = [
				now,
				left,
				top
			];
			const at = (length) => ((length - gap / 2) % gap + gap) % gap;
			element.style.transform = `translate(${at(left)}px, ${at(top)}px)`;
		};
		move();
		return store.subscribe(move);
	}, [store]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "dots",
		ref: dots
	});
}
// src/canvas/first_view.ts
/** A large flow is not shown smaller than this at first. */
var LEAST_FIRST_ZOOM = .7;
var MARGIN$1 = 40;
/**
* What is shown of a flow first: all of it, or its beginning where all of it would be too small to read.
*
* Said before anything is drawn, so that nothing is drawn twice.
*/
function firstView(drawing, surface) {
	if (drawing.nodes.length === 0) return {
		x: 0,
		y: 0,
		zoom: 1
	};
	let [left, top, right, bottom] = [
		Infinity,
		Infinity,
		-Infinity,
		-Infinity
	];
	for (const { x, y, size } of drawing.nodes) {
		left = Math.min(left, x);
		top = Math.min(top, y);
		right = Math.max(right, x + size.width);
		bottom = Math.max(bottom, y + size.height);
	}
	const { clientWidth, clientHeight } = surface;
	const bounds = {
		x: left,
		y: top,
		width: right - left,
		height: bottom - top
	};
	const view = getViewportForBounds(bounds, clientWidth, clientHeight, LEAST_FIRST_ZOOM, 1, .1);
	return bounds.width * view.zoom <= clientWidth && bounds.height * view.zoom <= clientHeight ? view : {
		x: MARGIN$1 - left * view.zoom,
		y: MARGIN$1 - top * view.zoom,
		zoom: view.zoom
	};
}
// src/canvas/Frames.tsx
/** Groups: frames behind their nodes, dragged by their names. */
function Frames({ sheet, onSelect, onDrag, onOpen }) {
	const { t } = useTexts();
	const library = useReactFlow();
	const nodes = useStore((state) => state.nodes);
	const frames = (0, import_react.useMemo)(() => {
		const boxes = nodes.map((node) => [node.id, {
			...node.position,
			...node.data.drawn.size
		}]);
		return framesOf(sheet, new Map(boxes));
	}, [sheet, nodes]);
	const grab = (event, frame) => {
		if (event.button !== 0) return;
		event.stopPropagation();
		onSelect(frame, event.shiftKey || event.ctrlKey || event.metaKey);
		const handle = event.currentTarget;
		const start = {
			x: event.clientX,
			y: event.clientY
		};
		const zoom = library.getZoom();
		let by = {
			x: 0,
			y: 0
		};
		handle.setPointerCapture(event.pointerId);
		handle.onpointermove = (moved) => {
			by = {
				x: snapped((moved.clientX - start.x) / zoom),
				y: snapped((moved.clientY - start.y) / zoom)
			};
			onDrag(frame, by, false);
		};
		handle.onpointerup = handle.onpointercancel = () => {
			handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
			onDrag(frame, by, true);
		};
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ViewportPortal, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "frames",
		children: frames.map((frame) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "frame",
			"data-group": frame.id,
			style: {
				left: frame.x,
				top: frame.y,
				width: frame.width,
				height: frame.height,
				...frame.colour === null ? {} : { "--tone": frame.colour }
			},
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				tabIndex: -1,
				className: "frame-name nopan nodrag",
				onPointerDown: (event) => {
					grab(event, frame);
				},
				onDoubleClick: (event) => {
					event.stopPropagation();
					onOpen(frame.id);
				},
				children: frame.name === "" ? t("group.unnamed") : frame.name
			})
		}, frame.id))
	}) });
}
// src/canvas/MiniMap.tsx
/** The whole flow in small, on one canvas: a click or a drag shows what is there. */
var WIDTH$1 = 200;
var HEIGHT$1 = 130;
var MARGIN = 40;
function MiniMap({ drawing, selection }) {
	const { t } = useTexts();
	const store = useStoreApi();
	const library = useReactFlow();
	const shown = (0, import_react.useRef)(null);
	const seen = (0, import_react.useRef)(null);
	const extent = (0, import_react.useRef)({
		x: 0,
		y: 0,
		scale: 1
	});
	/** Put the frame around what is seen; the nodes under it stay as they are. */
	const frame = (0, import_react.useCallback)(() => {
		const { transform, width, height } = store.getState();
		const [left, top, zoom] = transform;
		const { x, y, scale } = extent.current;
		const style = seen.current?.style;
		if (style !== void 0) {
			const [across, down] = [width / zoom * scale, height / zoom * scale];
			style.width = `${across}px`;
			style.height = `${down}px`;
			style.transform = `translate(${(-left / zoom - x) * scale}px, ${(-top / zoom - y) * scale}px)`;
		}
	}, [store]);
	(0, import_react.useEffect)(() => {
		const paint = () => {
			if (shown.current !== null) {
				extent.current = painted(shown.current, drawing, selection) ?? extent.current;
				frame();
			}
		};
		paint();
		const themes = new MutationObserver(paint);
		themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
		return () => {
			themes.disconnect();
		};
	}, [
		drawing,
		selection,
		frame
	]);
	(0, import_react.useEffect)(() => {
		let waiting = 0;
		let known = store.getState().transform;
		const end = store.subscribe((state) => {
			if (state.transform !== known && waiting === 0) {
				known = state.transform;
				waiting = requestAnimationFrame(() => {
					waiting = 0;
					frame();
				});
			}
		});
		return () => {
			end();
			cancelAnimationFrame(waiting);
		};
	}, [store, frame]);
	const go = (event) => {
		const box = event.currentTarget.getBoundingClientRect();
		const { x, y, scale } = extent.current;
		library.setCenter(x + (event.clientX - box.left) / scale, y + (event.clientY - box.top) / scale, { zoom: library.getZoom() });
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "mini-map",
		style: {
			width: WIDTH$1,
			height: HEIGHT$1
		},
		onPointerDown: (event) => {
			event.stopPropagation();
			event.currentTarget.setPointerCapture(event.pointerId);
			go(event);
		},
		onPointerMove: (event) => {
			if (event.buttons === 1) go(event);
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("canvas", {
			ref: shown,
			role: "img",
			"aria-label": t("map.label"),
			width: WIDTH$1 * devicePixelRatio,
			height: HEIGHT$1 * devicePixelRatio
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "mini-map-seen",
			ref: seen
		})]
	});
}
/** Draw all nodes; says where on the map they are. */
function painted(canvas, drawing, selection) {
	const context = canvas.getContext("2d");
	if (context === null || drawing.nodes.length === 0) return null;
	let [left, top, right, bottom] = [
		Infinity,
		Infinity,
		-Infinity,
		-Infinity
	];
	for (const { x, y, size } of drawing.nodes) {
		left = Math.min(left, x);
		top = Math.min(top, y);
		right = Math.max(right, x + size.width);
		bottom = Math.max(bottom, y + size.height);
	}
	const [across, down] = [right - left + 80, bottom - top + 80];
	const scale = Math.min(WIDTH$1 / across, HEIGHT$1 / down);
	const extent = {
		scale,
		x: left - MARGIN - (WIDTH$1 / scale - across) / 2,
		y: top - MARGIN - (HEIGHT$1 / scale - down) / 2
	};
	context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
	context.clearRect(0, 0, WIDTH$1, HEIGHT$1);
	const tones = /* @__PURE__ */ new Map();
	for (const { id, x, y, size, type, errors } of drawing.nodes) {
		const tone = errors > 0 ? "error" : selection.has(id) ? "accent" : type?.category ?? "error";
		let colour = tones.get(tone);
		if (colour === void 0) {
			colour = colourOf(`--${tone}`);
			tones.set(tone, colour);
		}
		context.fillStyle = colour;
		const [width, height] = [Math.max(size.width * scale, 1.5), Math.max(size.height * scale, 1)];
		context.fillRect((x - extent.x) * scale, (y - extent.y) * scale, width, height);
	}
	return extent;
}
/** What a token of the theme comes to now: a canvas does not understand tokens. */
function colourOf(token) {
	const probe = document.createElement("span");
	probe.style.color = `var(${token}, var(--common))`;
	document.body.append(probe);
	const colour = getComputedStyle(probe).color;
	probe.remove();
	return colour;
}
// src/canvas/Slicer.tsx
/** With Alt held, a line drawn on the canvas cuts the wires that it crosses. */
function Slicer({ surface, drawing, onSlice }) {
	const library = useReactFlow();
	const [line, setLine] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => {
		if (surface === null) return;
		const begin = (event) => {
			const isFree = event.target instanceof Element && event.target.closest(".react-flow__node, .mini-map, .canvas-tools") === null;
			if (!event.altKey || event.button !== 0 || !isFree) return;
			event.stopPropagation();
			event.preventDefault();
			const start = {
				x: event.clientX,
				y: event.clientY
			};
			surface.setPointerCapture(event.pointerId);
			const move = (moved) => {
				setLine([start, {
					x: moved.clientX,
					y: moved.clientY
				}]);
			};
			const end = (last) => {
				surface.removeEventListener("pointermove", move);
				surface.removeEventListener("pointerup", end);
				surface.removeEventListener("pointercancel", end);
				setLine(null);
				const to = {
					x: last.clientX,
					y: last.clientY
				};
				const cut = cutBy(drawing, library.screenToFlowPosition(start), library.screenToFlowPosition(to));
				if (last.type === "pointerup" && cut.length > 0) onSlice(cut.map((one) => one.wire));
			};
			surface.addEventListener("pointermove", move);
			surface.addEventListener("pointerup", end);
			surface.addEventListener("pointercancel", end);
		};
		surface.addEventListener("pointerdown", begin, { capture: true });
		return () => {
			surface.removeEventListener("pointerdown", begin, { capture: true });
		};
	}, [
		surface,
		drawing,
		library,
		onSlice
	]);
	if (line === null || surface === null) return null;
	const box = surface.getBoundingClientRect();
	const [from, to] = line;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("svg", {
		className: "slice",
		"aria-hidden": "true",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("line", {
			x1: from.x - box.left,
			y1: from.y - box.top,
			x2: to.x - box.left,
			y2: to.y - box.top
		})
	});
}
// src/canvas/use_menu_press.ts
/** Presses that ask for the menu: the right button without a drag, a long touch, or the key for it. */
var LONG = 500;
var SLACK = 8;
/** Calls back with the element and the place on the screen; `ask` must stay the same. */
function useMenuPress(surface, ask) {
	(0, import_react.useEffect)(() => {
		if (surface === null) return;
		let start = null;
		let timer;
		let isWanted = false;
		const end = () => {
			clearTimeout(timer);
			start = null;
			isWanted = false;
		};
		const press = (event) => {
			const { target } = event;
			end();
			if (!(target instanceof Element) || !event.isPrimary) return;
			const at = {
				x: event.clientX,
				y: event.clientY
			};
			if (event.pointerType === "touch") {
				start = at;
				timer = setTimeout(() => {
					end();
					ask(target, at);
				}, LONG);
			} else if (event.button === 2) start = at;
		};
		const move = (event) => {
			if (start !== null && Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK) end();
		};
		const release = (event) => {
			if (isWanted && start !== null && event.target instanceof Element) ask(event.target, start);
			clearTimeout(timer);
			isWanted = false;
			if (event.pointerType === "touch") start = null;
		};
		const menu = (event) => {
			event.preventDefault();
			const { target } = event;
			const pointer = event instanceof PointerEvent ? event.pointerType : "mouse";
			if (!(target instanceof Element) || pointer === "touch") return;
			if (event.button !== 2) {
				const box = target.getBoundingClientRect();
				ask(target, {
					x: box.x + Math.min(box.width, 200) / 2,
					y: box.y + Math.min(box.height, 200) / 2
				});
			} else if ((event.buttons & 2) !== 0) isWanted = start !== null;
			else if (start !== null) ask(target, start);
		};
		surface.addEventListener("pointerdown", press, { capture: true });
		addEventListener("pointermove", move, { capture: true });
		addEventListener("pointerup", release, { capture: true });
		addEventListener("pointercancel", end, { capture: true });
		surface.addEventListener("contextmenu", menu, { capture: true });
		return () => {
			end();
			surface.removeEventListener("pointerdown", press, { capture: true });
			removeEventListener("pointermove", move, { capture: true });
			removeEventListener("pointerup", release, { capture: true });
			removeEventListener("pointercancel", end, { capture: true });
			surface.removeEventListener("contextmenu", menu, { capture: true });
		};
	}, [surface, ask]);
}
// src/canvas/use_stable.ts
/** Functions that stay the same while what they do follows the last drawing: what gets them need not be drawn anew. */
var Latest = class {
	stable;
	#handlers;
	constructor(handlers) {
		this.#handlers = handlers;
		const names = Object.keys(handlers);
		this.stable = Object.fromEntries(names.map((name) => [name, (...given) => this.#handlers[name]?.(...given)]));
	}
	take(handlers) {
		this.#handlers = handlers;
	}
};
function useStable(handlers) {
	const [latest] = (0, import_react.useState)(() => new Latest(handlers));
	(0, import_react.useLayoutEffect)(() => {
		latest.take(handlers);
	});
	return latest.stable;
}
// src/canvas/use_touch.ts
/** Whether the canvas is touched: one finger then moves the flow, which with a mouse chooses nodes. */
var import_react_dom = require_react_dom();
function useTouch() {
	const [isTouch, setTouch] = (0, import_react.useState)(() => matchMedia("(pointer: coarse)").matches);
	(0, import_react.useEffect)(() => {
		const press = (event) => {
			const isNow = event.pointerType === "touch";
			if (isNow !== isTouch) (0, import_react_dom.flushSync)(() => {
				setTouch(isNow);
			});
		};
		addEventListener("pointerdown", press, { capture: true });
		return () => {
			removeEventListener("pointerdown", press, { capture: true });
		};
	}, [isTouch]);
	return isTouch;
}
// src/canvas/use_view.ts
/** The view of a flow, for commands and panels. */
var DURATION = 150;
function useView(drawing, surface, stop, setFocused) {
	const library = useReactFlow();
	const now = (0, import_react.useRef)({
		drawing,
		stop
	});
	const pointer = (0, import_react.useRef)(null);
	(0, import_react.useEffect)(() => {
		now.current = {
			drawing,
			stop
		};
	}, [drawing, stop]);
	return (0, import_react.useMemo)(() => {
		const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : DURATION;
		const isInView = (id) => {
			const element = surface?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
			const box = surface?.getBoundingClientRect();
			return element !== void 0 && box !== void 0 && element.left >= box.left && element.right <= box.right && element.top >= box.top && element.bottom <= box.bottom;
		};
		const focus = (id) => {
			setFocused(id);
			requestAnimationFrame(() => {
				requestAnimationFrame(() => {
					surface?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
				});
			});
		};
		const centre = (id) => {
			const node = now.current.drawing.nodes.find((one) => one.id === id);
			if (node !== void 0) {
				const zoom = Math.max(library.getZoom(), .7);
				library.setCenter(node.x + node.size.width / 2, node.y + node.size.height / 2, { zoom });
			}
		};
		return {
			zoomIn: () => void library.zoomIn({ duration }),
			zoomOut: () => void library.zoomOut({ duration }),
			zoomToOne: () => void library.zoomTo(1, { duration }),
			fit: (nodes) => void library.fitView({
				padding: .2,
				maxZoom: 1,
				duration,
				...nodes === void 0 ? {} : { nodes: [...nodes].map((id) => ({ id })) }
			}),
			reveal: (id) => {
				centre(id);
				focus(id);
			},
			focus: (id) => {
				if (!isInView(id)) centre(id);
				focus(id);
			},
			focused: () => {
				return document.activeElement?.closest(".react-flow__node")?.getAttribute("data-id") ?? (document.activeElement?.closest(".canvas-surface") != null ? now.current.stop : null);
			},
			middle: () => {
				const box = surface?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
				const screen = pointer.current ?? {
					x: box.x + box.width / 2,
					y: box.y + box.height / 2
				};
				return {
					place: library.screenToFlowPosition(screen),
					screen
				};
			},
			pointer: () => pointer.current === null ? null : library.screenToFlowPosition(pointer.current),
			pointerAt: (screen) => {
				pointer.current = screen;
			}
		};
	}, [
		library,
		surface,
		setFocused
	]);
}
// src/canvas/WireView.tsx
/** One wire on the canvas, with the place where its rate is written. */
function WireViewOf(props) {
	const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, id } = props;
	const [path, labelX, labelY] = getBezierPath({
		sourceX,
		sourceY,
		targetX,
		targetY,
		sourcePosition,
		targetPosition
	});
	const wire = data?.drawn.wire;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(BaseEdge, {
		id,
		path,
		interactionWidth: 16,
		className: props.selected === true ? "is-selected" : ""
	}), wire !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("text", {
		className: "wire-rate",
		x: labelX,
		y: labelY - 6,
		"data-rate-of-port": `${wire.from}.${wire.port}`
	})] });
}
var WireView = (0, import_react.memo)(WireViewOf);
// src/canvas/Canvas.tsx
var DRAGGED_TYPE = "application/x-flowengine-node-type";
var NODE_TYPES = { flow: NodeView };
var WIRE_TYPES = { wire: WireView };
var SNAP = [10, 10];
var PAN_BUTTONS = [1, 2];
var MORE_KEYS = [
	"Meta",
	"Control",
	"Shift"
];
/** Below this zoom no text can be read: nodes are plain boxes. */
var FAR = .35;
var PRO_OPTIONS = { hideAttribution: true };
function Canvas(props) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReactFlowProvider, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Surface, { ...props }) }, props.flow.id);
}
function Surface(props) {
	const { flow, drawing, onMove, onConnect, onReconnect, onOpen, onDrop, onQuickAdd, onSplice, onView, canConnect } = props;
	const { t } = useTexts();
	const { selection, wireSelection, sheet } = flow;
	const library = useReactFlow();
	const store = useStoreApi();
	const [surface, setSurface] = (0, import_react.useState)(null);
	const [maker] = (0, import_react.useState)(() => new NodeMaker());
	const [focused, setFocused] = (0, import_react.useState)(null);
	const isFar = useStore((state) => state.transform[2] < FAR);
	const marked = (0, import_react.useRef)(null);
	const first = (0, import_react.useMemo)(() => surface === null ? null : firstView(drawing, surface), [surface]);
	const isThere = (0, import_react.useMemo)(() => new Set(drawing.nodes.map((node) => node.id)), [drawing]);
	const stop = focused !== null && isThere.has(focused) ? focused : drawing.nodes[0]?.id ?? null;
	const made = (0, import_react.useMemo)(() => {
		const label = (drawn) => [
			t("node.label", {
				title: drawn.title,
				type: drawn.type?.label ?? drawn.node.type
			}),
			drawn.node.disabled === true ? t("node.disabled") : "",
			drawn.errors > 0 ? t("node.errors", { count: drawn.errors }) : "",
			drawn.warnings > 0 ? t("node.warnings", { count: drawn.warnings }) : ""
		].filter(Boolean).join(", ");
		return drawing.nodes.map((drawn) => maker.node(drawn, selection.has(drawn.id), drawn.id === stop, label(drawn)));
	}, [
		drawing,
		selection,
		maker,
		stop,
		t
	]);
	const wires = (0, import_react.useMemo)(() => drawing.wires.map((drawn) => wireFor(drawn, wireSelection.has(drawn.id), t)), [
		drawing,
		wireSelection,
		t
	]);
	const view = useView(drawing, surface, stop, setFocused);
	(0, import_react.useEffect)(() => {
		onView(view);
		return () => {
			onView(null);
		};
	}, [onView, view]);
	/** Nodes that are being moved are drawn elsewhere; the document hears of it when they are dropped. */
	const redraw = (change) => {
		const { nodes, setNodes } = store.getState();
		setNodes(change(nodes));
	};
	/** Show into which wire a node would go, straight on the page: it changes with every step of a drag. */
	const mark = (wire) => {
		if (marked.current !== wire) {
			marked.current = wire;
			surface?.querySelector("[data-splice]")?.removeAttribute("data-splice");
			if (wire !== null) surface?.querySelector(`.react-flow__edge[data-id="${CSS.escape(wire.id)}"]`)?.setAttribute("data-splice", "");
		}
	};
	const wireBelow = (node) => {
		const { drawn } = node.data;
		return drawn.inputs.length > 0 && drawn.outputs.length > 0 && drawn.node.wires === void 0 && !drawing.wires.some(({ wire }) => wire.to.node === drawn.id) ? wireUnder(drawing, {
			...node.position,
			...drawn.size
		}, drawn.id) : null;
	};
	const wireAt = (place) => {
		const size = sizeOf("", 1);
		return wireUnder(drawing, {
			x: place.x,
			y: place.y - size.height / 2,
			...size
		}, null);
	};
	const put = (moved) => {
		const places = Object.fromEntries(moved.map((node) => [node.id, {
			x: node.position.x,
			y: node.position.y
		}]));
		const [only] = moved;
		const wire = moved.length === 1 && only !== void 0 ? wireBelow(only) : null;
		mark(null);
		if (wire !== null && only !== void 0) onSplice(only.id, wire.wire, places);
		else onMove(places);
	};
	const dragFrame = (frame, by, isOver) => {
		const inside = new Set(frame.nodes);
		const moved = made.flatMap((node) => inside.has(node.id) ? [{
			...node,
			position: {
				x: node.position.x + by.x,
				y: node.position.y + by.y
			}
		}] : []);
		if (isOver) onMove(Object.fromEntries(moved.map((node) => [node.id, node.position])));
		else {
			const now = new Map(moved.map((node) => [node.id, node]));
			redraw((nodes) => nodes.map((node) => now.get(node.id) ?? node));
		}
	};
	const ended = (event, state) => {
		const point = "changedTouches" in event ? event.changedTouches[0] : event;
		if (state.toNode !== null || state.fromNode === null || point === void 0) return;
		const screen = {
			x: point.clientX,
			y: point.clientY
		};
		const { fromNode, fromHandle } = state;
		const end = fromHandle.type === "source" ? {
			kind: "after",
			node: fromNode.id,
			port: fromHandle.id ?? ""
		} : {
			kind: "before",
			node: fromNode.id,
			port: inputPort(fromHandle.id)
		};
		onQuickAdd(library.screenToFlowPosition(screen), screen, end);
	};
	/** What the menu is asked for on becomes what is chosen. */
	const askMenu = (on, screen) => {
		const pressed = on.closest(".react-flow__node, .react-flow__nodesselection");
		const node = pressed?.getAttribute("data-id");
		pressed?.focus({ preventScroll: true });
		const wire = on.closest(".react-flow__edge")?.getAttribute("data-id");
		if (node != null && !flow.selection.has(node)) flow.select(/* @__PURE__ */ new Set([node]));
		else if (wire != null && !flow.wireSelection.has(wire)) flow.select(/* @__PURE__ */ new Set(), /* @__PURE__ */ new Set([wire]));
		props.onMenu(node !== void 0 ? "node" : wire !== void 0 ? "wire" : "canvas", screen);
	};
	const does = useStable({
		onNodesChange: (changes) => {
			redraw((nodes) => applyNodeChanges(changes, nodes));
			const chosen = changed(flow.selection, changes);
			if (chosen !== null) flow.select(chosen, flow.wireSelection);
		},
		onEdgesChange: (changes) => {
			const chosen = changed(flow.wireSelection, changes);
			if (chosen !== null) flow.select(flow.selection, chosen);
		},
		onNodeDrag: (_event, node, moved) => {
			mark(moved.length === 1 ? wireBelow(node) : null);
		},
		onNodeDragStop: (_event, _node, moved) => {
			put(moved);
		},
		onSelectionDragStop: (_event, moved) => {
			put(moved);
		},
		onConnect: (connection) => {
			onConnect(wireOf(connection));
		},
		onReconnect: (before, connection) => {
			if (before.data !== void 0) onReconnect(before.data.drawn.wire, wireOf(connection));
		},
		onConnectEnd: ended,
		isValidConnection: (connection) => canConnect(wireOf(connection)),
		onNodeDoubleClick: (_event, node) => {
			onOpen(node.id);
		},
		onEdgeDoubleClick: (event, wire) => {
			const screen = {
				x: event.clientX,
				y: event.clientY
			};
			onQuickAdd(library.screenToFlowPosition(screen), screen, {
				kind: "into",
				wire: wireOf(wire)
			});
		},
		onDoubleClick: (event) => {
			if (event.target instanceof Element && event.target.classList.contains("react-flow__pane")) {
				const screen = {
					x: event.clientX,
					y: event.clientY
				};
				onQuickAdd(library.screenToFlowPosition(screen), screen, null);
			}
		},
		onDragOver: (event) => {
			if (event.dataTransfer.types.includes("application/x-flowengine-node-type")) {
				event.preventDefault();
				mark(wireAt(library.screenToFlowPosition({
					x: event.clientX,
					y: event.clientY
				})));
			}
		},
		onDragLeave: () => {
			mark(null);
		},
		onDrop: (event) => {
			const type = event.dataTransfer.getData(DRAGGED_TYPE);
			mark(null);
			if (type !== "") {
				event.preventDefault();
				const place = library.screenToFlowPosition({
					x: event.clientX,
					y: event.clientY
				});
				onDrop(type, place, wireAt(place)?.wire ?? null);
			}
		}
	});
	const { askMenu: ask } = useStable({ askMenu });
	useMenuPress(surface, ask);
	const isTouch = useTouch();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: isFar ? "canvas-surface is-far" : "canvas-surface",
		ref: setSurface,
		onFocus: (event) => {
			const node = event.target.closest(".react-flow__node")?.getAttribute("data-id");
			if (node != null) setFocused(node);
		},
		onPointerMove: (event) => {
			view.pointerAt({
				x: event.clientX,
				y: event.clientY
			});
		},
		onPointerLeave: () => {
			view.pointerAt(null);
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(FarContext, {
			value: isFar,
			children: [
				!isFar && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dots, {}),
				first !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(index, {
					...does,
					defaultViewport: first,
					nodes: made,
					edges: wires,
					nodeTypes: NODE_TYPES,
					edgeTypes: WIRE_TYPES,
					nodesDraggable: !flow.isReadOnly,
					nodesConnectable: !flow.isReadOnly,
					edgesReconnectable: !flow.isReadOnly,
					"aria-label": props.label,
					connectionMode: ConnectionMode.Strict,
					connectionRadius: 24,
					selectionMode: SelectionMode.Partial,
					selectionOnDrag: !isTouch,
					selectionKeyCode: null,
					multiSelectionKeyCode: MORE_KEYS,
					panOnDrag: isTouch ? true : PAN_BUTTONS,
					panOnScroll: true,
					zoomOnDoubleClick: false,
					snapToGrid: true,
					snapGrid: SNAP,
					minZoom: .05,
					maxZoom: 2,
					onlyRenderVisibleElements: true,
					nodesFocusable: false,
					edgesFocusable: false,
					disableKeyboardA11y: true,
					deleteKeyCode: null,
					proOptions: PRO_OPTIONS,
					children: sheet.flow.groups !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Frames, {
						sheet,
						onSelect: (frame, isMore) => {
							flow.select(/* @__PURE__ */ new Set([...isMore ? flow.selection : [], ...frame.nodes]));
						},
						onDrag: dragFrame,
						onOpen: props.onOpenGroup
					})
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Slicer, {
					surface,
					drawing,
					onSlice: props.onSlice
				}),
				props.isMapShown && drawing.nodes.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(MiniMap, {
					drawing,
					selection
				})
			]
		})
	});
}
/** What is chosen after changes; `null` if they choose nothing else. */
function changed(before, changes) {
	const chosen = new Set(before);
	let isOther = false;
	for (const change of changes) if (isChoice(change)) {
		isOther = true;
		if (change.selected) chosen.add(change.id);
		else chosen.delete(change.id);
	}
	return isOther ? chosen : null;
}
function isChoice(change) {
	return change.type === "select";
}
// src/model/drawing.ts
/** Keeps what it has drawn, so that a node that did not change is the same object as before. */
var Draughtsman = class {
	#nodes = /* @__PURE__ */ new Map();
	#wires = /* @__PURE__ */ new Map();
	draw(sheet, around) {
		const counted = countedProblems(around.problems);
		const before = nodesOf(around.saved);
		return {
			nodes: Object.entries(nodesOf(sheet.flow)).map(([id, node]) => {
				const type = around.types.get(node.type);
				const subflow = around.subflows.get(node.type);
				const outputs = outputsOf(type, node, subflow, around.ports(node.type, node));
				const inputs = inputsOf(id, sheet.flow, type, subflow);
				const place = sheet.layout.nodes?.[id];
				const title = titleOf(id, node);
				const problems = counted.get(id) ?? {
					errors: 0,
					warnings: 0
				};
				return this.#kept(this.#nodes, id, {
					id,
					node,
					type,
					title,
					x: place?.x ?? 0,
					y: place?.y ?? 0,
					size: node.type === "comment" ? commentSize(node) : sizeOf(title, Math.max(outputs.length, inputs.length)),
					inputs,
					outputs,
					...problems,
					isChanged: !sameJson(before[id], node)
				});
			}),
			wires: wiresOf(sheet.flow).filter((wire) => wire.to.node in nodesOf(sheet.flow)).map((wire) => {
				const id = wireId(wire);
				const drawn = this.#wires.get(id) ?? {
					id,
					wire
				};
				this.#wires.set(id, drawn);
				return drawn;
			})
		};
	}
	#kept(known, id, made) {
		const old = known.get(id);
		const drawn = old !== void 0 && sameDrawing(old, made) ? old : made;
		known.set(id, drawn);
		return drawn;
	}
};
function sameDrawing(one, other) {
	return one.node === other.node && one.type === other.type && one.x === other.x && one.y === other.y && one.errors === other.errors && one.warnings === other.warnings && one.isChanged === other.isChanged && one.size.width === other.size.width && one.size.height === other.size.height && sameList(one.inputs, other.inputs) && sameList(one.outputs, other.outputs);
}
function sameList(one, other) {
	return one.length === other.length && one.every((item, index) => item === other[index]);
}
function countedProblems(problems) {
	const counted = /* @__PURE__ */ new Map();
	for (const problem of problems) if (problem.node != null) {
		const count = counted.get(problem.node) ?? {
			errors: 0,
			warnings: 0
		};
		count[problem.severity === "warning" ? "warnings" : "errors"]++;
		counted.set(problem.node, count);
	}
	return counted;
}
// src/panels/Problems.tsx
/** What lint says of the flow; a click leads to the node. */
function Problems({ flow }) {
	const { t } = useTexts();
	const said = useSaid();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "problems",
		"aria-label": t("problems.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h2", { children: [
				t("problems.title"),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "count",
					children: flow.problems.length
				})
			] }),
			flow.problems.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("problems.none")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: flow.problems.map((problem, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
				className: `is-${problem.severity ?? "error"}`,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					onClick: () => {
						if (problem.node != null) flow.select(/* @__PURE__ */ new Set([problem.node]));
					},
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: [problem.node, problem.field].filter(Boolean).join(" › ") }),
						" ",
						said.problem(problem),
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: problem.code })
					]
				})
			}, index)) })
		]
	});
}
// src/panels/use_slow_signal.ts
/** Draw a view anew when a part of the model changes, but not more often than a person can read. */
var EVERY$1 = 200;
function useSlowSignal(signal) {
	const [version, setVersion] = (0, import_react.useState)(signal.version);
	(0, import_react.useEffect)(() => {
		let timer;
		const soon = () => {
			timer ??= setTimeout(() => {
				timer = void 0;
				setVersion(signal.version);
			}, EVERY$1);
		};
		soon();
		const end = signal.subscribe(soon);
		return () => {
			clearTimeout(timer);
			end();
		};
	}, [signal]);
	return version;
}
// src/panels/BottomPanel.tsx
var Seeing = (0, import_react.lazy)(() => __vitePreload(() => import("./seeing.js"), __vite__mapDeps([28,1,4,2,3,7,11,9])));
var TABS = [
	"problems",
	"debug",
	"trace",
	"letters",
	"outbox",
	"state",
	"figures",
	"log",
	"tests"
];
var TITLES = {
	problems: "problems.title",
	debug: "tab.debug",
	trace: "tab.trace",
	letters: "tab.letters",
	outbox: "tab.outbox",
	state: "tab.state",
	figures: "tab.figures",
	log: "tab.log",
	tests: "tab.tests"
};
var KEPT = "flowengine.panel";
var LEAST = 90;
var STEP = 20;
function BottomPanel({ state, flow }) {
	const { t } = useTexts();
	const [shape, setShape] = (0, import_react.useState)(keptShape);
	const [message, setMessage] = (0, import_react.useState)(null);
	const tabs = (0, import_react.useRef)(null);
	useSlowSignal(state.watch.messages.changed);
	const errors = state.watch.messages.entries.filter((entry) => entry.level === "error" && entry.flow === flow.id).length;
	const change = (part) => {
		const next = {
			...shape,
			...part
		};
		setShape(next);
		localStorage.setItem(KEPT, JSON.stringify(next));
	};
	const counts = {
		problems: flow.problems.length,
		debug: errors
	};
	const show = (id, node, traced) => {
		state.show(id).then((shown) => {
			shown.select(/* @__PURE__ */ new Set([drawnNode(node)]));
		});
		if (traced !== void 0) {
			setMessage(traced);
			change({
				tab: "trace",
				isFolded: false
			});
		}
	};
	const onTabKey = (event) => {
		const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		if (step !== 0) {
			event.preventDefault();
			event.stopPropagation();
			const next = TABS[(TABS.indexOf(shape.tab) + step + TABS.length) % TABS.length] ?? shape.tab;
			change({
				tab: next,
				isFolded: false
			});
			tabs.current?.querySelector(`[data-tab=${next}]`)?.focus();
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "bottom-panel",
		"aria-label": t("panel.title"),
		children: [
			!shape.isFolded && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "panel-grip",
				role: "separator",
				tabIndex: 0,
				"aria-orientation": "horizontal",
				"aria-label": t("panel.resize"),
				"aria-valuenow": shape.height,
				"aria-valuemin": LEAST,
				"aria-valuemax": tallest(),
				onKeyDown: (event) => {
					const step = event.key === "ArrowUp" ? STEP : event.key === "ArrowDown" ? -20 : 0;
					if (step !== 0) {
						event.preventDefault();
						event.stopPropagation();
						change({ height: fitting$1(shape.height + step) });
					}
				},
				onPointerDown: (event) => {
					event.currentTarget.setPointerCapture(event.pointerId);
				},
				onPointerMove: (event) => {
					if (event.currentTarget.hasPointerCapture(event.pointerId)) change({ height: fitting$1(shape.height - event.movementY) });
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tabs",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
						role: "tablist",
						"aria-label": t("panel.title"),
						ref: tabs,
						onKeyDown: onTabKey,
						children: TABS.map((tab) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
							type: "button",
							role: "tab",
							id: `tab-${tab}`,
							"data-tab": tab,
							tabIndex: tab === shape.tab ? 0 : -1,
							"aria-selected": tab === shape.tab,
							"aria-controls": "bottom-panel-body",
							onClick: () => {
								change({
									tab,
									isFolded: tab === shape.tab && !shape.isFolded
								});
							},
							children: [t(TITLES[tab]), (counts[tab] ?? 0) > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: `tab-count is-${tab}`,
								children: counts[tab]
							})]
						}, tab))
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button panel-fold",
						"aria-expanded": !shape.isFolded,
						"aria-label": shape.isFolded ? t("panel.expand") : t("panel.collapse"),
						title: shape.isFolded ? t("panel.expand") : t("panel.collapse"),
						onClick: () => {
							change({ isFolded: !shape.isFolded });
						},
						children: shape.isFolded ? "▴" : "▾"
					})
				]
			}),
			!shape.isFolded && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "panel-content",
				id: "bottom-panel-body",
				role: "tabpanel",
				"aria-labelledby": `tab-${shape.tab}`,
				style: { height: shape.height },
				onKeyDown: (event) => {
					event.stopPropagation();
				},
				children: shape.tab === "problems" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problems, { flow }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
					fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Seeing, {
						tab: shape.tab,
						state,
						flow,
						show,
						message,
						onMessage: setMessage
					}, flow.id)
				})
			})
		]
	});
}
function Loading() {
	const { t } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet panel-none",
		children: t("panel.loading")
	});
}
function tallest() {
	return Math.round(window.innerHeight * .7);
}
function fitting$1(height) {
	return Math.round(Math.min(Math.max(height, LEAST), tallest()));
}
function keptShape() {
	const usual = {
		tab: "problems",
		height: 200,
		isFolded: false
	};
	try {
		const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
		const shape = {
			...usual,
			...kept
		};
		return {
			...shape,
			tab: TABS.includes(shape.tab) ? shape.tab : "problems",
			height: fitting$1(shape.height)
		};
	} catch {
		return usual;
	}
}
// src/panels/Markdown.tsx
function Markdown({ text }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "markdown",
		children: blocks(text).map((block, index) => drawn(block, index))
	});
}
function blocks(text) {
	const found = [];
	let code = null;
	let lines = [];
	const flush = () => {
		if (lines.length > 0) {
			found.push(lines.join("\n"));
			lines = [];
		}
	};
	for (const line of text.split("\n")) if (line.trimStart().startsWith("```")) {
		if (code === null) {
			flush();
			code = [];
		} else {
			found.push(`\`\`\`\n${code.join("\n")}`);
			code = null;
		}
	} else if (code !== null) code.push(line);
	else if (line.trim() === "") flush();
	else lines.push(line);
	flush();
	return found;
}
function drawn(block, key) {
	if (block.startsWith("```")) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", { children: block.slice(4) }, key);
	const lines = block.split("\n");
	if (lines[0]?.startsWith("|")) {
		const [head = [], ...rest] = lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line)).map(cells);
		return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: head.map((cell, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", { children: inline(cell) }, index)) }) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: rest.map((row, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: row.map((cell, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: inline(cell) }, place)) }, index)) })] }, key);
	}
	if (/^[-*] /.test(lines[0] ?? "")) {
		const items = block.split(/\n?^[-*] /m).filter((item) => item !== "");
		return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: items.map((item, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: inline(item.replaceAll("\n", " ")) }, index)) }, key);
	}
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: inline(lines.join(" ").replace(/^#+ /, "")) }, key);
}
function cells(line) {
	return line.replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}
/** Code, bold and slanted words, and links as their texts. */
function inline(text) {
	return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]+\))/).map((part, index) => {
		if (part.startsWith("`")) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: part.slice(1, -1) }, index);
		if (part.startsWith("**")) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: part.slice(2, -2) }, index);
		if (part.startsWith("*") && part.endsWith("*") && part.length > 2) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("em", { children: part.slice(1, -1) }, index);
		const link = /^\[([^\]]+)\]/.exec(part);
		return link === null ? part : link[1] ?? part;
	});
}
// src/forms/schema.ts
/** The JSON Schema of a configuration, as the server gives it, read for a form. */
/** A schema with a reference into the same document followed. */
function resolved(schema, root) {
	const reference = schema["$ref"];
	if (typeof reference !== "string") return schema;
	const found = reference.replace(/^#\//, "").split("/").reduce((value, key) => isObject(value) ? value[key] : void 0, root);
	const { $ref: _reference, ...own } = schema;
	return isObject(found) ? {
		...resolved(found, root),
		...own
	} : own;
}
/** The kinds of value that a schema allows, `null` left out. */
function alternatives(schema, root) {
	const list = schema["anyOf"] ?? schema["oneOf"];
	if (!Array.isArray(list)) return [schema];
	return list.filter(isObject).map((one) => resolved(one, root)).filter((one) => one["type"] !== "null");
}
/** Whether a schema allows `null`, so that a value can be left out. */
function isOptional(schema) {
	const list = schema["anyOf"];
	return Array.isArray(list) && list.some((one) => isObject(one) && one["type"] === "null");
}
/** The fields of an object, in the order of the schema. */
function fieldsOf(schema, root) {
	const own = resolved(schema, root);
	const properties = own["properties"];
	const required = Array.isArray(own["required"]) ? own["required"] : [];
	if (!isObject(properties)) return [];
	return Object.entries(properties).flatMap(([name, value]) => isObject(value) ? [fieldOf(name, value, root, required.includes(name))] : []);
}
function fieldOf(name, value, root, isRequired) {
	const field = resolved(value, root);
	const [only, ...others] = alternatives(field, root);
	const widget = textOf$1(value["x-widget"]) || textOf$1(field["x-widget"]);
	return {
		name,
		title: textOf$1(value["title"]) || textOf$1(field["title"]) || name,
		description: textOf$1(value["description"]) || textOf$1(field["description"]),
		widget: widget || (others.length === 0 ? textOf$1(only?.["x-widget"]) : "") || plainWidget([only ?? {}, ...others], root),
		isRequired,
		schema: field
	};
}
/** The widget for a schema that names none, such as that of the parameters of a command. */
function plainWidget(kinds, root) {
	const [only = {}, ...others] = kinds;
	if (kinds.every((one) => one["enum"] !== void 0 || one["const"] !== void 0)) return "select";
	if (kinds.every((one) => isObject(one["properties"]))) return "group";
	if (others.length > 0) return kinds.every((one) => kindOfValue(one) !== "") ? "kinds" : "json";
	if (only["type"] === "array") return isObject(only["items"]) && fieldOf("", only["items"], root, true).widget !== "json" ? "list" : "json";
	if (only["type"] === "object") return isObject(only["additionalProperties"]) ? "map" : "json";
	return {
		boolean: "checkbox",
		integer: "number",
		number: "number",
		string: "text"
	}[textOf$1(only["type"])] ?? "json";
}
/** What a person would call one of several kinds of value; empty where no part of a form is for it. */
function kindOfValue(schema) {
	switch (schema["type"]) {
		case "boolean": return "boolean";
		case "integer":
		case "number": return "number";
		case "string": return "text";
		default: return isObject(schema["properties"]) ? "object" : "";
	}
}
/** The kinds of object that an item may be, each with a word that tells it from the others. */
function variantsOf(schema, root) {
	const kinds = alternatives(resolved(schema, root), root).filter((one) => isObject(one["properties"]));
	return kinds.flatMap((one) => {
		const choices = discriminating(one, kinds);
		return choices.length === 0 ? [{
			label: ownKey(one, kinds),
			schema: one
		}] : choices;
	});
}
/** Which of the variants a value is; -1 for none. */
function variantOf(value, variants) {
	if (!isObject(value)) return variants.length === 0 ? -1 : 0;
	return variants.findIndex(({ schema }) => {
		const properties = isObject(schema["properties"]) ? schema["properties"] : {};
		const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
		return required.every((name) => name in value || fixed(properties[name]) === void 0) && Object.keys(value).every((name) => name in properties) && Object.entries(properties).every(([name, one]) => {
			const wanted = fixed(one);
			return wanted === void 0 || sameJson(value[name], wanted);
		}) && hasOwnKey(value, required, variants);
	});
}
/** A value to begin with: what a schema fixes and what it cannot do without. */
function blank(schema, root) {
	const own = resolved(schema, root);
	const properties = own["properties"];
	if (isObject(properties)) {
		const required = Array.isArray(own["required"]) ? own["required"].map(String) : [];
		return Object.fromEntries(required.flatMap((name) => {
			const field = properties[name];
			return isObject(field) ? [[name, fixed(field) ?? blank(field, root)]] : [];
		}));
	}
	const options = own["enum"];
	if (Array.isArray(options) && options[0] !== void 0) return options[0];
	switch (alternatives(own, root)[0]?.["type"]) {
		case "number":
		case "integer": return 0;
		case "boolean": return false;
		case "array": return [];
		case "object": return {};
		default: return "";
	}
}
/** One variant for each value of the field that is fixed in some kinds, such as `when` of a switch's rules. */
function discriminating(schema, kinds) {
	const properties = isObject(schema["properties"]) ? schema["properties"] : {};
	const name = Object.keys(properties).find((key) => kinds.some((kind) => isObject(kind["properties"]) && fixed(kind["properties"][key]) !== void 0));
	if (name === void 0) return [];
	const field = properties[name];
	const values = fixed(field) ?? (isObject(field) ? field["enum"] : void 0);
	return (Array.isArray(values) ? values : [values]).flatMap((value) => value === void 0 || !isObject(field) ? [] : [{
		label: labelOf(field, value),
		schema: withFixed(schema, properties, name, field, value)
	}]);
}
function withFixed(schema, properties, name, field, value) {
	return {
		...schema,
		properties: {
			...properties,
			[name]: {
				...field,
				const: value
			}
		}
	};
}
/** The required key that no other kind requires, such as `set` of a change's rules. */
function ownKey(schema, kinds) {
	const required = (one) => Array.isArray(one["required"]) ? one["required"].map(String) : [];
	const own = required(schema).find((name) => kinds.every((kind) => kind === schema || !required(kind).includes(name)));
	const field = own === void 0 || !isObject(schema["properties"]) ? void 0 : schema["properties"][own];
	return (isObject(field) ? textOf$1(field["title"]).toLowerCase() : "") || (own ?? (textOf$1(schema["title"]) || "object"));
}
function hasOwnKey(value, required, variants) {
	return variants.length === 1 || required.length === 0 || required.some((name) => name in value);
}
/** What a value that a field may have is called. */
function labelOf(field, value) {
	const labels = field[LABELS$1];
	const written = typeof value === "string" ? value : JSON.stringify(value);
	return (isObject(labels) ? textOf$1(labels[written]) : "") || (written === "" ? JSON.stringify(value) : written);
}
function fixed(field) {
	return isObject(field) ? field["const"] : void 0;
}
function textOf$1(value) {
	return typeof value === "string" ? value : "";
}
// src/forms/problems.ts
/** Whether a problem is of a field, or of something in it. */
function isWithin(problem, field) {
	const place = problem.field;
	return place != null && (place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`));
}
/** The problems of a field and of what is in it, with their places from there: `""` is the field itself. */
function within(problems, field) {
	return problems.filter((problem) => isWithin(problem, field)).map((problem) => ({
		...problem,
		field: (problem.field ?? "").slice(field.length).replace(/^\./, "")
	}));
}
/** The problems of the item at a place of a list, likewise. */
function withinItem(problems, index) {
	return within(problems, `[${index}]`);
}
var SurroundingsContext = (0, import_react.createContext)({
	resources: [],
	nodes: [],
	links: [],
	editResource: () => void 0,
	findUses: null
});
function useSurroundings() {
	return (0, import_react.use)(SurroundingsContext);
}
/** Whether a form is only to be read: its fields can be looked at and copied from. */
var ReadOnlyContext = (0, import_react.createContext)(false);
function useReadOnly() {
	return (0, import_react.use)(ReadOnlyContext);
}
/** Evaluates what fields hold on the last real message; `null` where there are no messages. */
var EvaluatorContext = (0, import_react.createContext)(null);
// src/forms/widgets/widget.ts
/** The value as it is, or the default that applies without one. */
function shown({ value, field }) {
	return value ?? field.schema["default"];
}
/** A value as text that can be typed. */
function written(value) {
	return typeof value === "string" ? value : value === void 0 || value === null ? "" : JSON.stringify(value);
}
// src/forms/widgets/value.tsx
/** A value that is written down, or says where it comes from. */
var KINDS$1 = [
	"text",
	"number",
	"boolean",
	"path",
	"jsonata",
	"template",
	"state",
	"env",
	"literal"
];
var LABELS = {
	text: "value.text",
	number: "value.number",
	boolean: "value.boolean",
	path: "value.path",
	jsonata: "value.jsonata",
	template: "value.template",
	state: "value.state",
	env: "value.env",
	literal: "value.literal"
};
function kindOf$1(value) {
	if (isObject(value)) return KINDS$1.find((kind) => kind in value) ?? "literal";
	switch (typeof value) {
		case "number": return "number";
		case "boolean": return "boolean";
		case "string":
		case "undefined": return "text";
		default: return "literal";
	}
}
/** The same content as another kind of value, as far as that makes sense. */
function asKind(kind, value) {
	const text = contentOf(value);
	switch (kind) {
		case "text": return text;
		case "number": return Number.isFinite(Number(text)) ? Number(text) : 0;
		case "boolean": return text === "true";
		case "literal": return { literal: parsed$1(text) ?? text };
		case "path": return { path: text.startsWith("$") ? text : "$.payload" };
		default: return { [kind]: text };
	}
}
function ValueWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const kind = kindOf$1(props.value);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "value-field",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
			disabled: isReadOnly,
			"aria-label": t("value.kind"),
			value: kind,
			onChange: (event) => {
				props.onChange(asKind(event.target.value, props.value));
			},
			children: KINDS$1.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: one,
				children: t(LABELS[one])
			}, one))
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Content, {
			...props,
			kind
		})]
	});
}
function Content({ kind, ...props }) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const value = props.value;
	if (kind === "boolean") return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		disabled: isReadOnly,
		id: props.id,
		value: value === true ? "true" : "false",
		onChange: (event) => {
			props.onChange(event.target.value === "true");
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: "true",
			children: t("form.yes")
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: "false",
			children: t("form.no")
		})]
	});
	const text = contentOf(value);
	const change = (typed) => {
		if (kind === "text") props.onChange(typed === "" && !props.field.isRequired ? void 0 : typed);
		else if (kind === "number") props.onChange(typed.trim() !== "" && Number.isFinite(Number(typed)) ? Number(typed) : typed);
		else if (kind === "literal") props.onChange({ literal: parsed$1(typed) ?? typed });
		else props.onChange({
			...isObject(value) ? value : {},
			[kind]: typed
		});
	};
	const rows = kind === "template" || kind === "jsonata" || kind === "literal" ? Math.max(text.split("\n").length, 2) : 1;
	return rows > 1 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		readOnly: isReadOnly,
		id: props.id,
		className: "code",
		rows: Math.min(rows, 10),
		value: text,
		spellCheck: false,
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		onChange: (event) => {
			change(event.target.value);
		}
	}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
		readOnly: isReadOnly,
		className: kind === "text" || kind === "number" ? "" : "code",
		value: text,
		spellCheck: false,
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		onChange: (event) => {
			change(event.target.value);
		}
	});
}
function contentOf(value) {
	if (isObject(value)) {
		const kind = KINDS$1.find((one) => one in value);
		const content = kind === void 0 ? value : value[kind];
		return typeof content === "string" ? content : JSON.stringify(content, null, 2);
	}
	return written(value);
}
function parsed$1(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/forms/Result.tsx
/** What a field gives on the last real message, below it. */
var KINDS = {
	"json-path": "json-path",
	jsonata: "jsonata",
	jinja2: "jinja2",
	value: "value"
};
var COMPUTED = /* @__PURE__ */ new Set([
	"path",
	"jsonata",
	"template",
	"state",
	"env"
]);
var MOST$2 = 300;
/** The kind of expression that a field holds; `undefined` where there is nothing to evaluate. */
function expressionKind(widget, value) {
	if (value === void 0 || value === null || value === "" || JSON.stringify(value).includes("${")) return;
	const kind = KINDS[widget];
	return kind === "value" && (!isObject(value) || !COMPUTED.has(kindOf$1(value))) ? void 0 : kind;
}
function Result({ id, kind, content }) {
	const { t } = useTexts();
	const said = useSaid();
	const evaluator = (0, import_react.useContext)(EvaluatorContext);
	useSignal(evaluator?.changed);
	const written = JSON.stringify(content);
	(0, import_react.useEffect)(() => {
		if (evaluator === null) return;
		evaluator.want(id, {
			kind,
			content: JSON.parse(written)
		});
		evaluator.asked.tell();
		return () => {
			evaluator.release(id);
		};
	}, [
		evaluator,
		id,
		kind,
		written
	]);
	const result = evaluator?.result(id);
	if (result === void 0) return null;
	if (result.outcome === "failed") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "field-result is-failed",
		children: said.say(result.reason)
	});
	const text = result.outcome === "nothing" ? t("result.nothing") : preview(result.value, MOST$2);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		className: `field-result is-${result.outcome}`,
		title: t("result.about"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				"aria-hidden": "true",
				children: "→ "
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "only-read",
				children: [t("result.about"), ": "]
			}),
			text
		]
	});
}
// src/forms/widgets/many.tsx
/** Fields that hold other fields: lists, maps by name, groups. */
function ListWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const schema = alternatives(props.field.schema, props.root).find((one) => isObject(one["items"])) ?? props.field.schema;
	const items = isObject(schema["items"]) ? schema["items"] : {};
	const value = shown(props);
	const list = Array.isArray(value) ? value : [];
	const change = (wanted) => {
		props.onChange(wanted.length === 0 && !props.field.isRequired ? void 0 : wanted);
	};
	const first = variantsOf(items, props.root)[0]?.schema ?? items;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "list-field",
		id: props.id,
		role: "group",
		"aria-describedby": props.describedBy,
		children: [
			isReadOnly && list.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(None, {}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", { children: list.map((item, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
				className: "list-item",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "list-item-body",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Item, {
						id: `${props.id}-${index}`,
						name: `${index + 1}`,
						schema: items,
						root: props.root,
						value: item,
						problems: withinItem(props.problems ?? [], index),
						onChange: (wanted) => {
							change(list.map((one, place) => place === index ? wanted ?? null : one));
						}
					})
				}), !isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "list-item-tools",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": t("form.moveUp", { number: index + 1 }),
						title: t("form.moveUp", { number: index + 1 }),
						disabled: index === 0,
						onClick: () => {
							change(swapped(list, index - 1));
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "up" })
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": t("form.remove", { name: index + 1 }),
						title: t("form.remove", { name: index + 1 }),
						onClick: () => {
							change(list.filter((_, place) => place !== index));
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "trash" })
					})]
				})]
			}, index)) }),
			!isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				onClick: () => {
					change([...list, blank(first, props.root)]);
				},
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
					" ",
					t("form.addItem")
				]
			})
		]
	});
}
function MapWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const [name, setName] = (0, import_react.useState)("");
	const schema = alternatives(props.field.schema, props.root).find((one) => isObject(one["additionalProperties"]));
	const items = isObject(schema?.["additionalProperties"]) ? schema["additionalProperties"] : {};
	const value = shown(props);
	const map = isObject(value) ? value : {};
	const change = (wanted) => {
		props.onChange(Object.keys(wanted).length === 0 && !props.field.isRequired ? void 0 : wanted);
	};
	const add = () => {
		if (name.trim() !== "" && !(name.trim() in map)) {
			change({
				...map,
				[name.trim()]: blank(items, props.root)
			});
			setName("");
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "list-field",
		id: props.id,
		role: "group",
		"aria-describedby": props.describedBy,
		children: [
			isReadOnly && Object.keys(map).length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(None, {}),
			Object.entries(map).map(([key, item]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "list-item",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "list-item-body",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "map-key",
						children: key
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Item, {
						id: `${props.id}-${key}`,
						name: key,
						schema: items,
						root: props.root,
						value: item,
						onChange: (wanted) => {
							change({
								...map,
								[key]: wanted ?? ""
							});
						}
					})]
				}), !isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "list-item-tools",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": t("form.remove", { name: key }),
						title: t("form.remove", { name: key }),
						onClick: () => {
							change(Object.fromEntries(Object.entries(map).filter(([one]) => one !== key)));
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "trash" })
					})
				})]
			}, key)),
			!isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field-row",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "text",
					value: name,
					placeholder: t("form.newName"),
					"aria-label": t("form.newName"),
					onChange: (event) => {
						setName(event.target.value);
					},
					onKeyDown: (event) => {
						if (event.key === "Enter") {
							event.preventDefault();
							add();
						}
					}
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					onClick: add,
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
						" ",
						t("form.addItem")
					]
				})]
			})
		]
	});
}
function GroupWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const value = shown(props);
	if (isOptional(props.field.schema) && !isObject(value)) {
		const kind = alternatives(props.field.schema, props.root)[0] ?? {};
		return isReadOnly ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(None, {}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			id: props.id,
			onClick: () => {
				props.onChange(blank(kind, props.root));
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
				" ",
				t("form.set", { name: props.field.title })
			]
		});
	}
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "group-field",
		id: props.id,
		role: "group",
		"aria-describedby": props.describedBy,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Variants, {
			id: props.id,
			schema: props.field.schema,
			root: props.root,
			value,
			problems: props.problems ?? [],
			isTold: true,
			onChange: props.onChange
		}), isOptional(props.field.schema) && !isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			onClick: () => {
				props.onChange(void 0);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "trash" }),
				" ",
				t("form.unset")
			]
		})]
	});
}
/** What a form that is only read says where nothing is set. */
function None() {
	const { t } = useTexts();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "quiet",
		children: t("form.leftOut")
	});
}
/** One item of a list or a map: an object with fields of its own, or one value. */
function Item(props) {
	if (variantsOf(props.schema, props.root).length > 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Variants, { ...props });
	const problems = props.problems ?? [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Widget, {
		id: props.id,
		field: fieldOf(props.name, props.schema, props.root, true),
		root: props.root,
		value: props.value,
		describedBy: "",
		isInvalid: problems.some((problem) => problem.severity !== "warning"),
		onChange: props.onChange
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Told, { problems })] });
}
function Variants({ id, schema, root, value, problems = [], isTold = false, onChange }) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const variants = variantsOf(schema, root);
	const chosen = variantOf(value, variants);
	const variant = variants[chosen];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		variants.length > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
			disabled: isReadOnly,
			"aria-label": t("form.kind"),
			value: chosen,
			onChange: (event) => {
				const wanted = variants[Number(event.target.value)];
				if (wanted !== void 0) onChange(carried(value, blank(wanted.schema, root), wanted.schema));
			},
			children: [chosen < 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: -1 }), variants.map((one, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: index,
				children: one.label
			}, index))]
		}),
		variants.length > 1 && variant !== void 0 && isTold && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "field-about",
			children: textOf$1(variant.schema["description"])
		}),
		variant === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Told, { problems }),
		variant !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fields, {
			prefix: id,
			schema: variant.schema,
			root,
			value: isObject(value) ? value : {},
			problems,
			isNested: true,
			onChange
		})
	] });
}
/** A new kind of object that keeps what both kinds have. */
function carried(before, after, schema) {
	if (!isObject(before) || !isObject(after) || !isObject(schema["properties"])) return after;
	const known = schema["properties"];
	const kept = Object.entries(before).filter(([name]) => {
		const field = known[name];
		return isObject(field) && field["const"] === void 0;
	});
	return {
		...after,
		...Object.fromEntries(kept)
	};
}
function swapped(list, index) {
	const moved = [...list];
	const [one, other] = [moved[index], moved[index + 1]];
	if (one !== void 0 && other !== void 0) {
		moved[index] = other;
		moved[index + 1] = one;
	}
	return moved;
}
// src/forms/widgets/simple.tsx
/** Fields of one value: text, numbers, yes or no, one of several, any JSON. */
function TextWidget(props) {
	const isReadOnly = useReadOnly();
	const value = props.value;
	const fallback = props.field.schema["default"];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
		readOnly: isReadOnly,
		"aria-label": props.label,
		value: written(value),
		placeholder: typeof fallback === "string" ? fallback : "",
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		spellCheck: false,
		onChange: (event) => {
			props.onChange(event.target.value === "" ? void 0 : event.target.value);
		}
	});
}
function NumberWidget(props) {
	const isReadOnly = useReadOnly();
	const value = props.value;
	const fallback = props.field.schema["default"];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
		readOnly: isReadOnly,
		"aria-label": props.label,
		inputMode: "decimal",
		value: written(value),
		placeholder: typeof fallback === "number" ? String(fallback) : "",
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		onChange: (event) => {
			const text = event.target.value.trim();
			props.onChange(text === "" ? void 0 : text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
		}
	});
}
function CheckboxWidget(props) {
	const isReadOnly = useReadOnly();
	if (typeof props.value === "string") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextWidget, { ...props });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "checkbox",
		disabled: isReadOnly,
		checked: shown(props) === true,
		"aria-describedby": props.describedBy,
		onChange: (event) => {
			const wanted = event.target.checked;
			props.onChange(wanted === props.field.schema["default"] ? void 0 : wanted);
		}
	});
}
function SelectWidget(props) {
	const isReadOnly = useReadOnly();
	const { schema } = props.field;
	const found = alternatives(schema, props.root).flatMap((one) => {
		const options = one["enum"] ?? (one["const"] === void 0 ? [] : [one["const"]]);
		return Array.isArray(options) ? options.map((choice) => ({
			choice,
			label: labelOf(one, choice)
		})) : [];
	});
	const choices = found.map(({ choice }) => choice);
	const value = shown(props);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		disabled: isReadOnly,
		id: props.id,
		value: choices.findIndex((one) => one === value),
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		onChange: (event) => {
			const wanted = choices[Number(event.target.value)];
			props.onChange(wanted === props.field.schema["default"] ? void 0 : wanted);
		},
		children: [!choices.includes(value ?? null) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: -1,
			children: written(value)
		}), found.map(({ choice, label }, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: index,
			children: label
		}, JSON.stringify(choice)))]
	});
}
function JsonWidget(props) {
	const isReadOnly = useReadOnly();
	const kept = props.value === void 0 ? "" : JSON.stringify(props.value, null, 2);
	const [text, setText] = (0, import_react.useState)(kept);
	const [known, setKnown] = (0, import_react.useState)(kept);
	if (known !== kept) {
		setKnown(kept);
		setText(kept);
	}
	const isBroken = text.trim() !== "" && parsed(text) === void 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		id: props.id,
		className: "code",
		readOnly: isReadOnly,
		rows: Math.min(Math.max(text.split("\n").length, 2), 12),
		value: text,
		placeholder: JSON.stringify(props.field.schema["default"] ?? ""),
		"aria-describedby": props.describedBy,
		"aria-invalid": isBroken || props.isInvalid,
		spellCheck: false,
		onChange: (event) => {
			setText(event.target.value);
			const value = parsed(event.target.value);
			if (event.target.value.trim() === "") {
				setKnown("");
				props.onChange(void 0);
			} else if (value !== void 0) {
				setKnown(JSON.stringify(value, null, 2));
				props.onChange(value);
			}
		}
	});
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
// src/forms/widgets/kinds.tsx
/** A field that takes values of several kinds, such as "no", "yes" or how exactly. */
function KindsWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const choices = choicesOf(props);
	const value = shown(props);
	const name = nameOf(value);
	const chosen = choices.find((one) => one.name === name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "kinds-field",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				disabled: isReadOnly,
				id: props.id,
				value: name,
				"aria-describedby": props.describedBy,
				"aria-invalid": props.isInvalid,
				onChange: (event) => {
					const wanted = choices.find((one) => one.name === event.target.value)?.first;
					props.onChange(wanted === props.field.schema["default"] ? void 0 : wanted);
				},
				children: [chosen === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: name,
					children: name === "text" ? t("value.env") : ""
				}), choices.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: one.name,
					children: t(one.text)
				}, one.name))]
			}),
			name === "number" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NumberWidget, {
				...props,
				id: `${props.id}-value`,
				label: props.field.title
			}),
			name === "text" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextWidget, {
				...props,
				id: `${props.id}-value`,
				label: props.field.title
			}),
			name === "object" && chosen !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "group-field",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Variants, {
					id: props.id,
					schema: chosen.schema,
					root: props.root,
					value: isObject(value) ? value : {},
					problems: props.problems ?? [],
					onChange: props.onChange
				})
			})
		]
	});
}
function choicesOf({ field, root }) {
	const found = alternatives(field.schema, root).flatMap((schema) => {
		switch (kindOfValue(schema)) {
			case "boolean": return [{
				name: "no",
				text: "form.no",
				schema,
				first: false
			}, {
				name: "yes",
				text: "form.yes",
				schema,
				first: true
			}];
			case "number": return [{
				name: "number",
				text: "value.number",
				schema,
				first: 0
			}];
			case "text": return [{
				name: "text",
				text: "value.text",
				schema,
				first: textOf$1(field.schema["default"])
			}];
			case "object": return [{
				name: "object",
				text: "form.exactly",
				schema,
				first: blank(schema, root)
			}];
			default: return [];
		}
	});
	return [...isOptional(field.schema) ? [{
		name: "",
		text: "form.leftOut",
		schema: {},
		first: void 0
	}] : [], ...found].filter((one, index, all) => all.findIndex((other) => other.name === one.name) === index);
}
function nameOf(value) {
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (typeof value === "number" || typeof value === "string") return typeof value === "number" ? "number" : "text";
	return isObject(value) ? "object" : "";
}
// src/forms/widgets/reference.tsx
/** Fields that refer to something: a config node, a node of the flow, an entrance of a link. */
function ResourceWidget(props) {
	const isReadOnly = useReadOnly();
	const { t } = useTexts();
	const { resources, editResource } = useSurroundings();
	const types = typesOf(props);
	const fitting = resources.filter((one) => types.length === 0 || types.includes(one.type));
	const value = written(shown(props));
	const isKnown = value === "" || fitting.some((one) => one.id === value);
	const isNew = value === "" || !isKnown;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field-row",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				disabled: isReadOnly,
				id: props.id,
				value,
				"aria-describedby": props.describedBy,
				"aria-invalid": props.isInvalid || !isKnown,
				onChange: (event) => {
					props.onChange(event.target.value === "" ? void 0 : event.target.value);
				},
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: "",
						children: t("form.choose")
					}),
					!isKnown && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value,
						children: value
					}),
					fitting.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: one.id,
						children: one.name === "" ? one.id : `${one.name} (${one.id})`
					}, one.id))
				]
			}),
			!(isReadOnly && isNew) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					editResource(isNew ? null : value, types);
				},
				children: t(isReadOnly ? "form.showResource" : isNew ? "form.newResource" : "form.editResource")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Uses, { name: value })
		]
	});
}
function NodeWidget(props) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Suggesting, {
		...props,
		options: useSurroundings().nodes
	});
}
function LinkWidget(props) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field-row",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Suggesting, {
			...props,
			options: useSurroundings().links
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Uses, { name: written(shown(props)) })]
	});
}
/** Leads to all nodes that refer to the same. */
function Uses({ name }) {
	const { t } = useTexts();
	const { findUses } = useSurroundings();
	if (findUses === null || name === "") return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		className: "icon-button",
		"aria-label": t("form.uses", { name }),
		title: t("form.uses", { name }),
		onClick: () => {
			findUses(name);
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "search" })
	});
}
function Suggesting({ options, ...props }) {
	const isReadOnly = useReadOnly();
	const list = (0, import_react.useId)();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
		readOnly: isReadOnly,
		list,
		value: written(props.value),
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		spellCheck: false,
		onChange: (event) => {
			props.onChange(event.target.value === "" ? void 0 : event.target.value);
		}
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("datalist", {
		id: list,
		children: options.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: one }, one))
	})] });
}
function typesOf({ field, root }) {
	const found = [field.schema, ...alternatives(field.schema, root)].map((one) => isObject(one) ? one["x-resource-types"] : void 0).find(Array.isArray);
	return Array.isArray(found) ? found.map(String) : [];
}
// src/forms/Widget.tsx
/** The part of a form for one field, by its kind. */
var CodeWidget = (0, import_react.lazy)(async () => ({ default: (await __vitePreload(async () => {
	const { CodeWidget } = await import("./code.js");
	return { CodeWidget };
}, __vite__mapDeps([29,1,30,2,3,4]))).CodeWidget }));
var WIDGETS = {
	text: TextWidget,
	number: NumberWidget,
	checkbox: CheckboxWidget,
	select: SelectWidget,
	json: JsonWidget,
	value: ValueWidget,
	list: ListWidget,
	map: MapWidget,
	group: GroupWidget,
	kinds: KindsWidget,
	resource: ResourceWidget,
	node: NodeWidget,
	link: LinkWidget,
	python: CodeWidget,
	jinja2: CodeWidget,
	jsonata: CodeWidget,
	markdown: CodeWidget
};
var PLAIN = /* @__PURE__ */ new Set([
	"duration",
	"json-path",
	"topic",
	"topic-filter",
	"secret",
	"cron",
	"time-zone",
	"route",
	"url",
	"regex"
]);
/** Whether a widget shows what is wrong at the parts that it is made of. */
function showsOwnProblems(widget) {
	return widget === "group" || widget === "list" || widget === "kinds";
}
function Widget(props) {
	const name = props.field.widget;
	const chosen = WIDGETS[name] ?? (PLAIN.has(name) ? TextWidget : JsonWidget);
	const content = shown(props);
	const kind = expressionKind(name, content);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
		fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "code-field is-loading",
			"aria-busy": "true"
		}),
		children: (0, import_react.createElement)(chosen, props)
	}), kind !== void 0 && content !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Result, {
		id: props.id,
		kind,
		content
	})] });
}
// src/forms/Fields.tsx
function Fields({ prefix, schema, root, value, problems, isNested = false, onChange }) {
	const fields = fieldsOf(schema, root).filter((field) => field.schema["const"] === void 0);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [fields.map((field) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Field, {
		id: `${prefix}-${field.name}`,
		field,
		root,
		value: value[field.name],
		problems: within(problems, field.name),
		isNested,
		onChange: (wanted) => {
			const changed = withValue(value, [field.name], wanted);
			onChange(isObject(changed) ? changed : {});
		}
	}, field.name)), isNested && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Told, { problems: problems.filter((problem) => !fields.some((field) => isWithin(problem, field.name))) })] });
}
function Field({ id, field, root, value, problems, isNested, onChange }) {
	const isInline = field.widget === "checkbox";
	const own = problems.filter((problem) => (problem.field ?? "") === "" || !showsOwnProblems(field.widget));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: `field${isNested ? " is-nested" : ""}${isInline ? " is-inline" : ""}`,
		"data-field": field.name,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
				htmlFor: id,
				title: isNested ? field.description : void 0,
				children: [field.title, field.isRequired && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					"aria-hidden": "true",
					children: " *"
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Widget, {
				id,
				field,
				root,
				value,
				describedBy: `${id}-about`,
				problems: problems.filter((problem) => !own.includes(problem)),
				isInvalid: own.some((problem) => problem.severity !== "warning"),
				onChange
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: isNested ? "only-read" : "field-about",
				id: `${id}-about`,
				children: inline(field.description)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Told, { problems: own })
		]
	});
}
function Told({ problems }) {
	const said = useSaid();
	return problems.map((problem) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: `field-problem is-${problem.severity ?? "error"}`,
		children: said.problem(problem)
	}, problem.code + problem.message));
}
// src/forms/Form.tsx
function Form({ schema, value, problems, isReadOnly = false, onChange }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReadOnlyContext, {
		value: isReadOnly,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fields, {
			prefix: "field",
			schema,
			root: schema,
			value,
			problems,
			onChange
		})
	});
}
// src/model/evaluator.ts
/** The whole message, for those who look at it. */
var WHOLE = {
	kind: "json-path",
	content: "$"
};
var SIZE = 2e3;
var Evaluator = class {
	flow;
	nodes;
	ask;
	changed = new Signal();
	/** Tells that a field wants something else. */
	asked = new Signal();
	arrival = null;
	message = null;
	#wanted = /* @__PURE__ */ new Map();
	#results = /* @__PURE__ */ new Map();
	#turn = 0;
	constructor(flow, nodes, ask) {
		this.flow = flow;
		this.nodes = nodes;
		this.ask = ask;
	}
	/** Want the result of what a field holds, until the field is gone. */
	want(field, expression) {
		this.#wanted.set(field, expression);
	}
	release(field) {
		this.#wanted.delete(field);
		this.#results.delete(field);
	}
	result(field) {
		return this.#results.get(field);
	}
	/** Ask for all results; an answer that a later question has overtaken is left. */
	async look() {
		const turn = ++this.#turn;
		const fields = [...this.#wanted];
		const expressions = [WHOLE, ...fields.map(([, expression]) => expression)];
		const told = await this.ask({
			flow: this.flow,
			nodes: this.nodes,
			expressions,
			size: SIZE
		});
		if (turn !== this.#turn) return;
		const { trace, at, node, results } = told;
		this.arrival = trace === null || at === null || node === null ? null : {
			trace,
			at,
			node
		};
		this.message = results[0]?.value ?? null;
		this.#results = new Map(fields.flatMap(([field], index) => {
			const result = results[index + 1];
			return result === void 0 ? [] : [[field, result]];
		}));
		this.changed.tell();
	}
};
/** The node, and after it those that wires bring the same messages to. */
function sentTheSame(flow, node) {
	const wires = wiresOf(flow);
	const ports = new Set(wires.filter((wire) => wire.to.node === node).map((wire) => `${wire.from}.${wire.port}`));
	const others = wires.filter((wire) => ports.has(`${wire.from}.${wire.port}`)).map((wire) => wire.to.node);
	return [.../* @__PURE__ */ new Set([node, ...others])].filter((one) => one in nodesOf(flow));
}
// src/panels/clock_time.ts
/** A moment as people read it: the time of day, with milliseconds. */
function clockTime(seconds) {
	const time = /* @__PURE__ */ new Date(seconds * 1e3);
	const two = (number) => String(number).padStart(2, "0");
	return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
/** A length of time: 12 µs, 3.4 ms, 1.2 s. */
function duration(seconds) {
	if (seconds < .001) return `${Math.round(seconds * 1e6)} µs`;
	return seconds < 1 ? `${(seconds * 1e3).toPrecision(2)} ms` : `${seconds.toPrecision(3)} s`;
}
// src/panels/ValueTree.tsx
/** A JSON value that unfolds; values and the paths to them can be copied. */
var MOST$1 = 100;
var OPEN_DEPTH = 2;
function ValueTree({ value, root = "$", changed, onPin }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "value-tree",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Branch, {
			name: root,
			value,
			path: [],
			root,
			changed: changed ?? NONE,
			onPin
		})
	});
}
var NONE = /* @__PURE__ */ new Set();
function Branch({ name, value, path, root, changed, onPin }) {
	const { t } = useTexts();
	const entries = entriesOf(value);
	const [isOpen, setOpen] = (0, import_react.useState)(path.length < OPEN_DEPTH);
	const [most, setMost] = (0, import_react.useState)(MOST$1);
	const text = pathText(path, root);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "value-branch",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: changed.has(text) ? "value-line is-changed" : "value-line",
			children: [
				entries.length > 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "value-fold",
					"aria-expanded": isOpen,
					"aria-label": t("tree.open", { name }),
					onClick: () => {
						setOpen(!isOpen);
					},
					children: isOpen ? "▾" : "▸"
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "value-fold" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "value-name",
					children: name
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: `value-text is-${kindOf(value)}`,
					children: textOf(value, isOpen && entries.length > 0)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(CopyButton, {
					label: t("tree.copyValue"),
					icon: "copy",
					text: typeof value === "string" ? value : JSON.stringify(value, null, 2)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(CopyButton, {
					label: t("tree.copyPath", { path: text }),
					icon: "path",
					text
				}),
				onPin !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "value-copy",
					"aria-label": t("debug.pin", { path: text }),
					title: t("debug.pin", { path: text }),
					onClick: () => {
						onPin(path);
					},
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "pin" })
				})
			]
		}), isOpen && entries.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "value-inner",
			children: [entries.slice(0, most).map(([key, inner]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Branch, {
				name: String(key),
				value: inner,
				path: [...path, key],
				root,
				changed,
				onPin
			}, key)), entries.length > most && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "value-more",
				onClick: () => {
					setMost(most + 1e3);
				},
				children: t("tree.more", { count: entries.length - most })
			})]
		})]
	});
}
function CopyButton({ label, icon, text }) {
	const { t } = useTexts();
	const [isDone, setDone] = (0, import_react.useState)(false);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		className: "value-copy",
		"aria-label": label,
		title: isDone ? t("tree.copied") : label,
		onBlur: () => {
			setDone(false);
		},
		onClick: () => {
			navigator.clipboard.writeText(text).then(() => {
				setDone(true);
			});
		},
		children: isDone ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			"aria-hidden": "true",
			children: "✓"
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: icon })
	});
}
function entriesOf(value) {
	if (Array.isArray(value)) return value.map((item, index) => [index, item]);
	return isObject(value) ? Object.entries(value) : [];
}
function kindOf(value) {
	return value === null ? "null" : typeof value;
}
function textOf(value, isOpen) {
	if (Array.isArray(value)) return isOpen ? `[${value.length}]` : preview(value);
	if (isObject(value)) return isOpen ? "" : preview(value);
	return typeof value === "string" ? `"${value}"` : String(value);
}
// src/panels/LastMessage.tsx
/** The message that a form's results are about, and what keeps them up to date. */
var EVERY = 2e3;
var AFTER_TYPING = 250;
function LastMessage({ evaluator, node }) {
	const { t } = useTexts();
	useSignal(evaluator.changed);
	const [isOpen, setOpen] = (0, import_react.useState)(false);
	(0, import_react.useEffect)(() => {
		let soon;
		const look = () => {
			if (!document.hidden) evaluator.look().catch(() => void 0);
		};
		const end = evaluator.asked.subscribe(() => {
			clearTimeout(soon);
			soon = setTimeout(look, AFTER_TYPING);
		});
		const timer = setInterval(look, EVERY);
		look();
		return () => {
			end();
			clearTimeout(soon);
			clearInterval(timer);
		};
	}, [evaluator]);
	const { arrival, message } = evaluator;
	if (arrival === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet last-message",
		children: t("result.none")
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "last-message",
		open: isOpen,
		onToggle: (event) => {
			setOpen(event.currentTarget.open);
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: arrival.node === node ? t("result.last", { time: clockTime(arrival.at).slice(0, 8) }) : t("result.lastOf", {
			time: clockTime(arrival.at).slice(0, 8),
			node: arrival.node
		}) }), isOpen && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: message }, arrival.trace)]
	});
}
// src/panels/ResourceDialog.tsx
/** A config node is made or changed where it is needed. */
function ResourceDialog({ project, id, types, onSaved, onClose }) {
	const { t } = useTexts();
	const said = useSaid();
	const known = id === null ? void 0 : project.resources.all[id];
	const kinds = types.length > 0 ? types : project.palette.types.filter((one) => one.is_resource).map((one) => one.name);
	const [type, setType] = (0, import_react.useState)(known?.type ?? kinds[0] ?? "");
	const [name, setName] = (0, import_react.useState)(known?.name ?? "");
	const [config, setConfig] = (0, import_react.useState)(isObject(known?.config) ? known.config : {});
	const [problems, setProblems] = (0, import_react.useState)([]);
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const [trial, setTrial] = (0, import_react.useState)({
		isOn: false,
		tried: null
	});
	const { isReadOnly } = project;
	const declared = project.types.get(type);
	const save = async () => {
		const wanted = id ?? freeId(idFrom(name === "" ? type : name), new Set(Object.keys(project.resources.all)));
		const document = {
			...known,
			type,
			...name === "" ? {} : { name },
			...Object.keys(config).length === 0 ? {} : { config }
		};
		await project.resources.save(wanted, document);
		onSaved(wanted);
		onClose();
	};
	const attempt = () => {
		setRefusal("");
		setTrial({
			isOn: true,
			tried: null
		});
		project.resources.attempt(id ?? "new", {
			type,
			...Object.keys(config).length === 0 ? {} : { config }
		}).then((tried) => {
			setTrial({
				isOn: false,
				tried
			});
		}).catch((error) => {
			setTrial({
				isOn: false,
				tried: null
			});
			setRefusal(sentence(error));
		});
	};
	const check = (changed) => {
		setConfig(changed);
		setTrial({
			isOn: false,
			tried: null
		});
		project.resources.check(id ?? "new", {
			type,
			config: changed
		}).then(setProblems).catch(() => {
			setProblems([]);
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: id ?? t("resource.new"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			isCheckedElsewhere: true,
			isReadOnly,
			isReady: type !== "",
			apart: declared?.can_try === true && !isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				disabled: trial.isOn,
				onClick: attempt,
				children: t("trial.connect")
			}),
			told: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: refusal }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: `trial is-${trial.tried?.level ?? ""}`,
				role: "status",
				children: trial.isOn ? t("trial.connecting") : trial.tried === null ? "" : outcome(trial.tried, said, t)
			})] }),
			onSave: save,
			onClose,
			children: [
				id === null && kinds.length > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "field",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: "resource-type",
						children: t("form.kind")
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
						id: "resource-type",
						value: type,
						onChange: (event) => {
							setType(event.target.value);
						},
						children: kinds.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
							value: one,
							children: project.types.get(one)?.label ?? one
						}, one))
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "field",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: "resource-name",
						children: t("form.name")
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						id: "resource-name",
						type: "text",
						readOnly: isReadOnly,
						value: name,
						onChange: (event) => {
							setName(event.target.value);
						}
					})]
				}),
				declared !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Form, {
					schema: declared.config,
					value: config,
					problems,
					isReadOnly,
					onChange: check
				})
			]
		})
	});
}
function outcome({ level, text, seconds }, said, t) {
	return t(level === "error" ? "trial.error" : level === "busy" ? "trial.busy" : level === "warning" ? "trial.warning" : "trial.ok", {
		text: said.sentence(text) ?? text,
		seconds: seconds < 1 ? seconds.toPrecision(2) : Math.round(seconds)
	});
}
// src/panels/NodePanel.tsx
/** The chosen node: its name, its settings, its help. */
function NodePanel({ project, flow, findUses }) {
	const { t } = useTexts();
	const [editing, setEditing] = (0, import_react.useState)(null);
	const [id] = flow.selection;
	const node = id === void 0 ? void 0 : nodesOf(flow.sheet.flow)[id];
	const evaluator = useEvaluator(project, flow, id, node?.type ?? "");
	if (id === void 0 || node === void 0 || flow.selection.size !== 1) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("aside", {
		className: "node-panel is-empty",
		"aria-label": t("form.title"),
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet",
			children: t("form.none")
		})
	});
	const type = project.types.get(node.type);
	const surroundings = {
		resources: Object.entries(project.resources.all).map(([one, resource]) => ({
			id: one,
			type: resource.type,
			name: resource.name ?? ""
		})),
		nodes: Object.keys(nodesOf(flow.sheet.flow)),
		links: linksOf(project),
		editResource: (resource, types) => {
			setEditing({
				id: resource,
				types
			});
		},
		findUses
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
		className: "node-panel",
		"aria-label": t("form.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: type?.label ?? node.type }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: type?.summary
			}),
			evaluator !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(LastMessage, {
				evaluator,
				node: id
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: "node-name",
					children: t("form.name")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: "node-name",
					type: "text",
					readOnly: flow.isReadOnly,
					value: node.name ?? "",
					placeholder: id,
					onChange: (event) => {
						rename(flow, id, event.target.value, t);
					}
				})]
			}),
			type !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SurroundingsContext, {
				value: surroundings,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(EvaluatorContext, {
					value: evaluator,
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Form, {
						schema: type.config,
						value: isObject(node.config) ? node.config : {},
						problems: flow.problems.filter((problem) => problem.node === id),
						isReadOnly: flow.isReadOnly,
						onChange: (config) => {
							configure(flow, id, config, t);
						}
					})
				})
			}),
			type !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
				className: "node-help",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t("form.help") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Markdown, { text: type.help })]
			}),
			editing !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ResourceDialog, {
				project,
				id: editing.id,
				types: editing.types,
				onSaved: (saved) => {
					if (editing.id === null) fillIn(project, flow, id, editing.types, saved, t);
				},
				onClose: () => {
					setEditing(null);
				}
			})
		]
	}, id);
}
/** Evaluates on what comes to a node of a flow that runs, for those who may change it. */
function useEvaluator(project, flow, node, type) {
	const wanted = project.flows.some((one) => one.id === flow.id && one.state === "running") && !flow.isReadOnly && project.types.get(type)?.has_input === true;
	const nodes = node === void 0 || !wanted ? "" : sentTheSame(flow.sheet.flow, node).join(" ");
	return (0, import_react.useMemo)(() => nodes === "" ? null : new Evaluator(flow.id, nodes.split(" "), (question) => project.server.post("/evaluate", question)), [
		project,
		flow.id,
		nodes
	]);
}
/** Let the field that asked for a new config node refer to it. */
function fillIn(project, flow, id, types, saved, t) {
	const node = nodesOf(flow.sheet.flow)[id];
	const schema = node === void 0 ? void 0 : project.types.get(node.type)?.config;
	if (node === void 0 || !isObject(schema)) return;
	const field = fieldsOf(schema, schema).find((one) => {
		const wanted = one.schema["x-resource-types"];
		return one.widget === "resource" && Array.isArray(wanted) && wanted.some((type) => typeof type === "string" && types.includes(type));
	});
	if (field !== void 0) configure(flow, id, {
		...isObject(node.config) ? node.config : {},
		[field.name]: saved
	}, t);
}
function linksOf(project) {
	return project.opened().flatMap((flow) => Object.values(nodesOf(flow.sheet.flow)).flatMap((node) => {
		const name = node.type === "link-in" && isObject(node.config) ? node.config["name"] : void 0;
		return typeof name === "string" ? [name] : [];
	}));
}
// src/shell/use_now.ts
/** Draw a view anew as time passes. */
/** The time in seconds since 1970, anew after each so many seconds. */
function useNow(every) {
	const [now, setNow] = (0, import_react.useState)(() => Date.now() / 1e3);
	(0, import_react.useEffect)(() => {
		const timer = setInterval(() => {
			setNow(Date.now() / 1e3);
		}, every * 1e3);
		return () => {
			clearInterval(timer);
		};
	}, [every]);
	return now;
}
// src/panels/Chart.tsx
/** A small chart of the last minutes, which goes on with the time. */
var WIDTH = 220;
var HEIGHT = 36;
function Chart({ name, history, flow, line, value, kind }) {
	const { t } = useTexts();
	useNow(1);
	const samples = history.samples(flow, line);
	const to = history.now;
	const from = to - history.seconds;
	const most = samples.reduce((found, sample) => Math.max(found, sample.at < from ? 0 : value(sample)), 0);
	const last = samples.at(-1);
	const text = t("figures.now", {
		now: short(last === void 0 ? 0 : value(last)),
		most: short(most)
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("figure", {
		className: `chart is-${kind}`,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("svg", {
			viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
			preserveAspectRatio: "none",
			role: "img",
			"aria-label": `${name}: ${text}`,
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("path", { d: linePath(samples, value, {
				width: WIDTH,
				height: 34,
				from,
				to,
				most: Math.max(most, 1)
			}) })
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("figcaption", { children: [
			name,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "quiet",
				children: text
			})
		] })]
	});
}
// src/panels/WirePanel.tsx
/** What goes along a wire: its last messages, with no debug node needed. */
function WirePanel({ state, flow, wire }) {
	const { t } = useTexts();
	const { tapped, history } = state.watch;
	const { from, port } = wire;
	const target = wire.to.node;
	useSlowSignal(tapped.changed);
	const [earlier, setEarlier] = (0, import_react.useState)([]);
	const [open, setOpen] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => {
		state.tap({
			flow,
			node: from,
			port
		});
		const query = new URLSearchParams({
			flow,
			node: target,
			limit: "10"
		});
		let isGone = false;
		state.client.get(`/traces/arrivals?${query.toString()}`).then(({ arrivals }) => {
			if (!isGone) setEarlier(arrivals.map((one, index) => ({
				key: `${one.trace} ${index}`,
				at: one.at,
				message: one.message,
				sent: 0
			})));
		}).catch(() => void 0);
		return () => {
			isGone = true;
			state.tap(null);
		};
	}, [
		state,
		flow,
		from,
		port,
		target
	]);
	const now = tapped.entries.map(shownOf).reverse();
	const first = now[0]?.key ?? earlier[0]?.key ?? null;
	const row = (one) => {
		const isOpen = (open ?? first) === one.key;
		return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			className: "wire-message",
			"aria-expanded": isOpen,
			onClick: () => {
				setOpen(isOpen ? "" : one.key);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: clockTime(one.at) }),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: preview(one.message["payload"] ?? one.message, 80) })
			]
		}), isOpen && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [one.sent > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet",
			children: t("wire.sent", { count: one.sent })
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: one.message })] })] }, one.key);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
		className: "node-panel wire-panel",
		"aria-label": t("wire.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("wire.title") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				className: "quiet",
				children: [
					from,
					" › ",
					port,
					" → ",
					target
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chart, {
				name: t("figures.rate"),
				history,
				flow,
				line: portLine(`${from}.${port}`),
				value: (one) => one.received,
				kind: "rate"
			}),
			now.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("wire.next")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				"aria-label": t("wire.list"),
				children: now.map(row)
			}),
			earlier.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("wire.earlier") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: earlier.map(row) })] })
		]
	});
}
function shownOf(entry) {
	return {
		key: String(entry.number),
		at: entry.at,
		message: entry.data["message"] ?? null,
		sent: Number(entry.data["sent"] ?? 0)
	};
}
// src/shell/CanvasTools.tsx
/** Buttons on the canvas, for those who look for them: zoom, fit, map. */
function CanvasTools({ desk }) {
	const { t } = useTexts();
	useSignal(KEYS.changed);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "canvas-tools",
		role: "toolbar",
		"aria-label": t("canvas.tools"),
		children: [
			{
				id: "zoom-out",
				icon: "minus",
				text: "command.zoomOut",
				run: () => desk.canvas?.zoomOut()
			},
			{
				id: "zoom-in",
				icon: "add",
				text: "command.zoomIn",
				run: () => desk.canvas?.zoomIn()
			},
			{
				id: "fit",
				icon: "fit",
				text: "command.fit",
				run: () => desk.canvas?.fit()
			},
			{
				id: "map",
				icon: "map",
				text: "command.map",
				run: () => {
					desk.toggleMap();
				}
			},
			{
				id: "commands",
				icon: "menu",
				text: "command.commands",
				run: () => {
					desk.open({ kind: "commands" });
				}
			}
		].map(({ id, icon, text, run }) => {
			const [key] = KEYS.keysOf(id);
			return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "icon-button",
				"aria-label": t(text),
				title: key === void 0 ? t(text) : `${t(text)} (${shownChord(key, IS_MAC)})`,
				onClick: run,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: icon })
			}, id);
		})
	});
}
// src/shell/DiskBar.tsx
var ConflictDialog = (0, import_react.lazy)(() => __vitePreload(() => import("./ConflictDialog.js"), __vite__mapDeps([27,1,2,3,4,11])));
function DiskBar({ project, flow }) {
	const { t } = useTexts();
	const [isComparing, setComparing] = (0, import_react.useState)(false);
	const detail = flow.disk?.detail;
	if (flow.disk === null) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "draft disk",
		role: "alert",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t(detail == null ? "disk.gone" : "disk.changed") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "editor",
				type: "button",
				className: "primary",
				onClick: () => {
					setComparing(true);
				},
				children: t("disk.compare")
			}),
			detail != null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					flow.reload(detail);
				},
				children: t("disk.theirs")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				"data-needs": "editor",
				type: "button",
				onClick: () => {
					flow.rebase(flow.sheet.flow, t("conflict.edit"));
				},
				children: t("disk.mine")
			}),
			isComparing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConflictDialog, {
				project,
				flow,
				onDone: () => void 0,
				onClose: () => {
					setComparing(false);
				}
			}) })
		]
	});
}
// src/shell/DraftOffer.tsx
/** Edits of an earlier visit, which never came to disk: take them up again or let them go. */
function DraftOffer({ flow }) {
	const { t, language } = useTexts();
	if (flow.draft === null) return null;
	const time = new Date(flow.draft.at).toLocaleString(language, {
		dateStyle: "medium",
		timeStyle: "short"
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "draft",
		role: "status",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t(flow.draft.base === flow.base ? "draft.offer" : "draft.offerStale", { time }) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					flow.dropDraft();
				},
				children: t("draft.discard")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				onClick: () => {
					flow.takeUpDraft(t("draft.take"));
				},
				children: t("draft.take")
			})
		]
	});
}
// src/shell/FlowTabs.tsx
var DRAGGED_TAB = "application/x-flowengine-tab";
function FlowTabs({ state }) {
	const { t } = useTexts();
	const { project, desk } = state;
	const [over, setOver] = (0, import_react.useState)("");
	const tabs = project.opened();
	const close = (id) => {
		project.close(id);
		go(HOME, project.current === null ? [] : [project.current.id]);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "tabs",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			role: "tablist",
			"aria-label": t("tabs.title"),
			style: { display: "contents" },
			children: tabs.map((one) => {
				const name = one.sheet.flow.name ?? one.id;
				const isCurrent = one === project.current;
				return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					role: "presentation",
					className: [
						"tab",
						isCurrent ? "is-current" : "",
						one.sheet.flow.disabled === true ? "is-disabled" : "",
						over === one.id ? "is-over" : ""
					].join(" "),
					draggable: true,
					onDragStart: (event) => {
						event.dataTransfer.setData(DRAGGED_TAB, one.id);
					},
					onDragOver: (event) => {
						if (event.dataTransfer.types.includes(DRAGGED_TAB)) {
							event.preventDefault();
							setOver(one.id);
						}
					},
					onDragLeave: () => {
						setOver("");
					},
					onDrop: (event) => {
						setOver("");
						project.moveTab(event.dataTransfer.getData(DRAGGED_TAB), one.id);
					},
					onAuxClick: (event) => {
						if (event.button === 1) close(one.id);
					},
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						role: "tab",
						"aria-selected": isCurrent,
						tabIndex: isCurrent ? 0 : -1,
						title: name,
						onClick: () => {
							go(HOME, [one.id]);
						},
						onDoubleClick: () => {
							desk.open({ kind: "rename-flow" });
						},
						onKeyDown: (event) => {
							const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
							const next = by === 0 ? void 0 : tabs.at((tabs.indexOf(one) + by) % tabs.length);
							if (next !== void 0) {
								event.preventDefault();
								event.stopPropagation();
								go(HOME, [next.id]);
								event.currentTarget.closest(".tabs")?.querySelectorAll("[role=tab]")[tabs.indexOf(next)]?.focus();
							} else if (event.key === "Delete") {
								event.stopPropagation();
								close(one.id);
							}
						},
						children: [(one.isFlowChanged || one.isLayoutChanged) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "tab-mark",
							role: "img",
							"aria-label": t("flows.changed"),
							title: t("flows.changed")
						}), name]
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						tabIndex: -1,
						"aria-hidden": true,
						title: t("tabs.close", { name }),
						onClick: () => {
							close(one.id);
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "close" })
					})]
				}, one.id);
			})
		}), !project.isReadOnly && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "icon-button",
			"aria-label": t("flows.new"),
			title: t("flows.new"),
			onClick: () => {
				desk.open({ kind: "new-flow" });
			},
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" })
		})]
	});
}
// src/model/fitting.ts
function takesWire(type, wanting) {
	const gives = type.own_ports || type.ports.length > 0;
	switch (wanting) {
		case "any": return true;
		case "input": return type.has_input;
		case "output": return gives;
		case "splice": return type.has_input && gives;
	}
}
function fitting(types, text, wanting = "any") {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return types.filter((type) => !type.is_resource && takesWire(type, wanting)).map((type) => ({
		type,
		rank: rank(type, words)
	})).filter(({ rank }) => rank >= 0).sort((one, other) => one.rank - other.rank).map(({ type }) => type);
}
/** 0 for a name that begins so, 1 for a name that has it, 2 for a summary that has it, -1 for none. */
function rank(type, words) {
	const name = `${type.name} ${type.label}`.toLowerCase();
	const about = `${name} ${type.summary.toLowerCase()}`;
	if (!words.every((word) => about.includes(word))) return -1;
	if (words.length === 0) return 0;
	return words.some((word) => type.name.startsWith(word) || type.label.toLowerCase().startsWith(word)) ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
}
// src/shell/QuickAdd.tsx
/** A list of node types at the pointer: type, choose, and the node is there. */
var MOST = 12;
function QuickAdd({ at, types, wanting, onChoose, onClose }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const [chosen, setChosen] = (0, import_react.useState)(0);
	const input = (0, import_react.useRef)(null);
	const found = fitting(types, text, wanting).slice(0, MOST);
	(0, import_react.useEffect)(() => {
		input.current?.focus();
	}, []);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "quick-add",
		role: "dialog",
		"aria-label": t("palette.search"),
		style: {
			left: Math.min(at.x, innerWidth - 300),
			top: Math.min(at.y, innerHeight - 380)
		},
		onKeyDown: (event) => {
			if (event.key === "Escape") onClose();
			else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
				event.preventDefault();
				const by = event.key === "ArrowDown" ? 1 : -1;
				setChosen((chosen + by + found.length) % Math.max(found.length, 1));
			} else if (event.key === "Enter") {
				const type = found[chosen];
				if (type !== void 0) onChoose(type.name);
			}
		},
		onBlur: (event) => {
			if (!event.currentTarget.contains(event.relatedTarget)) onClose();
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				ref: input,
				type: "search",
				role: "combobox",
				"aria-expanded": true,
				"aria-controls": "quick-add-list",
				"aria-activedescendant": found.length === 0 ? void 0 : `quick-add-${chosen}`,
				value: text,
				placeholder: t(wanting === "any" ? "palette.search" : "palette.searchFitting"),
				"aria-label": t("palette.search"),
				onChange: (event) => {
					setText(event.target.value);
					setChosen(0);
				}
			}),
			found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("palette.none", { text })
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				role: "listbox",
				id: "quick-add-list",
				"aria-label": t("palette.title"),
				children: found.map((type, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
					id: `quick-add-${index}`,
					role: "option",
					"aria-selected": index === chosen,
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						tabIndex: -1,
						onMouseDown: (event) => {
							event.preventDefault();
						},
						onClick: () => {
							onChoose(type.name);
						},
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "node-icon",
								"data-category": type.category,
								children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeIcon, {
									name: type.icon,
									category: type.category
								})
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: type.label }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "quiet",
								children: type.summary
							})
						]
					})
				}, type.name))
			})
		]
	});
}
// src/shell/use_live.ts
/** What a flow does while it runs, written on its canvas without drawing any view anew. */
function useLive(state, flow, surface) {
	(0, import_react.useEffect)(() => {
		const page = surface.current;
		if (page === null) return;
		const { watch } = state;
		const figures = () => {
			showFigures(page, (line) => watch.history.standing(flow.id, line));
		};
		let quiet;
		const counted = () => {
			figures();
			clearTimeout(quiet);
			quiet = setTimeout(figures, (QUIET + .1) * 1e3);
		};
		const statuses = () => {
			showStatuses(page, watch.statuses(flow.id), (status) => state.texts.status(status));
		};
		const read = () => {
			state.readStatuses(flow.id).catch(() => void 0);
		};
		const happened = (events) => {
			if (events.some((event) => event.kind === "deploy")) read();
		};
		forgetFigures();
		figures();
		watch.showWay(/* @__PURE__ */ new Map());
		statuses();
		read();
		state.eventListeners.add(happened);
		const ends = [
			watch.history.changed.subscribe(counted),
			watch.statusChanged.subscribe(statuses),
			state.spoken.subscribe(statuses),
			watch.wayChanged.subscribe(() => {
				showWay(page, watch.way);
			})
		];
		return () => {
			clearTimeout(quiet);
			state.eventListeners.delete(happened);
			for (const end of ends) end();
		};
	}, [
		state,
		flow,
		surface
	]);
}
// src/shell/FlowPage.tsx
/** One flow: tabs above, canvas in the middle, settings at the right, what is wrong below. */
var WANTED = {
	after: "input",
	before: "output",
	into: "splice"
};
function FlowPage({ state, flow }) {
	const { t } = useTexts();
	const { project, desk } = state;
	useSignal(project.changed);
	useSignal(desk.changed);
	const [arranged, setArranged] = (0, import_react.useState)(0);
	const page = (0, import_react.useRef)(null);
	const [draughtsman] = (0, import_react.useState)(() => new Draughtsman());
	const { sheet, problems } = flow;
	const saved = flow.saved.flow;
	const { types, subflows } = project;
	const { portsKnown } = state;
	const drawing = (0, import_react.useMemo)(() => draughtsman.draw(sheet, {
		types,
		subflows,
		problems,
		saved,
		ports: (type, node) => state.ports(type, node)
	}), [
		draughtsman,
		sheet,
		types,
		subflows,
		problems,
		saved,
		state,
		portsKnown
	]);
	(0, import_react.useEffect)(() => {
		desk.show(drawing);
	}, [desk, drawing]);
	(0, import_react.useEffect)(() => () => {
		desk.show(null);
		desk.add(null);
	}, [desk]);
	(0, import_react.useEffect)(() => {
		if (!flow.isLaidOut && drawing.nodes.length > 0) laidOut(drawing, flow.sheet.flow.groups).then((places) => {
			flow.place(places);
			setArranged((count) => count + 1);
		});
	}, [flow]);
	useLive(state, flow, page);
	(0, import_react.useEffect)(() => flow.history.subscribe(() => {
		state.checkSoon(flow);
	}), [state, flow]);
	const onView = (0, import_react.useCallback)((view) => {
		desk.viewThrough(view);
	}, [desk]);
	const add = (name, place, joint) => {
		const type = project.types.get(name);
		desk.add(null);
		if (type !== void 0) {
			const id = addNode(flow, type, place, t, joint);
			desk.canvas?.focus(id);
		}
	};
	const { adding } = desk;
	const [onlyWire] = flow.wireSelection;
	const wire = flow.selection.size === 0 && flow.wireSelection.size === 1 ? drawing.wires.find((one) => one.id === onlyWire)?.wire : void 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("main", {
		className: "flow-page",
		"aria-label": flow.sheet.flow.name ?? flow.id,
		ref: page,
		tabIndex: -1,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(FlowTabs, { state }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "canvas",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(DraftOffer, { flow }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(DiskBar, {
						project,
						flow
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Canvas, {
						flow,
						drawing,
						label: t("canvas.label", { name: flow.sheet.flow.name ?? flow.id }),
						isMapShown: desk.isMapShown,
						onView,
						onMove: (places) => {
							flow.edit(t("edit.move"), (before) => withPlaces(before, places));
						},
						onSplice: (node, into, places) => {
							const port = drawing.nodes.find((one) => one.id === node)?.outputs[0];
							if (port !== void 0) splice(flow, node, port, into, t, places);
						},
						onSlice: (wires) => {
							cut(flow, wires, t);
						},
						onConnect: (made) => {
							flow.edit(t("edit.connect"), (before) => connected(before, made));
						},
						onReconnect: (before, after) => {
							flow.edit(t("edit.reconnect"), (now) => connected(disconnected(now, before), after));
						},
						onOpen: (node) => {
							const subflow = subflowId(nodesOf(flow.sheet.flow)[node]?.type ?? "");
							if (subflow !== null && subflows.has(nodesOf(flow.sheet.flow)[node]?.type ?? "")) go(HOME, [subflow]);
							else openNode(flow, node);
						},
						onOpenGroup: (group) => {
							if (!flow.isReadOnly) desk.open({
								kind: "group",
								group
							});
						},
						onDrop: (type, place, into) => {
							const fits = project.types.get(type)?.has_input === true && into !== null;
							add(type, place, fits ? {
								kind: "into",
								wire: into
							} : null);
						},
						onQuickAdd: (place, screen, joint) => {
							if (!flow.isReadOnly) desk.add({
								place,
								screen,
								joint
							});
						},
						onMenu: (on, screen) => {
							desk.askMenu({
								on,
								screen
							});
						},
						canConnect: (made) => canConnect(flow.sheet, made)
					}, arranged),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(CanvasTools, { desk }),
					drawing.nodes.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "canvas-empty",
						children: t("canvas.empty")
					}),
					adding !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(QuickAdd, {
						at: adding.screen,
						types: project.palette.types,
						wanting: adding.joint === null ? "any" : WANTED[adding.joint.kind],
						onChoose: (type) => {
							add(type, adding.place, adding.joint);
						},
						onClose: () => {
							desk.add(null);
						}
					})
				]
			}),
			wire !== void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WirePanel, {
				state,
				flow: flow.id,
				wire
			}, wireId(wire)) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodePanel, {
				project,
				flow,
				findUses: (name) => {
					desk.open({
						kind: "search",
						text: usesOf(name)
					});
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(BottomPanel, {
				state,
				flow
			})
		]
	});
}
// src/shell/Palette.tsx
/** The node types, by category, to drag onto the canvas or to add with Enter. */
function Palette({ palette, onAdd }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const found = fitting(palette.types, text);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("nav", {
		className: "palette",
		"aria-label": t("palette.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "search",
				value: text,
				placeholder: t("palette.search"),
				"aria-label": t("palette.search"),
				onChange: (event) => {
					setText(event.target.value);
				}
			}),
			found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("palette.none", { text })
			}),
			palette.categories.map((category) => {
				const types = found.filter((type) => type.category === category.name);
				return types.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: called(t, "category", category.name) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: types.map((type) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					className: "palette-type",
					"data-category": type.category,
					title: type.summary,
					draggable: true,
					onDragStart: (event) => {
						event.dataTransfer.setData("application/x-flowengine-node-type", type.name);
						event.dataTransfer.effectAllowed = "copy";
					},
					onClick: () => {
						onAdd(type.name);
					},
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "node-icon",
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeIcon, {
							name: type.icon,
							category: type.category
						})
					}), type.label]
				}) }, type.name)) })] }, category.name);
			})
		]
	});
}
// src/model/questions.ts
/** What a person is asked before something happens: one question at a time, and what happens waits for the answer. */
var Questions = class {
	changed = new Signal();
	#waiting = [];
	get current() {
		return this.#waiting[0] ?? null;
	}
	/** Ask for a text; `null` if there is to be none. */
	text(text, yes) {
		return this.#ask(text, yes, true);
	}
	/** Ask whether to go on. */
	async sure(text, yes) {
		return await this.#ask(text, yes, false) !== null;
	}
	/** Go on once a person has said so. */
	whenSure(text, yes, then) {
		this.sure(text, yes).then((isSure) => {
			if (isSure) then();
		});
	}
	#ask(text, yes, isText) {
		return new Promise((resolve) => {
			const question = {
				text,
				yes,
				isText,
				answer: (given) => {
					this.#waiting = this.#waiting.filter((one) => one !== question);
					this.changed.tell();
					resolve(given);
				}
			};
			this.#waiting = [...this.#waiting, question];
			this.changed.tell();
		});
	}
};
// src/shell/asking.ts
/** Questions to whoever sits before this page. */
var ASKING = new Questions();
// src/shell/QuestionDialog.tsx
/** The question that waits for an answer. */
function AskedNow() {
	const turn = useSignal(ASKING.changed);
	return ASKING.current === null ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(QuestionDialog, { question: ASKING.current }, turn);
}
function QuestionDialog({ question }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const id = (0, import_react.useId)();
	const { isText } = question;
	const end = () => {
		question.answer(null);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("dialog.sure"),
		isBare: true,
		isAlert: !isText,
		describedBy: id,
		onClose: end,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			onSubmit: (event) => {
				event.preventDefault();
				question.answer(text.trim());
			},
			children: [isText ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: `${id}-text`,
					id,
					children: question.text
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: `${id}-text`,
					value: text,
					onChange: (event) => {
						setText(event.target.value);
					}
				})]
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				id,
				children: question.text
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				"data-first": !isText || void 0,
				onClick: end,
				children: t("dialog.cancel")
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				className: isText ? "primary" : "danger",
				disabled: isText && text.trim() === "",
				children: question.yes
			})] })]
		})
	});
}
// src/shell/Rail.tsx
function Rail({ state, page, flow }) {
	const { t } = useTexts();
	const entries = [{
		name: HOME,
		title: t("flows.title"),
		icon: "sequence",
		href: hrefOf(HOME, flow === void 0 ? [] : [flow])
	}, ...PAGES.filter((one) => state.may(one.role ?? "viewer")).map((one) => ({
		name: one.name,
		title: t(one.title),
		icon: one.icon,
		href: hrefOf(one.name)
	}))];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("nav", {
		className: "rail",
		"aria-label": t("pages.title"),
		children: entries.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("a", {
			href: one.href,
			"aria-current": one.name === page ? "page" : void 0,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: one.icon }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: one.title })]
		}, one.name))
	});
}
// src/shell/SignIn.tsx
function SignIn({ client, hasUsers, reason = "", onSignedIn }) {
	const { t } = useTexts();
	const [isByToken, setByToken] = (0, import_react.useState)(!hasUsers);
	const [user, setUser] = (0, import_react.useState)("");
	const [secret, setSecret] = (0, import_react.useState)("");
	const [refusal, setRefusal] = (0, import_react.useState)("");
	const [isBusy, setBusy] = (0, import_react.useState)(false);
	const id = (0, import_react.useId)();
	const signIn = () => {
		setBusy(true);
		client.post("/session", isByToken ? { token: secret } : {
			user,
			password: secret
		}).then(onSignedIn).catch((error) => {
			setRefusal(sentence(error));
			setBusy(false);
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "sign-in",
		onSubmit: (event) => {
			event.preventDefault();
			signIn();
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: "flowengine" }),
			reason !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: reason
			}),
			!isByToken && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: `${id}-user`,
					children: t("signin.user")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: `${id}-user`,
					type: "text",
					autoComplete: "username",
					autoCapitalize: "none",
					required: true,
					value: user,
					onChange: (event) => {
						setUser(event.target.value);
					}
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: `${id}-secret`,
						children: t(isByToken ? "signin.token" : "signin.password")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						id: `${id}-secret`,
						type: "password",
						autoComplete: isByToken ? "off" : "current-password",
						required: true,
						value: secret,
						"aria-invalid": refusal !== "",
						"aria-describedby": refusal === "" ? void 0 : `${id}-refusal`,
						onChange: (event) => {
							setSecret(event.target.value);
						}
					}),
					refusal !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "field-problem",
						id: `${id}-refusal`,
						role: "alert",
						children: refusal
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				className: "primary",
				disabled: isBusy,
				children: t("signin.button")
			}),
			hasUsers && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "icon-button",
				onClick: () => {
					setByToken(!isByToken);
					setSecret("");
					setRefusal("");
				},
				children: t(isByToken ? "signin.withPassword" : "signin.withToken")
			})
		]
	});
}
// src/shell/use_menu.ts
function useMenu() {
	const [isOpen, setOpen] = (0, import_react.useState)(false);
	(0, import_react.useEffect)(() => {
		if (!isOpen) return;
		document.querySelector(".rail a[aria-current]")?.focus();
		const leave = (event) => {
			if (event instanceof KeyboardEvent ? event.key === "Escape" : isBeside(event.target)) {
				setOpen(false);
				document.querySelector(".menu-button")?.focus();
			}
		};
		const close = () => {
			setOpen(false);
		};
		addEventListener("hashchange", close);
		addEventListener("keydown", leave);
		addEventListener("pointerdown", leave);
		return () => {
			removeEventListener("hashchange", close);
			removeEventListener("keydown", leave);
			removeEventListener("pointerdown", leave);
		};
	}, [isOpen]);
	return {
		isOpen,
		toggle: () => {
			setOpen(!isOpen);
		},
		close: () => {
			setOpen(false);
		}
	};
}
function isBeside(target) {
	return target instanceof Element && target.closest(".rail, .sidebar, .bar, dialog") === null;
}
// src/pages/PasswordDialog.tsx
/** A new password: for oneself, with the old one, or for somebody else. */
function PasswordDialog({ title, isOwn = false, onSave, onClose }) {
	const { t } = useTexts();
	const [old, setOld] = (0, import_react.useState)("");
	const [password, setPassword] = (0, import_react.useState)("");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title,
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			onSave: () => onSave(password, old).then(onClose),
			onClose,
			children: [isOwn && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
				label: t("signin.oldPassword"),
				password: "current",
				isRequired: true,
				value: old,
				onChange: setOld
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
				label: t("signin.newPassword"),
				about: t("users.passwordAbout"),
				password: "new",
				isRequired: true,
				value: password,
				onChange: setPassword
			})]
		})
	});
}
// src/shell/UserMenu.tsx
function UserMenu({ state }) {
	const { t } = useTexts();
	useSignal(state.session);
	const [isChanging, setChanging] = (0, import_react.useState)(false);
	const { who } = state;
	const role = isRole(who.role) ? t(`role.${who.role}`) : who.role;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "icon-button",
			popoverTarget: "user-menu",
			"aria-label": t("signin.as", {
				name: who.name,
				role
			}),
			title: t("signin.as", {
				name: who.name,
				role
			}),
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "user" })
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			id: "user-menu",
			popover: "auto",
			className: "user-menu",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: who.name }),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: role
					})
				] }),
				who.kind === "open" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: t("signin.open")
				}),
				!state.may("editor") && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet",
					children: t("role.onlyLook", { role })
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Appearance, { isInMenu: true }),
				who.kind === "user" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => {
						setChanging(true);
					},
					children: t("signin.changePassword")
				}),
				who.session && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => {
						state.project.keepDrafts();
						state.client.delete("/session").finally(() => {
							location.reload();
						});
					},
					children: t("signin.out")
				})
			]
		}),
		isChanging && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(PasswordDialog, {
			title: t("signin.changePassword"),
			isOwn: true,
			onSave: (password, old) => state.client.put("/session/password", {
				old,
				new: password
			}),
			onClose: () => {
				setChanging(false);
			}
		})
	] });
}
// src/shell/App.tsx
/** The editor: sign-in if the engine asks for it, then flows, canvas and panels. */
function App() {
	const { language } = useTexts();
	const [state] = (0, import_react.useState)(() => new EditorState(new Client()));
	const [isReady, setReady] = (0, import_react.useState)(false);
	const [asks, setAsks] = (0, import_react.useState)(null);
	const [failure, setFailure] = (0, import_react.useState)("");
	const begin = (0, import_react.useCallback)(() => {
		state.start().then(async () => {
			const { page, rest } = routeOf(location.hash);
			const first = state.project.flows.find((flow) => flow.id === rest[0]) ?? state.project.flows[0];
			if (first !== void 0) {
				await state.show(first.id);
				if (page === "flows") replace(HOME, [first.id]);
			}
			setReady(true);
		}).catch((error) => {
			if (error instanceof ApiError && error.status === 401) setAsks({ hasUsers: hasUsers(error) });
			else setFailure(sentence(error));
		});
	}, [state]);
	(0, import_react.useEffect)(() => {
		state.speak(language);
	}, [state, language]);
	(0, import_react.useEffect)(begin, [begin]);
	if (isReady) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Editor, { state });
	if (asks !== null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SignIn, {
		client: state.client,
		hasUsers: asks.hasUsers,
		onSignedIn: begin
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet starting",
		children: failure
	});
}
function hasUsers(error) {
	return isObject(error.detail) && error.detail["users"] === true;
}
function Editor({ state }) {
	const { t } = useTexts();
	const { project } = state;
	useSignal(project.changed);
	useSignal(state.connection);
	useSignal(state.session);
	useSignal(state.spoken);
	useSignal(state.desk.noticed);
	const mayEdit = state.may("editor");
	const flow = project.current;
	const route = useRoute();
	const page = PAGES.find((one) => one.name === route.page);
	const menu = useMenu();
	const wanted = page === void 0 ? route.rest[0] : void 0;
	(0, import_react.useEffect)(() => {
		if (wanted !== void 0 && project.current?.id !== wanted && [...project.flows, ...project.opened()].some((one) => one.id === wanted)) state.show(wanted);
	}, [
		state,
		project,
		wanted
	]);
	(0, import_react.useEffect)(() => {
		if (flow !== null && page === void 0) document.title = `${flow.sheet.flow.name ?? flow.id} · flowengine`;
	}, [flow, page]);
	const deploying = (0, import_react.useRef)(null);
	const say = (0, import_react.useCallback)((notice) => {
		state.desk.say(notice);
	}, [state]);
	const deploy = (0, import_react.useCallback)(() => {
		deploying.current?.deploy();
	}, []);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SaidContext, {
		value: state.texts,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: menu.isOpen ? "editor is-menu-open" : "editor",
			"data-role": state.who.role,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
					className: "bar",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							className: "icon-button menu-button",
							"aria-label": t("menu.open"),
							title: t("menu.open"),
							"aria-expanded": menu.isOpen,
							onClick: menu.toggle,
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "menu" })
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", {
							className: "brand",
							children: "flowengine"
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: state.isConnected ? "connection is-up" : "connection is-down",
							role: "status",
							children: state.isConnected ? t("app.connected") : t("app.disconnected")
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "notice",
							role: "status",
							children: state.desk.notice
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
						page === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "editor",
							type: "button",
							className: "icon-button",
							title: t("edit.undo"),
							"aria-label": t("edit.undo"),
							disabled: flow?.history.canUndo !== true,
							onClick: () => flow?.history.undo(),
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "undo" })
						}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							"data-needs": "editor",
							type: "button",
							className: "icon-button",
							title: t("edit.redo"),
							"aria-label": t("edit.redo"),
							disabled: flow?.history.canRedo !== true,
							onClick: () => flow?.history.redo(),
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "redo" })
						})] }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Appearance, {}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(UserMenu, { state }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeployControl, {
							state,
							onNotice: say,
							handle: deploying
						})
					]
				}),
				state.isSignedOut && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "sign-in-again",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SignIn, {
						client: state.client,
						hasUsers: true,
						reason: t("signin.ended"),
						onSignedIn: () => {
							state.meet();
						}
					})
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Rail, {
					state,
					page: page?.name ?? "flows",
					flow: flow?.id
				}),
				page !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
					fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("main", {
						className: "page",
						"aria-busy": true
					}),
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(page.view, {
						state,
						route
					})
				}),
				page === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "sidebar",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("nav", {
						className: "flows",
						"aria-label": t("flows.title"),
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h2", { children: [t("flows.title"), mayEdit && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								type: "button",
								className: "icon-button",
								"aria-label": t("flows.new"),
								title: t("flows.new"),
								onClick: () => {
									state.desk.open({ kind: "new-flow" });
								},
								children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" })
							})] }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: project.flows.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
								type: "button",
								"aria-current": one.id === flow?.id,
								onClick: () => {
									go("flows", [one.id]);
								},
								children: [
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: `state is-${one.state}`,
										role: "img",
										"aria-label": called(t, "flowState", one.state),
										title: called(t, "flowState", one.state)
									}),
									one.name || one.id,
									one.changed && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
										className: "quiet",
										children: [" ", t("flows.changed")]
									})
								]
							}) }, one.id)) }),
							project.flows.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
								className: "quiet",
								children: t("flows.none")
							})
						]
					}), mayEdit && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Palette, {
						palette: project.palette,
						onAdd: (type) => {
							menu.close();
							const found = project.types.get(type);
							if (flow !== null && found !== void 0) {
								const place = state.desk.canvas?.middle().place ?? {
									x: 40,
									y: 40
								};
								addNode(flow, found, freePlace(Object.values(flow.sheet.layout.nodes ?? {}), place), t);
							}
						}
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Commands, {
					state,
					deploy
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(AskedNow, {}),
				flow !== null && page === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FlowPage, {
					state,
					flow
				}, flow.id),
				flow === null && page === void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("main", {
					className: "page no-flow",
					"aria-label": t("flows.title"),
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "quiet",
						children: t("flows.begin")
					}), mayEdit && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "primary",
						onClick: () => {
							state.desk.open({ kind: "new-flow" });
						},
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" }),
							" ",
							t("flows.new")
						]
					})]
				})
			]
		})
	});
}
// src/main.tsx
applyTheme();
var root = document.getElementById("app");
if (root !== null) (0, import_client.createRoot)(root).render(/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextsProvider, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(App, {}) }));
export { Dialog as A, isRole as C, difference as D, preview$1 as E, nodesOf as F, parseEndpoint as I, useSaid as L, go as M, hrefOf as N, useSignal as O, replace as P, ROLES as S, errorsOf as T, rootOf as _, ValueTree as a, drawnNode as b, Form as c, blank as d, fieldsOf as f, pinName as g, newestAt as h, useNow as i, HOME as j, DialogForm as k, written as l, useSlowSignal as m, ASKING as n, clockTime as o, textOf$1 as p, Chart as r, duration as s, PasswordDialog as t, useReadOnly as u, pathText as v, MODES as w, filtered as x, preview as y };
