/** A flow as a graph that ELK lays out, groups as nodes with nodes in them, and the places that come of it. */

import type { ElkNode } from "elkjs/lib/elk-api.js";

import { snapped } from "./arrange.ts";
import type { Flow, Place } from "./document.ts";
import type { Drawing } from "./drawing.ts";
import { PADDING, TITLE } from "./groups.ts";

const BASIC = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "30",
  "elk.layered.spacing.nodeNodeBetweenLayers": "60",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "40",
};
const OPTIONS = { ...BASIC, "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES" };
// Wires go across the frames of groups, so that what is inside and what is outside is laid out at once.
// With the order of the model besides, ELK fails.
const WITH_GROUPS = { ...BASIC, "elk.hierarchyHandling": "INCLUDE_CHILDREN" };
const IN_GROUP = {
  ...BASIC,
  "elk.padding": `[top=${PADDING + TITLE},left=${PADDING},bottom=${PADDING},right=${PADDING}]`,
};

export function layoutGraph(drawing: Drawing, groups: Flow["groups"] = {}): ElkNode {
  const boxes = new Map(drawing.nodes.map(({ id, size }) => [id, { id, width: size.width, height: size.height }]));
  const grouped = Object.entries(groups).flatMap(([id, group]): ElkNode[] => {
    const inside = (group.nodes ?? []).flatMap((node) => boxes.get(node) ?? []);
    for (const box of inside) {
      boxes.delete(box.id);
    }
    return inside.length === 0 ? [] : [{ id: groupId(id), layoutOptions: IN_GROUP, children: inside }];
  });
  return {
    id: "flow",
    layoutOptions: grouped.length === 0 ? OPTIONS : WITH_GROUPS,
    children: [...grouped, ...boxes.values()],
    edges: drawing.wires.map(({ id, wire }) => ({ id, sources: [wire.from], targets: [wire.to.node] })),
  };
}

/** The places of all nodes of a graph that was laid out. */
export function placesOf({ children = [] }: ElkNode, from: Place = { x: 0, y: 0 }): Record<string, Place> {
  return Object.fromEntries(
    children.flatMap((child): (readonly [string, Place])[] => {
      const place = { x: from.x + (child.x ?? 0), y: from.y + (child.y ?? 0) };
      return child.children === undefined
        ? [[child.id, { x: snapped(place.x), y: snapped(place.y) }]]
        : Object.entries(placesOf(child, place));
    }),
  );
}

/** No id of a node is so. */
function groupId(id: string): string {
  return `group ${id}`;
}
