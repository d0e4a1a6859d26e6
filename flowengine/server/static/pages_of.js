import { r as __toESM } from "./rolldown-runtime.js";
import { v as require_react } from "./vendor.js";
// src/pages/iiot/pages_of.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
function useLeafing() {
	const [trail, setTrail] = (0, import_react.useState)([]);
	return {
		from: trail.at(-1) ?? "",
		hasPrevious: trail.length > 0,
		next: (from) => {
			setTrail([...trail, from]);
		},
		previous: () => {
			setTrail(trail.slice(0, -1));
		},
		restart: () => {
			setTrail([]);
		}
	};
}
export { useLeafing as t };
