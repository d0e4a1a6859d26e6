import { h as require_jsx_runtime } from "./vendor.js";
// src/theme/node_icons.ts
/** Icons of node types, by the names that node types give: strokes on a grid of 24, drawn by us. */
var NODE_PATHS = {
	common: "M5 12h14M12 5v14",
	function: "M16 5c-4 0-3 14-8 14M6 10h9",
	sequence: "M4 7h16M4 12h10M4 17h6",
	network: "M4 12a12 12 0 0 1 16 0M7 15a8 8 0 0 1 10 0M12 19h.01",
	odoo: "M12 4a8 8 0 1 0 .01 0M12 9a3 3 0 1 0 .01 0",
	iiot: "M4 20V9l5 3V9l5 3V4h6v16zM8 16h.01M12 16h.01M16 16h.01",
	subflow: "M4 5h16v14H4zM4 12h3M17 12h3M9 9h6v6H9z",
	inject: "M4 12h11M11 7l5 5-5 5M20 5v14",
	receive: "M20 12H9M13 7l-5 5 5 5M4 5v14",
	debug: "M9 8a3 3 0 0 1 6 0M8 9h8v6a4 4 0 0 1-8 0zM4 8l4 3M20 8l-4 3M4 14h4M16 14h4M5 20l4-3M19 20l-4-3",
	comment: "M4 5h16v11H10l-5 4v-4H4z",
	error: "M12 4L2.5 20h19zM12 10v4M12 17h.01",
	done: "M4 12l5 5L20 6",
	status: "M3 12h4l3-7 4 14 3-7h4",
	link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
	placeholder: "M5 5h3M10.5 5h3M16 5h3v3M19 10.5v3M19 16v3h-3M13.5 19h-3M8 19H5v-3M5 13.5v-3M5 8V5",
	change: "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
	switch: "M4 12h5M9 12c4 0 3-6 7-6h4M9 12c4 0 3 6 7 6h4M17 3l3 3-3 3M17 15l3 3-3 3",
	filter: "M4 5h16l-6 8v6l-4-2v-4z",
	range: "M4 18L18 6M4 6v12h14",
	template: "M8 4c-3 0-3 2-3 4s0 4-2 4c2 0 2 2 2 4s0 4 3 4M16 4c3 0 3 2 3 4s0 4 2 4c-2 0-2 2-2 4s0 4-3 4M10 12h4",
	json: "M9 4H5v16h4M15 4h4v16h-4M10 10h.01M14 14h.01",
	table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
	delay: "M12 4a8 8 0 1 0 .01 0M12 8v4l3 2",
	trigger: "M4 17h5V7h6v10h5",
	batch: "M4 8h8v12H4zM8 8V4h12v12h-8",
	join: "M4 5c6 0 4 7 10 7h6M4 19c6 0 4-7 10-7M17 9l3 3-3 3",
	split: "M4 12h6c6 0 4-7 10-7M10 12c6 0 4 7 10 7M17 2.5L20 5l-3 2.5M17 16.5l3 2.5-3 2.5",
	http: "M12 4a8 8 0 1 0 .01 0M4 12h16M12 4c-5 5-5 11 0 16M12 4c5 5 5 11 0 16",
	mqtt: "M4 9a11 11 0 0 1 11 11M4 4a16 16 0 0 1 16 16M5 19h.01",
	broker: "M12 9a3 3 0 1 0 .01 0M12 4v5M12 15v5M4 12h5M15 12h5M6 6l4 4M14 14l4 4M18 6l-4 4M10 14l-4 4",
	server: "M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01",
	call: "M5 6l5 6-5 6M12 18h7",
	create: "M6 3h9l4 4v14H6zM12.5 11v6M9.5 14h6",
	write: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
	search: "M11 4a7 7 0 1 0 .01 0M16 16l5 5",
	poll: "M19 5v5h-5M5 19v-5h5M18 10a7 7 0 0 0-12-2M6 14a7 7 0 0 0 12 2",
	webhook: "M13 3L5 14h6l-1 7 8-11h-6z",
	key: "M8 9a4 4 0 1 0 .01 0M12 13h9M17 13v4M20.5 13v3",
	registry: "M4 6c0-3 16-3 16 0s-16 3-16 0v12c0 3 16 3 16 0V6M4 12c0 3 16 3 16 0",
	presence: "M12 10a2.5 2.5 0 1 0 .01 0M7.5 17a7 7 0 0 1 0-9.5M16.5 7.5a7 7 0 0 1 0 9.5M4.5 20a11 11 0 0 1 0-15.5M19.5 4.5a11 11 0 0 1 0 15.5",
	pair: "M4 8h7v8H4zM17 8h3v8h-3zM11 12h6M14 9.5V9M14 15v-.5",
	telemetry: "M4 4v16h16M7 15l4-5 3 3 5-7",
	command: "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5",
	firmware: "M8 8h8v8H8zM10 4v4M14 4v4M10 16v4M14 16v4M4 10h4M4 14h4M16 10h4M16 14h4",
	download: "M12 4v11M7 10l5 5 5-5M4 20h16",
	upload: "M12 15V4M7 9l5-5 5 5M4 20h16",
	update: "M12 20V8M7 13l5-5 5 5M5 4h14",
	rollout: "M4 19h4v-5H4zM10 19h4V9h-4zM16 19h4V4h-4z",
	automation: "M12 9a3 3 0 1 0 .01 0M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2 2M16.4 16.4l2 2M18.4 5.6l-2 2M7.6 16.4l-2 2"
};
// src/theme/icons.tsx
var import_jsx_runtime = require_jsx_runtime();
var PATHS = {
	copy: "M9 9h11v11H9zM5 15H4V4h11v1",
	path: "M4 6h7v12h9M17 15l3 3-3 3",
	add: "M12 5v14M5 12h14",
	close: "M6 6l12 12M18 6L6 18",
	deploy: "M12 16V4M7 9l5-5 5 5M4 20h16",
	undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
	redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
	search: "M11 4a7 7 0 1 0 .01 0M16 16l5 5",
	theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
	minus: "M5 12h14",
	fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
	map: "M9 4L4 6v14l5-2 6 2 5-2V4l-5 2zM9 4v14M15 6v14",
	menu: "M4 7h16M4 12h16M4 17h16",
	trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
	arrange: "M4 4h6v6H4zM14 14h6v6h-6zM10 7h7v7",
	play: "M7 5l12 7-12 7z",
	up: "M12 19V6M6 11l6-6 6 6",
	devices: "M4 5h16v10H4zM9 20h6M12 15v5M8 10h.01M12 10h4",
	profiles: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h3",
	commands: "M5 8l4 4-4 4M12 17h7",
	firmware: "M8 8h8v8H8zM10 4v4M14 4v4M10 16v4M14 16v4M4 10h4M4 14h4M16 10h4M16 14h4",
	rollouts: "M4 19h4v-5H4zM10 19h4V9h-4zM16 19h4V4h-4z",
	automation: "M13 3L5 14h6l-1 7 8-11h-6z",
	health: "M3 12h4l3-7 4 14 3-7h4",
	down: "M6 10l6 6 6-6",
	user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
	audit: "M6 4h12v16H6zM9 9h6M9 13h6M9 17h3",
	users: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14a6 6 0 0 1 3 6",
	pin: "M9 4h6l-1 6 4 3H6l4-3zM12 13v7"
};
function Icon({ name }) {
	return drawn(PATHS[name] ?? NODE_PATHS[name] ?? NODE_PATHS["common"]);
}
/** The icon that a node type names; where it names none that there is, that of its category. */
function NodeIcon({ name, category }) {
	return drawn(NODE_PATHS[name] ?? NODE_PATHS[category] ?? NODE_PATHS["common"]);
}
function drawn(path) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("svg", {
		className: "icon",
		viewBox: "0 0 24 24",
		"aria-hidden": "true",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("path", { d: path })
	});
}
export { NodeIcon as n, Icon as t };
