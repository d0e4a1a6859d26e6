const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["elk-api.js","rolldown-runtime.js"])))=>i.map(i=>d[i]);
import { r as __toESM } from "./rolldown-runtime.js";
import { a as applyNodeChanges, c as ConnectionMode, d as getBezierPath, f as require_jsx_runtime, i as ReactFlowProvider, l as Position, m as require_react, n as BaseEdge, o as index, p as require_client, r as Handle, s as useReactFlow, t as Background, u as SelectionMode } from "./vendor.js";
// src/i18n/en.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_client = require_client();
/** All texts in English: the catalogue that others are held to. `{name}` stands for a value. */
var en = {
	"app.name": "flowengine",
	"app.connected": "Connected",
	"app.disconnected": "No connection to the engine; trying again",
	"canvas.label": "Flow {name}",
	"canvas.empty": "Drag a node here from the palette, or double-click to add one.",
	"deploy.button": "Deploy",
	"deploy.done": "Deployed",
	"deploy.nothing": "Nothing to deploy",
	"deploy.refused": "Not deployed: {reason}",
	"edit.add": "Add {type}",
	"edit.connect": "Connect",
	"edit.delete": "Delete",
	"edit.move": "Move",
	"edit.paste": "Paste",
	"edit.reconnect": "Move a wire",
	"edit.configure": "Configure {node}",
	"edit.undo": "Undo",
	"edit.redo": "Redo",
	"edit.arrange": "Arrange",
	"flows.title": "Flows",
	"flows.new": "New flow",
	"flows.newName": "Name of the new flow",
	"flows.changed": "changed",
	"flows.broken": "broken",
	"flows.none": "There are no flows yet.",
	"form.title": "Node",
	"form.id": "Id",
	"form.name": "Name",
	"form.none": "Choose a node to see its settings.",
	"form.help": "Help",
	"form.yes": "Yes",
	"form.no": "No",
	"form.unset": "not set",
	"palette.title": "Palette",
	"palette.search": "Search node types",
	"palette.none": "No node type fits “{text}”.",
	"problems.title": "Problems",
	"problems.none": "Lint finds nothing wrong.",
	"signin.title": "Sign in",
	"signin.token": "Admin token",
	"signin.button": "Sign in",
	"signin.wrong": "The token is wrong.",
	"theme.switch": "Light, dark or as the system",
	"language.switch": "中文"
};
// src/i18n/zh.ts
var zh = {
	"app.name": "flowengine",
	"app.connected": "已连接",
	"app.disconnected": "与引擎的连接已断开，正在重试",
	"canvas.label": "流程 {name}",
	"canvas.empty": "从节点面板拖入节点，或双击画布添加。",
	"deploy.button": "部署",
	"deploy.done": "已部署",
	"deploy.nothing": "没有需要部署的更改",
	"deploy.refused": "未部署：{reason}",
	"edit.add": "添加 {type}",
	"edit.connect": "连线",
	"edit.delete": "删除",
	"edit.move": "移动",
	"edit.paste": "粘贴",
	"edit.reconnect": "改接连线",
	"edit.configure": "配置 {node}",
	"edit.undo": "撤销",
	"edit.redo": "重做",
	"edit.arrange": "自动布局",
	"flows.title": "流程",
	"flows.new": "新建流程",
	"flows.newName": "新流程的名称",
	"flows.changed": "已更改",
	"flows.broken": "有错误",
	"flows.none": "还没有流程。",
	"form.title": "节点",
	"form.id": "标识",
	"form.name": "名称",
	"form.none": "选择一个节点以查看其设置。",
	"form.help": "帮助",
	"form.yes": "是",
	"form.no": "否",
	"form.unset": "未设置",
	"palette.title": "节点面板",
	"palette.search": "搜索节点类型",
	"palette.none": "没有符合“{text}”的节点类型。",
	"problems.title": "问题",
	"problems.none": "检查未发现问题。",
	"signin.title": "登录",
	"signin.token": "管理令牌",
	"signin.button": "登录",
	"signin.wrong": "令牌错误。",
	"theme.switch": "浅色、深色或跟随系统",
	"language.switch": "English"
};
// src/i18n/texts.tsx
/** Texts in the user's language. */
var import_jsx_runtime = require_jsx_runtime();
var CATALOGUES = {
	en,
	zh
};
var KEPT$2 = "flowengine.language";
function translate(language) {
	const catalogue = CATALOGUES[language];
	return (key, values = {}) => catalogue[key].replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
function preferred() {
	const kept = localStorage.getItem(KEPT$2);
	if (kept === "en" || kept === "zh") return kept;
	return navigator.languages.some((one) => one.toLowerCase().startsWith("zh")) && !navigator.languages[0]?.toLowerCase().startsWith("en") ? "zh" : "en";
}
var Context = (0, import_react.createContext)({
	language: "en",
	t: translate("en"),
	choose: () => void 0
});
function TextsProvider({ children }) {
	const [language, setLanguage] = (0, import_react.useState)(preferred);
	const texts = (0, import_react.useMemo)(() => ({
		language,
		t: translate(language),
		choose: (wanted) => {
			localStorage.setItem(KEPT$2, wanted);
			document.documentElement.lang = wanted;
			setLanguage(wanted);
		}
	}), [language]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Context, {
		value: texts,
		children
	});
}
function useTexts() {
	return (0, import_react.use)(Context);
}
// src/api/client.ts
/** The admin API, as the editor calls it. */
/** An answer that says no: a stable code, a sentence for people, and where the trouble is. */
var ApiError = class extends Error {
	status;
	code;
	location;
	detail;
	constructor(status, code, message, location, detail) {
		super(message);
		this.status = status;
		this.code = code;
		this.location = location;
		this.detail = detail;
		this.name = "ApiError";
	}
};
var Client = class {
	#token;
	constructor(token = "") {
		this.#token = token;
	}
	get token() {
		return this.#token;
	}
	get(path) {
		return this.#ask("GET", path);
	}
	post(path, body) {
		return this.#ask("POST", path, body);
	}
	put(path, body) {
		return this.#ask("PUT", path, body);
	}
	delete(path) {
		return this.#ask("DELETE", path);
	}
	async #ask(method, path, body) {
		const headers = {};
		if (this.#token !== "") headers["Authorization"] = `Bearer ${this.#token}`;
		const request = {
			method,
			headers
		};
		if (body !== void 0) {
			headers["Content-Type"] = "application/json";
			request.body = JSON.stringify(body);
		}
		let response;
		try {
			response = await fetch(`/admin/api${path}`, request);
		} catch (error) {
			throw new ApiError(0, "engine-silent", String(error), path, null);
		}
		const text = await response.text();
		const value = text === "" ? null : parsed$1(text);
		if (!response.ok) {
			const refusal = value ?? {};
			throw new ApiError(response.status, refusal.code ?? "http-status", refusal.message ?? response.statusText, refusal.location ?? path, refusal);
		}
		return value;
	}
};
function parsed$1(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
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
// src/theme/icons.tsx
var PATHS = {
	common: "M5 12h14M12 5v14",
	function: "M16 5c-4 0-3 14-8 14M6 10h9",
	sequence: "M4 7h16M4 12h10M4 17h6",
	network: "M4 12a12 12 0 0 1 16 0M7 15a8 8 0 0 1 10 0M12 19h.01",
	odoo: "M12 4a8 8 0 1 0 .01 0M12 9a3 3 0 1 0 .01 0",
	iiot: "M4 20V9l5 3V9l5 3V4h6v16zM8 16h.01M12 16h.01M16 16h.01",
	add: "M12 5v14M5 12h14",
	close: "M6 6l12 12M18 6L6 18",
	deploy: "M12 16V4M7 9l5-5 5 5M4 20h16",
	undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
	redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
	search: "M11 4a7 7 0 1 0 .01 0M16 16l5 5",
	theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
	menu: "M4 7h16M4 12h16M4 17h16",
	trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
	arrange: "M4 4h6v6H4zM14 14h6v6h-6zM10 7h7v7",
	play: "M7 5l12 7-12 7z",
	http: "M4 8h16M4 16h16M9 4l-2 16M17 4l-2 16"
};
function Icon({ name }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("svg", {
		className: "icon",
		viewBox: "0 0 24 24",
		"aria-hidden": "true",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("path", { d: PATHS[name] ?? PATHS["common"] })
	});
}
function NodeIcon({ name, category }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: name in PATHS ? name : category });
}
// src/theme/theme.ts
/** Light, dark, or as the system is. */
var KEPT$1 = "flowengine.theme";
var ORDER = [
	"system",
	"light",
	"dark"
];
function applyTheme() {
	document.documentElement.dataset["theme"] = kept();
}
function switchTheme() {
	const next = ORDER[(ORDER.indexOf(kept()) + 1) % ORDER.length] ?? "system";
	localStorage.setItem(KEPT$1, next);
	applyTheme();
}
function kept() {
	const theme = localStorage.getItem(KEPT$1);
	return theme === "light" || theme === "dark" ? theme : "system";
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
// src/model/json.ts
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** A copy in which a path has another value, or none for `undefined`; what is not on the path is shared. */
function withValue(value, path, wanted) {
	const [key, ...rest] = path;
	if (key === void 0) return wanted ?? null;
	const removes = rest.length === 0 && wanted === void 0;
	if (typeof key === "number") {
		const list = Array.isArray(value) ? [...value] : [];
		if (removes) list.splice(key, 1);
		else list[key] = rest.length === 0 ? wanted ?? null : withValue(list[key], rest, wanted);
		return list;
	}
	const object = isObject(value) ? { ...value } : {};
	if (removes) delete object[key];
	else object[key] = rest.length === 0 ? wanted ?? null : withValue(object[key], rest, wanted);
	return object;
}
/** Whether two values are the same JSON, whatever the order of their keys. */
function sameJson(one, other) {
	if (one === other) return true;
	if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
	if (isObject(one) && isObject(other)) {
		const keys = Object.keys(one);
		return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]));
	}
	return false;
}
// src/model/clipboard.ts
/** Nodes are copied as the JSON of a flow, so that text from anywhere can be pasted and text can be taken anywhere. */
/** The chosen nodes as text; wires that lead elsewhere are left out. */
function copied(sheet, chosen) {
	const nodes = Object.entries(nodesOf(sheet.flow)).filter(([id]) => chosen.has(id)).map(([id, node]) => [id, inside(node, (target) => chosen.has(target) ? target : null)]);
	const places = Object.entries(sheet.layout.nodes ?? {}).filter(([id]) => chosen.has(id));
	const clip = {
		flowengine: 1,
		nodes: Object.fromEntries(nodes),
		layout: Object.fromEntries(places)
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
	return {
		nodes,
		places: isObject(value["layout"]) ? value["layout"] : {}
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
		sheet: {
			flow: {
				...sheet.flow,
				nodes
			},
			layout: {
				...sheet.layout,
				nodes: places
			}
		},
		ids
	};
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
	return changed(sheet, wire, (targets, target) => targets.includes(target) ? targets : [...targets, target]);
}
function disconnected(sheet, wire) {
	return changed(sheet, wire, (targets, target) => targets.filter((one) => one !== target));
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
function changed(sheet, wire, change) {
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
function addNode(flow, type, place, t, from = null) {
	const id = freeId(idFrom(type), new Set(Object.keys(nodesOf(flow.sheet.flow))));
	flow.edit(t("edit.add", { type }), (sheet) => {
		const added = withPlaces(withNodes(sheet, {
			...nodesOf(sheet.flow),
			[id]: { type }
		}), { [id]: place });
		return from === null ? added : connected(added, {
			from: from.node,
			port: from.port,
			to: {
				node: id,
				port: null
			}
		});
	});
	flow.select(/* @__PURE__ */ new Set([id]));
	return id;
}
function removeChosen(flow, wires, t, heal = false) {
	const chosen = flow.selection;
	flow.edit(t("edit.delete"), (sheet) => {
		const cut = wires.reduce((made, wire) => disconnected(made, wire), sheet);
		return chosen.size === 0 ? cut : withoutNodes(cut, chosen, heal);
	});
	flow.select(/* @__PURE__ */ new Set());
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
async function copyChosen(flow) {
	await navigator.clipboard.writeText(copied(flow.sheet, flow.selection));
}
function pasteText(flow, text, t) {
	const clip = read(text);
	if (clip === null) return false;
	const put = pasted(flow.sheet, clip, {
		x: 40,
		y: 40
	});
	flow.edit(t("edit.paste"), () => put.sheet);
	flow.select(new Set(put.ids.values()));
	return true;
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
// src/api/events.ts
var FIRST_WAIT = 500;
var LONGEST_WAIT = 1e4;
var EventStream = class {
	token;
	listener;
	#socket = null;
	#wanted = {
		kinds: null,
		flows: null,
		figures: []
	};
	#wait = FIRST_WAIT;
	#timer;
	#isClosed = false;
	constructor(token, listener) {
		this.token = token;
		this.listener = listener;
	}
	/** Say what matters; the engine sends nothing else. */
	want(wanted) {
		this.#wanted = wanted;
		this.#subscribe(false);
	}
	open() {
		const scheme = location.protocol === "https:" ? "wss" : "ws";
		const protocols = ["flowengine.events"];
		if (this.token !== "") protocols.push(`flowengine.token.${base64url(this.token)}`);
		const socket = new WebSocket(`${scheme}://${location.host}/admin/api/events`, protocols);
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
function base64url(text) {
	return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
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
	#wasLaidOut;
	constructor(detail, base) {
		this.id = detail.id;
		this.base = base;
		this.saved = sheetOf(detail.id, detail.document, detail.layout);
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
	/** Where nodes stand that no layout says anything of; it is no edit of anybody's. */
	place(layout) {
		this.#wasLaidOut = true;
		this.saved = {
			...this.saved,
			layout
		};
		this.history.reset({
			...this.sheet,
			layout
		});
	}
	edit(label, change) {
		this.history.edit(label, change);
	}
	select(chosen) {
		this.selection = chosen;
		this.changed.tell();
	}
	/** What the file holds after it was saved. */
	wasSaved(revision, sheet, problems) {
		this.base = revision;
		this.saved = sheet;
		this.problems = problems;
		this.changed.tell();
	}
	showProblems(problems) {
		this.problems = problems;
		this.changed.tell();
	}
	/** Take over what the file holds now; edits are given up. */
	reload(detail) {
		this.base = detail.revision;
		this.problems = detail.problems;
		const sheet = sheetOf(detail.id, detail.document, detail.layout);
		this.saved = detail.layout === null ? {
			...sheet,
			layout: this.sheet.layout
		} : sheet;
		this.history.reset(this.saved);
	}
};
function sheetOf(id, flow, layout) {
	return {
		flow: flow ?? {
			flowengine: 1,
			id
		},
		layout: layout ?? EMPTY_LAYOUT
	};
}
// src/model/project.ts
var Project = class {
	server;
	changed = new Signal();
	flows = [];
	types = /* @__PURE__ */ new Map();
	palette = {
		categories: [],
		types: []
	};
	deployed = "";
	/** The flow on the canvas. */
	current = null;
	#open = /* @__PURE__ */ new Map();
	constructor(server) {
		this.server = server;
	}
	async load() {
		const [palette, list] = await Promise.all([this.server.get("/node-types"), this.server.get("/flows")]);
		this.palette = palette;
		this.types = new Map(palette.types.map((type) => [type.name, type]));
		this.#take(list);
	}
	async refresh() {
		this.#take(await this.server.get("/flows"));
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
	close(id) {
		this.#open.delete(id);
		if (this.current?.id === id) this.current = null;
		this.changed.tell();
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
		for (const flow of this.#open.values()) {
			const sheet = flow.sheet;
			const path = `/flows/${encodeURIComponent(flow.id)}`;
			if (flow.isFlowChanged) {
				const saved = await this.server.put(path, {
					base: flow.base,
					document: sheet.flow
				});
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
		}
	}
	/** What the next deploy would change, of what is on disk. */
	difference() {
		return this.server.get("/difference");
	}
	/** Save everything and make it what runs. */
	async deploy() {
		await this.save();
		const report = await this.server.post("/deploy", { base: this.deployed });
		await this.refresh();
		return report;
	}
	#add(flow) {
		this.#open.set(flow.id, flow);
		flow.changed.subscribe(() => {
			this.changed.tell();
		});
		return flow;
	}
	#take(list) {
		this.flows = list.flows;
		this.deployed = list.deployed;
		this.changed.tell();
	}
};
// src/shell/editor_state.ts
var CHECK_AFTER = 300;
var EditorState = class {
	client;
	project;
	stream;
	connection = new Signal();
	isConnected = false;
	/** Told of counters; they do not go through the views. */
	figureListeners = /* @__PURE__ */ new Set();
	eventListeners = /* @__PURE__ */ new Set();
	#ports = /* @__PURE__ */ new Map();
	#checking;
	constructor(client) {
		this.client = client;
		this.project = new Project(client);
		this.stream = new EventStream(client.token, {
			events: (events) => {
				this.#happened(events);
			},
			figures: (figures) => {
				for (const listener of this.figureListeners) listener(figures);
			},
			connection: (isUp) => {
				this.isConnected = isUp;
				this.connection.tell();
			}
		});
	}
	async start() {
		await this.project.load();
		this.stream.open();
	}
	async show(id) {
		const flow = await this.project.show(id);
		this.stream.want({
			kinds: null,
			flows: null,
			figures: [id]
		});
		return flow;
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
				this.project.changed.tell();
			}).catch(() => void 0);
		}
		return known ?? void 0;
	}
	#happened(events) {
		for (const listener of this.eventListeners) listener(events);
		if (events.some((event) => event.kind === "deploy" || event.kind === "files" || event.kind === "broken")) this.project.refresh().catch(() => void 0);
	}
};
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
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: classes.join(" "),
		style: {
			width: size.width,
			height: size.height
		},
		"data-category": type?.category ?? "unknown",
		"data-node": id,
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
var NodeView = (0, import_react.memo)(NodeViewOf, (one, other) => one.data.drawn === other.data.drawn && one.selected === other.selected);
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
var PORT = 10;
function Canvas(props) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReactFlowProvider, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Surface, { ...props }) }, props.flow);
}
function Surface(props) {
	const { drawing, selection, onSelect, onMove, onConnect, onReconnect, onOpen, onDrop, onQuickAdd } = props;
	const library = useReactFlow();
	const [kept] = (0, import_react.useState)(() => /* @__PURE__ */ new Map());
	const [chosenWires, setChosenWires] = (0, import_react.useState)(/* @__PURE__ */ new Set());
	const made = (0, import_react.useMemo)(() => drawing.nodes.map((drawn) => nodeOf(drawn, selection.has(drawn.id), kept)), [
		drawing,
		selection,
		kept
	]);
	const [nodes, setNodes] = (0, import_react.useState)(made);
	const [shown, setShown] = (0, import_react.useState)(made);
	if (shown !== made) {
		setShown(made);
		setNodes(made);
	}
	const wires = (0, import_react.useMemo)(() => drawing.wires.map((drawn) => ({
		id: drawn.id,
		type: "wire",
		source: drawn.wire.from,
		sourceHandle: drawn.wire.port,
		target: drawn.wire.to.node,
		targetHandle: `in:${drawn.wire.to.port ?? ""}`,
		data: { drawn },
		selected: chosenWires.has(drawn.id)
	})), [drawing, chosenWires]);
	const onNodesChange = (0, import_react.useCallback)((changes) => {
		setNodes((before) => applyNodeChanges(changes, before));
		const chosen = new Set(selection);
		let isOther = false;
		for (const change of changes) if (change.type === "select") {
			isOther = true;
			if (change.selected) chosen.add(change.id);
			else chosen.delete(change.id);
		}
		if (isOther) onSelect(chosen, []);
	}, [selection, onSelect]);
	const place = (0, import_react.useCallback)((moved) => {
		onMove(Object.fromEntries(moved.map((node) => [node.id, {
			x: node.position.x,
			y: node.position.y
		}])));
	}, [onMove]);
	const isFree = (0, import_react.useCallback)((connection) => props.canConnect(wireOf(connection)), [props]);
	(0, import_react.useEffect)(() => {
		library.fitView({
			padding: .2,
			maxZoom: 1
		});
	}, [library]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(index, {
		nodes,
		edges: wires,
		nodeTypes: NODE_TYPES,
		edgeTypes: WIRE_TYPES,
		onNodesChange,
		onEdgesChange: (changes) => {
			const chosen = new Set(chosenWires);
			for (const change of changes) if (change.type === "select") {
				if (change.selected) chosen.add(change.id);
				else chosen.delete(change.id);
			}
			setChosenWires(chosen);
			onSelect(selection, drawing.wires.filter((one) => chosen.has(one.id)).map((one) => one.wire));
		},
		onNodeDragStop: (_event, _node, moved) => {
			place(moved);
		},
		onSelectionDragStop: (_event, moved) => {
			place(moved);
		},
		onConnect: (connection) => {
			onConnect(wireOf(connection));
		},
		onReconnect: (before, connection) => {
			if (before.data !== void 0) onReconnect(before.data.drawn.wire, wireOf(connection));
		},
		onConnectEnd: (event, state) => {
			if (state.toNode === null && state.fromNode !== null && state.fromHandle.type === "source") {
				const point = "changedTouches" in event ? event.changedTouches[0] : event;
				if (point !== void 0) {
					const screen = {
						x: point.clientX,
						y: point.clientY
					};
					onQuickAdd(library.screenToFlowPosition(screen), screen, {
						node: state.fromNode.id,
						port: state.fromHandle.id ?? ""
					});
				}
			}
		},
		isValidConnection: isFree,
		onNodeDoubleClick: (_event, node) => {
			onOpen(node.id);
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
			if (event.dataTransfer.types.includes("application/x-flowengine-node-type")) event.preventDefault();
		},
		onDrop: (event) => {
			const type = event.dataTransfer.getData(DRAGGED_TYPE);
			if (type !== "") {
				event.preventDefault();
				onDrop(type, library.screenToFlowPosition({
					x: event.clientX,
					y: event.clientY
				}));
			}
		},
		"aria-label": props.label,
		connectionMode: ConnectionMode.Strict,
		selectionMode: SelectionMode.Partial,
		selectionOnDrag: true,
		panOnDrag: [1, 2],
		panOnScroll: true,
		zoomOnDoubleClick: false,
		snapToGrid: true,
		snapGrid: SNAP,
		minZoom: .05,
		maxZoom: 2,
		onlyRenderVisibleElements: true,
		edgesFocusable: false,
		disableKeyboardA11y: true,
		deleteKeyCode: null,
		proOptions: { hideAttribution: true },
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Background, {
			gap: 20,
			size: 1
		})
	});
}
function nodeOf(drawn, selected, kept) {
	const old = kept.get(drawn.id);
	if (old?.data.drawn === drawn && old.selected === selected) return old;
	const { size, inputs, outputs } = drawn;
	const made = {
		id: drawn.id,
		type: "flow",
		position: {
			x: drawn.x,
			y: drawn.y
		},
		data: { drawn },
		selected,
		ariaLabel: `${drawn.title}, ${drawn.type?.label ?? drawn.node.type}`,
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
			y: portTop(number, inputs.length, size.height) - PORT / 2,
			width: PORT,
			height: PORT
		})), ...outputs.map((port, number) => ({
			id: port,
			type: "source",
			position: Position.Right,
			x: size.width - PORT / 2,
			y: portTop(number, outputs.length, size.height) - PORT / 2,
			width: PORT,
			height: PORT
		}))]
	};
	kept.set(drawn.id, made);
	return made;
}
function wireOf(connection) {
	const port = connection.targetHandle?.slice(3) ?? "";
	return {
		from: connection.source,
		port: connection.sourceHandle ?? "",
		to: {
			node: connection.target,
			port: port === "" ? null : port
		}
	};
}
// node_modules/elkjs/lib/elk-worker.min.js?url
var elk_worker_min_default = "/editor/elk-worker.min.js";
// src/model/arrange.ts
function snapped(length) {
	return Math.round(length / 10) * 10;
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
// src/canvas/elk.ts
var OPTIONS = {
	"elk.algorithm": "layered",
	"elk.direction": "RIGHT",
	"elk.spacing.nodeNode": "30",
	"elk.layered.spacing.nodeNodeBetweenLayers": "60",
	"elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
	"elk.separateConnectedComponents": "true",
	"elk.spacing.componentComponent": "40"
};
/** Places for all nodes that are drawn. */
async function laidOut(drawing) {
	const { default: Elk } = await __vitePreload(async () => {
		const { default: Elk } = await import("./elk-api.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
		return { default: Elk };
	}, __vite__mapDeps([0,1]));
	const elk = new Elk({ workerUrl: elk_worker_min_default });
	try {
		const graph = {
			id: "flow",
			layoutOptions: OPTIONS,
			children: drawing.nodes.map(({ id, size }) => ({
				id,
				width: size.width,
				height: size.height
			})),
			edges: drawing.wires.map(({ id, wire }) => ({
				id,
				sources: [wire.from],
				targets: [wire.to.node]
			}))
		};
		const done = await elk.layout(graph);
		return Object.fromEntries((done.children ?? []).map((child) => [child.id, {
			x: snapped(child.x ?? 0),
			y: snapped(child.y ?? 0)
		}]));
	} finally {
		elk.terminateWorker();
	}
}
// src/canvas/live.ts
var known = /* @__PURE__ */ new Map();
/** Write what a flow's counters say on the nodes and wires that are drawn. */
function showFigures(canvas, figures) {
	const before = known.get(figures.flow);
	const now = {
		at: figures.at,
		received: new Map(before?.received),
		sent: new Map(before?.sent)
	};
	const seconds = before === void 0 ? 0 : figures.at - before.at;
	for (const [node, [received, errors, waiting]] of Object.entries(figures.nodes)) {
		write(canvas, `[data-rate-of="${CSS.escape(node)}"]`, rate(received, before?.received.get(node), seconds));
		write(canvas, `[data-errors-of="${CSS.escape(node)}"]`, errors === 0 ? "" : short(errors));
		write(canvas, `[data-waiting-of="${CSS.escape(node)}"]`, waiting === 0 ? "" : short(waiting));
		now.received.set(node, received);
	}
	for (const [port, sent] of Object.entries(figures.ports)) {
		const text = rate(sent, before?.sent.get(port), seconds);
		for (const label of canvas.querySelectorAll(`[data-rate-of-port="${CSS.escape(port)}"]`)) label.textContent = text;
		now.sent.set(port, sent);
	}
	if (seconds > 0) quieten(canvas, figures);
	known.set(figures.flow, now);
}
/** Forget what was shown, such as when another flow is drawn. */
function forgetFigures() {
	known.clear();
}
/** Counters that did not change are not sent: what stood there is over. */
function quieten(canvas, figures) {
	for (const label of canvas.querySelectorAll("[data-rate-of]")) if (!(String(label.dataset["rateOf"]) in figures.nodes)) label.textContent = "";
	for (const label of canvas.querySelectorAll("[data-rate-of-port]")) if (!(String(label.dataset["rateOfPort"]) in figures.ports)) label.textContent = "";
}
function write(canvas, selector, text) {
	const label = canvas.querySelector(selector);
	if (label !== null && label.textContent !== text) label.textContent = text;
}
function rate(now, before, seconds) {
	if (before === void 0 || seconds <= 0 || now <= before) return "";
	return `${short((now - before) / seconds)}/s`;
}
/** A number in few characters: 950, 1.2k, 3.4M. */
function short(number) {
	if (number < 10 && !Number.isInteger(number)) return number.toFixed(1);
	if (number < 1e3) return String(Math.round(number));
	const [scaled, unit] = number < 1e6 ? [number / 1e3, "k"] : [number / 1e6, "M"];
	return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
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
				const subflow = type === void 0 ? around.subflows.get(node.type) : void 0;
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
					size: sizeOf(title, Math.max(outputs.length, inputs.length)),
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
// src/forms/schema.ts
/** The JSON Schema of a configuration, as the server gives it, read for a form. */
/** A schema with a reference into the same document followed. */
function resolved(schema, root) {
	const reference = schema["$ref"];
	if (typeof reference !== "string") return schema;
	const found = reference.replace(/^#\//, "").split("/").reduce((value, key) => isObject(value) ? value[key] : void 0, root);
	return isObject(found) ? {
		...found,
		...schema
	} : schema;
}
/** The fields of an object, in the order of the schema. */
function fieldsOf(schema, root) {
	const own = resolved(schema, root);
	const properties = own["properties"];
	const required = Array.isArray(own["required"]) ? own["required"] : [];
	if (!isObject(properties)) return [];
	return Object.entries(properties).flatMap(([name, value]) => {
		if (!isObject(value)) return [];
		const field = resolved(value, root);
		return [{
			name,
			title: textOf(value["title"]) || textOf(field["title"]) || name,
			description: textOf(value["description"]) || textOf(field["description"]),
			widget: textOf(value["x-widget"]) || textOf(field["x-widget"]) || "json",
			isRequired: required.includes(name),
			schema: field
		}];
	});
}
function textOf(value) {
	return typeof value === "string" ? value : "";
}
// src/forms/widgets.tsx
/** The parts that forms are made of: one for each kind of field. */
/** The part of a form for one field, whatever it is. */
function Widget(props) {
	return (0, import_react.createElement)(WIDGETS[props.field.widget] ?? JsonWidget, props);
}
/** The value as it is, or the default that applies without one. */
function shown({ value, field }) {
	return value ?? field.schema["default"];
}
function TextWidget(props) {
	const value = props.value;
	const fallback = props.field.schema["default"];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
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
	const value = props.value;
	const fallback = props.field.schema["default"];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "text",
		inputMode: "decimal",
		value: value === null ? "" : written(value),
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
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id: props.id,
		type: "checkbox",
		checked: shown(props) === true,
		"aria-describedby": props.describedBy,
		onChange: (event) => {
			const wanted = event.target.checked;
			props.onChange(wanted === props.field.schema["default"] ? void 0 : wanted);
		}
	});
}
function SelectWidget(props) {
	const options = props.field.schema["enum"];
	const choices = Array.isArray(options) ? options : [];
	const value = shown(props);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
		id: props.id,
		value: choices.findIndex((one) => one === value),
		"aria-describedby": props.describedBy,
		"aria-invalid": props.isInvalid,
		onChange: (event) => {
			const wanted = choices[Number(event.target.value)];
			props.onChange(wanted === props.field.schema["default"] ? void 0 : wanted);
		},
		children: choices.map((choice, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: index,
			children: typeof choice === "string" ? choice : JSON.stringify(choice)
		}, JSON.stringify(choice)))
	});
}
function JsonWidget(props) {
	const written = props.value === void 0 ? "" : JSON.stringify(props.value, null, 2);
	const [text, setText] = (0, import_react.useState)(written);
	const [known, setKnown] = (0, import_react.useState)(written);
	const about = (0, import_react.useId)();
	if (known !== written) {
		setKnown(written);
		setText(written);
	}
	const isBroken = text.trim() !== "" && parsed(text) === void 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		id: props.id,
		className: "code",
		rows: Math.min(Math.max(text.split("\n").length, 2), 12),
		value: text,
		placeholder: JSON.stringify(props.field.schema["default"] ?? ""),
		"aria-describedby": `${props.describedBy} ${about}`,
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
/** A value as text that can be typed. */
function written(value) {
	return typeof value === "string" ? value : value === void 0 ? "" : JSON.stringify(value);
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
var WIDGETS = {
	text: TextWidget,
	number: NumberWidget,
	checkbox: CheckboxWidget,
	select: SelectWidget,
	json: JsonWidget,
	duration: TextWidget,
	"json-path": TextWidget,
	"topic-filter": TextWidget,
	topic: TextWidget,
	resource: TextWidget,
	secret: TextWidget,
	cron: TextWidget,
	"time-zone": TextWidget
};
// src/forms/Form.tsx
function Form({ schema, value, problems, onChange }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_jsx_runtime.Fragment, { children: fieldsOf(schema, schema).map((field) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Field, {
		field,
		root: schema,
		value: value[field.name],
		problems: problems.filter((problem) => belongs(problem.field, field.name)),
		onChange: (wanted) => {
			const changed = withValue(value, [field.name], wanted);
			onChange(isObject(changed) ? changed : {});
		}
	}, field.name)) });
}
function Field({ field, root, value, problems, onChange }) {
	const id = `field-${field.name}`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		"data-field": field.name,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
				htmlFor: id,
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
				isInvalid: problems.some((problem) => problem.severity !== "warning"),
				onChange
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "field-about",
				id: `${id}-about`,
				children: field.description
			}),
			problems.map((problem) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: `field-problem is-${problem.severity ?? "error"}`,
				children: problem.message
			}, problem.code + problem.message))
		]
	});
}
function belongs(place, field) {
	return place != null && (place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`));
}
// src/panels/NodePanel.tsx
/** The chosen node: its name, its settings, its help. */
function NodePanel({ project, flow }) {
	const { t } = useTexts();
	const [id] = flow.selection;
	const node = id === void 0 ? void 0 : nodesOf(flow.sheet.flow)[id];
	if (id === void 0 || node === void 0 || flow.selection.size !== 1) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("aside", {
		className: "node-panel",
		"aria-label": t("form.title"),
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet",
			children: t("form.none")
		})
	});
	const type = project.types.get(node.type);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
		className: "node-panel",
		"aria-label": t("form.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: type?.label ?? node.type }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: type?.summary
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: "node-name",
					children: t("form.name")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					id: "node-name",
					type: "text",
					value: node.name ?? "",
					placeholder: id,
					onChange: (event) => {
						rename(flow, id, event.target.value, t);
					}
				})]
			}),
			type !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Form, {
				schema: type.config,
				value: isObject(node.config) ? node.config : {},
				problems: flow.problems.filter((problem) => problem.node === id),
				onChange: (config) => {
					configure(flow, id, config, t);
				}
			})
		]
	}, id);
}
// src/panels/Problems.tsx
/** What lint says of the flow; a click leads to the node. */
function Problems({ flow }) {
	const { t } = useTexts();
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
						problem.message,
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: problem.code })
					]
				})
			}, index)) })
		]
	});
}
// src/shell/Palette.tsx
/** The node types, by category, to drag onto the canvas or to add with Enter. */
function fitting(types, text) {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return types.filter((type) => {
		const about = `${type.name} ${type.label} ${type.summary}`.toLowerCase();
		return !type.is_resource && words.every((word) => about.includes(word));
	});
}
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
				return types.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: category.name }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: types.map((type) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
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
// src/shell/QuickAdd.tsx
/** A list of node types at the pointer: type, choose, and the node is there. */
function QuickAdd({ at, types, onChoose, onClose }) {
	const { t } = useTexts();
	const [text, setText] = (0, import_react.useState)("");
	const [chosen, setChosen] = (0, import_react.useState)(0);
	const input = (0, import_react.useRef)(null);
	const found = fitting(types, text).slice(0, 12);
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
				value: text,
				placeholder: t("palette.search"),
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
				children: found.map((type, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
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
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: type.label }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "quiet",
							children: type.summary
						})]
					})
				}, type.name))
			})
		]
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
// src/shell/FlowPage.tsx
/** One flow: canvas in the middle, settings at the right, what is wrong below. */
function FlowPage({ state, flow }) {
	const { t } = useTexts();
	const { project } = state;
	useSignal(project.changed);
	const [adding, setAdding] = (0, import_react.useState)(null);
	const [wires, setWires] = (0, import_react.useState)([]);
	const surface = (0, import_react.useRef)(null);
	const draughtsman = (0, import_react.useMemo)(() => ({
		of: flow,
		it: new Draughtsman()
	}), [flow]).it;
	const subflows = new Map(project.opened().flatMap((one) => one.sheet.flow.inputs ?? one.sheet.flow.outputs ? [[one.id, one.sheet.flow]] : []));
	const drawing = draughtsman.draw(flow.sheet, {
		types: project.types,
		subflows,
		problems: flow.problems,
		saved: flow.saved.flow,
		ports: (type, node) => state.ports(type, node)
	});
	(0, import_react.useEffect)(() => {
		if (!flow.isLaidOut && drawing.nodes.length > 0) laidOut(drawing).then((places) => {
			flow.place(withPlaces(flow.sheet, places).layout);
		});
	}, [flow]);
	(0, import_react.useEffect)(() => {
		const page = surface.current;
		if (page === null) return;
		forgetFigures();
		const show = (figures) => {
			if (figures.flow === flow.id) showFigures(page, figures);
		};
		state.figureListeners.add(show);
		return () => {
			state.figureListeners.delete(show);
		};
	}, [state, flow]);
	(0, import_react.useEffect)(() => flow.history.subscribe(() => {
		state.checkSoon(flow);
	}), [state, flow]);
	const onSelect = (0, import_react.useCallback)((chosen, chosenWires) => {
		setWires(chosenWires);
		flow.select(chosen);
	}, [flow]);
	const add = (type, place, from) => {
		addNode(flow, type, place, t, from);
		setAdding(null);
		surface.current?.focus();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "flow-page",
		ref: surface,
		tabIndex: -1,
		onKeyDown: (event) => {
			if (event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]")) return;
			const command = event.ctrlKey || event.metaKey;
			if (event.key === "Delete" || event.key === "Backspace") {
				removeChosen(flow, wires, t, event.shiftKey);
				surface.current?.focus();
			} else if (command && event.key.toLowerCase() === "z") {
				event.preventDefault();
				if (event.shiftKey) flow.history.redo();
				else flow.history.undo();
			} else if (command && event.key.toLowerCase() === "y") flow.history.redo();
			else if (command && event.key.toLowerCase() === "c") copyChosen(flow);
			else if (command && event.key.toLowerCase() === "x") copyChosen(flow).then(() => {
				removeChosen(flow, wires, t);
			});
			else if (command && event.key.toLowerCase() === "a") {
				event.preventDefault();
				flow.select(new Set(Object.keys(nodesOf(flow.sheet.flow))));
			}
		},
		onPaste: (event) => {
			if (pasteText(flow, event.clipboardData.getData("text"), t)) event.preventDefault();
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "canvas",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Canvas, {
						flow: flow.id,
						drawing,
						selection: flow.selection,
						label: t("canvas.label", { name: flow.sheet.flow.name ?? flow.id }),
						onSelect,
						onMove: (places) => {
							flow.edit(t("edit.move"), (sheet) => withPlaces(sheet, places));
						},
						onConnect: (wire) => {
							flow.edit(t("edit.connect"), (sheet) => connected(sheet, wire));
						},
						onReconnect: (before, after) => {
							flow.edit(t("edit.reconnect"), (sheet) => connected(disconnected(sheet, before), after));
						},
						onOpen: (node) => {
							flow.select(/* @__PURE__ */ new Set([node]));
						},
						onDrop: (type, place) => {
							add(type, place, null);
						},
						onQuickAdd: (place, screen, from) => {
							setAdding({
								place,
								screen,
								from
							});
						},
						canConnect: (wire) => canConnect(flow.sheet, wire)
					}),
					drawing.nodes.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "canvas-empty",
						children: t("canvas.empty")
					}),
					adding !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(QuickAdd, {
						at: adding.screen,
						types: project.palette.types,
						onChoose: (type) => {
							add(type, adding.place, adding.from);
						},
						onClose: () => {
							setAdding(null);
						}
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodePanel, {
				project,
				flow
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problems, { flow })
		]
	});
}
// src/shell/SignIn.tsx
function SignIn({ isWrong, onToken }) {
	const { t } = useTexts();
	const [token, setToken] = (0, import_react.useState)("");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "sign-in",
		onSubmit: (event) => {
			event.preventDefault();
			onToken(token);
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: "flowengine" }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: "token",
						children: t("signin.token")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						id: "token",
						type: "password",
						autoComplete: "current-password",
						value: token,
						"aria-invalid": isWrong,
						onChange: (event) => {
							setToken(event.target.value);
						}
					}),
					isWrong && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "field-problem is-error",
						children: t("signin.wrong")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				className: "primary",
				children: t("signin.button")
			})
		]
	});
}
// src/shell/App.tsx
/** The editor: sign-in if the engine asks for it, then flows, canvas and panels. */
var KEPT = "flowengine.token";
function App() {
	const [state, setState] = (0, import_react.useState)(null);
	const [asks, setAsks] = (0, import_react.useState)("");
	const [failure, setFailure] = (0, import_react.useState)("");
	const begin = (token) => {
		const made = new EditorState(new Client(token));
		made.start().then(async () => {
			sessionStorage.setItem(KEPT, token);
			const wanted = decodeURIComponent(location.hash.replace(/^#\/flows\//, ""));
			const first = made.project.flows.find((flow) => flow.id === wanted) ?? made.project.flows[0];
			if (first !== void 0) await made.show(first.id);
			setState(made);
		}).catch((error) => {
			if (error instanceof ApiError && error.status === 401) setAsks(token === "" ? "token" : "wrong");
			else setFailure(String(error));
		});
	};
	(0, import_react.useEffect)(() => {
		begin(sessionStorage.getItem(KEPT) ?? "");
	}, []);
	if (state !== null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Editor, { state });
	if (asks !== "") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SignIn, {
		isWrong: asks === "wrong",
		onToken: begin
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet starting",
		children: failure
	});
}
function Editor({ state }) {
	const { t, language, choose } = useTexts();
	const { project } = state;
	useSignal(project.changed);
	useSignal(state.connection);
	const [notice, setNotice] = (0, import_react.useState)("");
	const flow = project.current;
	(0, import_react.useEffect)(() => {
		if (flow !== null) {
			history.replaceState(null, "", `#/flows/${encodeURIComponent(flow.id)}`);
			document.title = `${flow.sheet.flow.name ?? flow.id} · flowengine`;
		}
	}, [flow]);
	const isChanged = project.opened().some((one) => one.isFlowChanged || one.isLayoutChanged) || project.flows.some((one) => one.changed);
	const deploy = () => {
		project.deploy().then(() => {
			setNotice(t("deploy.done"));
		}).catch((error) => {
			setNotice(t("deploy.refused", { reason: error instanceof Error ? error.message : String(error) }));
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "editor",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
				className: "bar",
				children: [
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
						children: notice
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						title: t("edit.undo"),
						"aria-label": t("edit.undo"),
						disabled: flow?.history.canUndo !== true,
						onClick: () => flow?.history.undo(),
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "undo" })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						title: t("edit.redo"),
						"aria-label": t("edit.redo"),
						disabled: flow?.history.canRedo !== true,
						onClick: () => flow?.history.redo(),
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "redo" })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							choose(language === "en" ? "zh" : "en");
						},
						children: t("language.switch")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": t("theme.switch"),
						title: t("theme.switch"),
						onClick: switchTheme,
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "theme" })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "primary",
						disabled: !isChanged,
						onClick: deploy,
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "deploy" }),
							" ",
							t("deploy.button")
						]
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "sidebar",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("nav", {
					className: "flows",
					"aria-label": t("flows.title"),
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h2", { children: [t("flows.title"), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							className: "icon-button",
							"aria-label": t("flows.new"),
							title: t("flows.new"),
							onClick: () => {
								const name = prompt(t("flows.newName"));
								if (name !== null && name.trim() !== "") project.create(idFrom(name), name.trim());
							},
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "add" })
						})] }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: project.flows.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
							type: "button",
							"aria-current": one.id === flow?.id,
							onClick: () => void state.show(one.id),
							children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: `state is-${one.state}`,
									title: one.state
								}),
								" ",
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
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Palette, {
					palette: project.palette,
					onAdd: (type) => {
						if (flow !== null) {
							const count = Object.keys(flow.sheet.flow.nodes ?? {}).length;
							addNode(flow, type, {
								x: 40 + count % 5 * 30,
								y: 40 + count * 20
							}, t);
						}
					}
				})]
			}),
			flow !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FlowPage, {
				state,
				flow
			}, flow.id)
		]
	});
}
// src/main.tsx
applyTheme();
var root = document.getElementById("app");
if (root !== null) (0, import_client.createRoot)(root).render(/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextsProvider, { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(App, {}) }));
