/** Nodes are copied as the JSON of a flow, so that text from anywhere can be pasted and text can be taken anywhere. */

import { nodesOf, parseEndpoint, endpointText, type Flow, type FlowNode, type Group, type Place, type Sheet } from "./document.ts";
import { isObject, type JsonObject } from "./json.ts";
import { freeId } from "./naming.ts";

export interface Clip {
  readonly nodes: Record<string, FlowNode>;
  readonly places: Record<string, Place>;
  readonly groups: Record<string, Group>;
  /** Places of groups, which hold their colours. */
  readonly frames: Record<string, Place>;
}

export interface Pasted {
  readonly sheet: Sheet;
  /** Ids that the pasted nodes got, by those they had. */
  readonly ids: ReadonlyMap<string, string>;
}

/** The chosen nodes as text, with the groups that are chosen as a whole; wires that lead elsewhere are left out. */
export function copied(sheet: Sheet, chosen: ReadonlySet<string>): string {
  const nodes = Object.entries(nodesOf(sheet.flow))
    .filter(([id]) => chosen.has(id))
    .map(([id, node]) => [id, inside(node, (target) => (chosen.has(target) ? target : null))]);
  const places = Object.entries(sheet.layout.nodes ?? {}).filter(([id]) => chosen.has(id));
  const groups = Object.entries(sheet.flow.groups ?? {}).filter(([, group]) => isWhole(group, chosen));
  const frames = Object.entries(sheet.layout.groups ?? {}).filter(([id]) => groups.some(([one]) => one === id));
  const clip = {
    flowengine: 1,
    nodes: Object.fromEntries(nodes) as unknown,
    ...(groups.length === 0 ? {} : { groups: Object.fromEntries(groups) }),
    layout: Object.fromEntries(places),
    ...(frames.length === 0 ? {} : { frames: Object.fromEntries(frames) }),
  };
  return JSON.stringify(clip, null, 2);
}

/** What a text holds: a clip of ours, a whole flow document, or `null` for anything else. */
export function read(text: string): Clip | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || value["flowengine"] !== 1 || !isObject(value["nodes"])) {
    return null;
  }
  const nodes = value["nodes"] as unknown as Record<string, FlowNode>;
  const isNode = (node: unknown): boolean => isObject(node) && typeof node["type"] === "string";
  if (!Object.values(nodes).every(isNode)) {
    return null;
  }
  const places = isObject(value["layout"]) ? (value["layout"] as unknown as Record<string, Place>) : {};
  const frames = isObject(value["frames"]) ? (value["frames"] as unknown as Record<string, Place>) : {};
  const groups = isObject(value["groups"]) ? value["groups"] : {};
  const isGroup = (group: unknown): boolean => isObject(group) && Array.isArray(group["nodes"]);
  if (!Object.values(groups).every(isGroup)) {
    return null;
  }
  return { nodes, places, groups: groups as unknown as Record<string, Group>, frames };
}

/** A whole flow as text, with where everything stands. */
export function exported({ flow, layout }: Sheet): string {
  const frames = layout.groups === undefined ? {} : { frames: layout.groups };
  return JSON.stringify({ ...flow, layout: layout.nodes ?? {}, ...frames }, null, 2);
}

/** The whole flow that a text holds, with its layout if it was exported with one; `null` for a clip or anything else. */
export function flowFrom(text: string): Sheet | null {
  if (read(text) === null) {
    return null;
  }
  const { layout, frames, ...flow } = JSON.parse(text) as JsonObject;
  if (typeof flow["id"] !== "string" || flow["id"] === "") {
    return null;
  }
  const places = isObject(layout) ? { nodes: layout as unknown as Record<string, Place> } : {};
  const coloured = isObject(frames) ? { groups: frames as unknown as Record<string, Place> } : {};
  return { flow: flow as unknown as Flow, layout: { flowengine: 1, ...places, ...coloured } };
}

/** A sheet with a clip put in, at a distance from where its nodes stood; ids that are taken are changed. */
export function pasted(sheet: Sheet, clip: Clip, move: { x: number; y: number }): Pasted {
  const taken = new Set(Object.keys(nodesOf(sheet.flow)));
  const ids = new Map<string, string>();
  for (const id of Object.keys(clip.nodes)) {
    const free = freeId(id, taken);
    taken.add(free);
    ids.set(id, free);
  }
  const nodes: Record<string, FlowNode> = { ...nodesOf(sheet.flow) };
  const places: Record<string, Place> = { ...sheet.layout.nodes };
  for (const [id, node] of Object.entries(clip.nodes)) {
    const free = ids.get(id) ?? id;
    nodes[free] = inside(node, (target) => ids.get(target) ?? null);
    const place = clip.places[id];
    if (place !== undefined) {
      places[free] = { ...place, x: place.x + move.x, y: place.y + move.y };
    }
  }
  const made = withGroups({ flow: { ...sheet.flow, nodes }, layout: { ...sheet.layout, nodes: places } }, clip, ids, move);
  return { sheet: made, ids };
}

function withGroups(sheet: Sheet, clip: Clip, ids: ReadonlyMap<string, string>, move: { x: number; y: number }): Sheet {
  const groups: Record<string, Group> = { ...sheet.flow.groups };
  const frames: Record<string, Place> = { ...sheet.layout.groups };
  for (const [id, group] of Object.entries(clip.groups)) {
    const nodes = (group.nodes ?? []).flatMap((node) => ids.get(node) ?? []);
    if (nodes.length > 0) {
      const free = freeId(id, new Set(Object.keys(groups)));
      groups[free] = { ...group, nodes };
      const frame = clip.frames[id];
      if (frame !== undefined) {
        frames[free] = { ...frame, x: frame.x + move.x, y: frame.y + move.y };
      }
    }
  }
  return {
    flow: Object.keys(groups).length === 0 ? sheet.flow : { ...sheet.flow, groups },
    layout: Object.keys(frames).length === 0 ? sheet.layout : { ...sheet.layout, groups: frames },
  };
}

function isWhole(group: Group, chosen: ReadonlySet<string>): boolean {
  const nodes = group.nodes ?? [];
  return nodes.length > 0 && nodes.every((node) => chosen.has(node));
}

/** A node whose wires lead where a function says, or nowhere. */
function inside(node: FlowNode, where: (target: string) => string | null): FlowNode {
  const { wires, ...rest } = node;
  const left = Object.entries(wires ?? {})
    .map(([port, targets]) => {
      const found = targets.flatMap((target) => {
        const end = parseEndpoint(target);
        const to = where(end.node);
        return to === null ? [] : [endpointText({ node: to, port: end.port })];
      });
      return [port, found] as const;
    })
    .filter(([, targets]) => targets.length > 0);
  return left.length === 0 ? rest : { ...rest, wires: Object.fromEntries(left) };
}
