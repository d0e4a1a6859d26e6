/** What a user does to a flow, as edits of its document. */

import type { NodeTypeDetail } from "../api/schema.ts";
import type { Translate } from "../i18n/texts.tsx";
import { snapped } from "../model/arrange.ts";
import { pasted, read } from "../model/clipboard.ts";
import {
  nodesOf,
  placeOf,
  wireId,
  wiresOf,
  withNodes,
  withPlaces,
  type FlowNode,
  type Place,
  type Sheet,
  type Wire,
} from "../model/document.ts";
import type { Drawing } from "../model/drawing.ts";
import type { JsonObject } from "../model/json.ts";
import { freeId, idFrom } from "../model/naming.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { canConnect, connected, disconnected, spliced, withoutNodes } from "../model/wiring.ts";
import type { Joint } from "./desk.ts";

export function addNode(flow: OpenFlow, type: NodeTypeDetail, place: Place, t: Translate, joint: Joint | null = null): string {
  const id = freeId(idFrom(type.name), new Set(Object.keys(nodesOf(flow.sheet.flow))));
  flow.edit(t("edit.add", { type: type.label }), (sheet) => {
    const put = { x: snapped(place.x), y: snapped(place.y) };
    const added = withPlaces(withNodes(sheet, { ...nodesOf(sheet.flow), [id]: { type: type.name } }), { [id]: put });
    return joint === null ? added : joined(added, id, type.ports[0]?.name, joint);
  });
  flow.select(new Set([id]));
  return id;
}

function joined(sheet: Sheet, id: string, port: string | undefined, joint: Joint): Sheet {
  switch (joint.kind) {
    case "after":
      return connected(sheet, { from: joint.node, port: joint.port, to: { node: id, port: null } });
    case "before":
      return port === undefined ? sheet : connected(sheet, { from: id, port, to: { node: joint.node, port: joint.port } });
    case "into":
      return port === undefined ? sheet : spliced(sheet, joint.wire, id, port);
  }
}

/** Put a node that stands on a wire into it. */
export function splice(flow: OpenFlow, node: string, port: string, wire: Wire, t: Translate, places: Record<string, Place>): void {
  flow.edit(t("edit.splice"), (sheet) => spliced(withPlaces(sheet, places), wire, node, port));
}

export function cut(flow: OpenFlow, wires: readonly Wire[], t: Translate): void {
  flow.edit(t("edit.slice"), (sheet) => wires.reduce(disconnected, sheet));
}

/** Delete what is chosen, nodes and wires; with `heal`, wires lead past the nodes that go. */
export function removeChosen(flow: OpenFlow, t: Translate, heal = false): void {
  const { selection, wireSelection } = flow;
  flow.edit(t("edit.delete"), (sheet) => {
    const wires = wiresOf(sheet.flow).filter((wire) => wireSelection.has(wireId(wire)));
    const without = wires.reduce(disconnected, sheet);
    return selection.size === 0 ? without : withoutNodes(without, selection, heal);
  });
  flow.select(new Set());
}

/** Move nodes by a distance. */
export function nudge(flow: OpenFlow, by: Place, t: Translate): void {
  flow.edit(t("edit.move"), (sheet) =>
    withPlaces(
      sheet,
      Object.fromEntries(
        [...flow.selection].map((id) => {
          const place = placeOf(sheet.layout, id) ?? { x: 0, y: 0 };
          return [id, { x: place.x + by.x, y: place.y + by.y }];
        }),
      ),
    ),
  );
}

/** Disable the chosen nodes, or enable them if all are disabled. */
export function toggleChosen(flow: OpenFlow, t: Translate): void {
  const isOff = [...flow.selection].every((id) => nodesOf(flow.sheet.flow)[id]?.disabled === true);
  flow.edit(isOff ? t("edit.enable") : t("edit.disable"), (sheet) =>
    withNodes(
      sheet,
      mappedNodes(sheet, flow.selection, ({ disabled: _old, ...node }) => (isOff ? node : { ...node, disabled: true })),
    ),
  );
}

/** Join chosen nodes in a row, from left to right, each by its first port. */
export function wireChosen(flow: OpenFlow, drawing: Drawing, t: Translate): void {
  const row = drawing.nodes.filter((node) => flow.selection.has(node.id)).sort((one, other) => one.x - other.x);
  flow.edit(t("edit.connect"), (sheet) =>
    row.reduce((made, node, index) => {
      const next = row[index + 1];
      const port = node.outputs[0];
      if (next === undefined || port === undefined || next.inputs.length === 0) {
        return made;
      }
      const wire = { from: node.id, port, to: { node: next.id, port: next.inputs[0] ?? null } };
      return canConnect(made, wire) ? connected(made, wire) : made;
    }, sheet),
  );
}

export function configure(flow: OpenFlow, id: string, config: JsonObject, t: Translate): void {
  change(flow, id, t, (node) => {
    const { config: _old, ...rest } = node;
    return Object.keys(config).length === 0 ? rest : { ...rest, config };
  });
}

export function rename(flow: OpenFlow, id: string, name: string, t: Translate): void {
  change(flow, id, t, (node) => {
    const { name: _old, ...rest } = node;
    return name === "" ? rest : { ...rest, name };
  });
}

/** Put nodes from a text where the pointer is, or a little beside where they stood; false if it holds none. */
export function pasteText(flow: OpenFlow, text: string, t: Translate, at: Place | null = null): boolean {
  const clip = read(text);
  if (clip === null) {
    return false;
  }
  const places = Object.values(clip.places);
  const left = Math.min(...places.map((place) => place.x));
  const top = Math.min(...places.map((place) => place.y));
  const move = at === null || places.length === 0 ? { x: 40, y: 40 } : { x: snapped(at.x - left), y: snapped(at.y - top) };
  const put = pasted(flow.sheet, clip, move);
  flow.edit(t("edit.paste"), () => put.sheet);
  flow.select(new Set(put.ids.values()));
  return true;
}

function mappedNodes(
  sheet: Sheet,
  chosen: ReadonlySet<string>,
  edit: (node: FlowNode) => FlowNode,
): Record<string, FlowNode> {
  const nodes = Object.entries(nodesOf(sheet.flow));
  return Object.fromEntries(nodes.map(([id, node]) => [id, chosen.has(id) ? edit(node) : node]));
}

function change(flow: OpenFlow, id: string, t: Translate, edit: (node: FlowNode) => FlowNode): void {
  flow.edit(t("edit.configure", { node: id }), (sheet) => {
    const node = nodesOf(sheet.flow)[id];
    return node === undefined ? sheet : withNodes(sheet, { ...nodesOf(sheet.flow), [id]: edit(node) });
  });
}
