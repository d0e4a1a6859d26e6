/** Groups: nodes in a frame that takes its size from them. */

import type { Drawing } from "./drawing.ts";
import type { Flow, Group, Place, Sheet } from "./document.ts";
import { freeId } from "./naming.ts";

export const PADDING = 20;
export const TITLE = 24;

export interface Frame {
  readonly id: string;
  readonly name: string;
  readonly colour: string | null;
  readonly nodes: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Boxed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The frames of all groups that have a node, around where their nodes stand. */
export function framesOf(sheet: Sheet, boxes: ReadonlyMap<string, Boxed>): Frame[] {
  return Object.entries(sheet.flow.groups ?? {}).flatMap(([id, group]) => {
    const inside = (group.nodes ?? []).flatMap((node) => boxes.get(node) ?? []);
    if (inside.length === 0) {
      return [];
    }
    const x = Math.min(...inside.map((box) => box.x)) - PADDING;
    const y = Math.min(...inside.map((box) => box.y)) - PADDING - TITLE;
    const frame: Frame = {
      id,
      name: group.name ?? "",
      colour: sheet.layout.groups?.[id]?.colour ?? null,
      nodes: group.nodes ?? [],
      x,
      y,
      width: Math.max(...inside.map((box) => box.x + box.width)) + PADDING - x,
      height: Math.max(...inside.map((box) => box.y + box.height)) + PADDING - y,
    };
    return [frame];
  });
}

export function boxesOf(drawing: Drawing): Map<string, Boxed> {
  return new Map(drawing.nodes.map((node) => [node.id, { x: node.x, y: node.y, ...node.size }]));
}

/** A frame around nodes, which leave the groups that they are in. */
export function grouped(sheet: Sheet, nodes: ReadonlySet<string>, name: string): { sheet: Sheet; id: string } {
  const left = without(sheet, nodes);
  const groups = left.flow.groups ?? {};
  const id = freeId("group", new Set(Object.keys(groups)));
  const group: Group = name === "" ? { nodes: [...nodes] } : { name, nodes: [...nodes] };
  return { sheet: { ...left, flow: { ...left.flow, groups: { ...groups, [id]: group } } }, id };
}

/** The groups that have any of some nodes. */
export function groupsWith(flow: Flow, nodes: ReadonlySet<string>): string[] {
  return Object.entries(flow.groups ?? {})
    .filter(([, group]) => (group.nodes ?? []).some((node) => nodes.has(node)))
    .map(([id]) => id);
}

/** Take frames away; their nodes stay. */
export function ungrouped(sheet: Sheet, ids: readonly string[]): Sheet {
  const gone = new Set(ids);
  return {
    flow: withGroups(sheet.flow, entriesWithout(sheet.flow.groups, gone)),
    layout: tidiedLayout(sheet, entriesWithout(sheet.layout.groups, gone)),
  };
}

/** Take nodes out of their groups; a group without nodes goes too. */
export function without(sheet: Sheet, nodes: ReadonlySet<string>): Sheet {
  const before = sheet.flow.groups ?? {};
  const emptied = Object.keys(before).filter((id) => (before[id]?.nodes ?? []).every((node) => nodes.has(node)));
  const thinned = Object.fromEntries(
    Object.entries(before).map(([id, group]) => [
      id,
      { ...group, nodes: (group.nodes ?? []).filter((node) => !nodes.has(node)) },
    ]),
  );
  return ungrouped({ ...sheet, flow: withGroups(sheet.flow, thinned) }, emptied);
}

/** Give a frame a name and a colour; `null` for the colour that all have. */
export function labelled(sheet: Sheet, id: string, name: string, colour: string | null, box: Boxed): Sheet {
  const group = sheet.flow.groups?.[id];
  if (group === undefined) {
    return sheet;
  }
  const { name: _old, ...rest } = group;
  const place: Place = { x: box.x, y: box.y, width: box.width, height: box.height };
  return {
    flow: withGroups(sheet.flow, { ...sheet.flow.groups, [id]: name === "" ? rest : { ...rest, name } }),
    layout: tidiedLayout(sheet, {
      ...entriesWithout(sheet.layout.groups, new Set([id])),
      ...(colour === null ? {} : { [id]: { ...place, colour } }),
    }),
  };
}

function withGroups(flow: Flow, groups: Record<string, Group>): Flow {
  const { groups: _old, ...rest } = flow;
  return Object.keys(groups).length === 0 ? rest : { ...rest, groups };
}

function tidiedLayout(sheet: Sheet, groups: Record<string, Place>): Sheet["layout"] {
  const { groups: _old, ...rest } = sheet.layout;
  return Object.keys(groups).length === 0 ? rest : { ...rest, groups };
}

function entriesWithout<V>(record: Record<string, V> | undefined, gone: ReadonlySet<string>): Record<string, V> {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([id]) => !gone.has(id)));
}
