/** A flow as a graph that ELK lays out, groups as nodes with nodes in them, and the places that come of it. */

import type { ElkNode, ElkPort } from "elkjs/lib/elk-api.js";

import { snapped } from "./arrange.ts";
import { cleared } from "./clearing.ts";
import type { Flow, Place, Wire } from "./document.ts";
import type { Drawing, DrawnNode } from "./drawing.ts";
import { portTop } from "./geometry.ts";
import { PADDING, TITLE } from "./groups.ts";

const BASIC = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  // What comes nearest to the curves that are drawn, with lanes for wires that go past nodes.
  "elk.edgeRouting": "SPLINES",
  "elk.spacing.nodeNode": "30",
  "elk.spacing.edgeNode": "20",
  "elk.layered.spacing.nodeNodeBetweenLayers": "80",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "40",
};
const OPTIONS = { ...BASIC, "elk.layered.considerModelOrder.strategy": "PREFER_EDGES" };
// Wires go across the frames of groups, so that what is inside and what is outside is laid out at once.
// With the order of the model besides, ELK fails.
const WITH_GROUPS = { ...BASIC, "elk.hierarchyHandling": "INCLUDE_CHILDREN" };
const IN_GROUP = {
  ...BASIC,
  "elk.padding": `[top=${PADDING + TITLE},left=${PADDING},bottom=${PADDING},right=${PADDING}]`,
};

export interface Layouter {
  layout(graph: ElkNode): Promise<ElkNode>;
}

/** Places for all nodes that are drawn: those of a group stay together, and wires keep clear of nodes they do not belong to. */
export async function laidOutBy(
  elk: Layouter,
  drawing: Drawing,
  groups: Flow["groups"],
): Promise<Record<string, Place>> {
  return cleared(drawing, placesOf(await elk.layout(layoutGraph(drawing, groups))), groups, pause);
}

export function layoutGraph(drawing: Drawing, groups: Flow["groups"] = {}): ElkNode {
  const drawn = new Map(drawing.nodes.map((node) => [node.id, node]));
  const boxes = new Map(drawing.nodes.map((node) => [node.id, boxOf(node)]));
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
    edges: drawing.wires.map(({ id, wire }) => ({ id, sources: [sourceOf(wire, drawn)], targets: [targetOf(wire, drawn)] })),
  };
}

/** A node with its ports where they are drawn, so that wires are laid out from where they begin to where they end. */
function boxOf({ id, size, inputs, outputs }: DrawnNode): ElkNode {
  const port = (name: string, x: number, number: number, of: number, side: string): ElkPort => ({
    id: name,
    x,
    y: portTop(number, of, size.height),
    width: 0,
    height: 0,
    layoutOptions: { "elk.port.side": side },
  });
  // A wire to a node that takes none is drawn to where an input would be.
  const entries = Math.max(inputs.length, 1);
  return {
    id,
    width: size.width,
    height: size.height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: [
      ...Array.from({ length: entries }, (_, number) => port(inputId(id, number), 0, number, entries, "WEST")),
      ...outputs.map((_, number) => port(outputId(id, number), size.width, number, outputs.length, "EAST")),
    ],
  };
}

function sourceOf({ from, port }: Wire, nodes: ReadonlyMap<string, DrawnNode>): string {
  return outputId(from, Math.max(nodes.get(from)?.outputs.indexOf(port) ?? 0, 0));
}

function targetOf({ to }: Wire, nodes: ReadonlyMap<string, DrawnNode>): string {
  return inputId(to.node, Math.max(nodes.get(to.node)?.inputs.indexOf(to.port) ?? 0, 0));
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

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** No id of a node is so, nor that of another port. */
function groupId(id: string): string {
  return `group ${id}`;
}

function inputId(node: string, number: number): string {
  return `input ${number} ${node}`;
}

function outputId(node: string, number: number): string {
  return `output ${number} ${node}`;
}
