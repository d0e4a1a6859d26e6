/** What a user does to a flow, as edits of its document. */

import type { Translate } from "../i18n/texts.tsx";
import { copied, pasted, read } from "../model/clipboard.ts";
import { nodesOf, withNodes, withPlaces, type FlowNode, type Place, type Sheet, type Wire } from "../model/document.ts";
import type { JsonObject } from "../model/json.ts";
import { freeId, idFrom } from "../model/naming.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { connected, disconnected, withoutNodes } from "../model/wiring.ts";

export function addNode(
  flow: OpenFlow,
  type: string,
  place: Place,
  t: Translate,
  from: { node: string; port: string } | null = null,
): string {
  const id = freeId(idFrom(type), new Set(Object.keys(nodesOf(flow.sheet.flow))));
  flow.edit(t("edit.add", { type }), (sheet) => {
    const added = withPlaces(withNodes(sheet, { ...nodesOf(sheet.flow), [id]: { type } }), { [id]: place });
    return from === null ? added : connected(added, { from: from.node, port: from.port, to: { node: id, port: null } });
  });
  flow.select(new Set([id]));
  return id;
}

export function removeChosen(flow: OpenFlow, wires: readonly Wire[], t: Translate, heal = false): void {
  const chosen = flow.selection;
  flow.edit(t("edit.delete"), (sheet) => {
    const cut = wires.reduce<Sheet>((made, wire) => disconnected(made, wire), sheet);
    return chosen.size === 0 ? cut : withoutNodes(cut, chosen, heal);
  });
  flow.select(new Set());
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

export async function copyChosen(flow: OpenFlow): Promise<void> {
  await navigator.clipboard.writeText(copied(flow.sheet, flow.selection));
}

export function pasteText(flow: OpenFlow, text: string, t: Translate): boolean {
  const clip = read(text);
  if (clip === null) {
    return false;
  }
  const put = pasted(flow.sheet, clip, { x: 40, y: 40 });
  flow.edit(t("edit.paste"), () => put.sheet);
  flow.select(new Set(put.ids.values()));
  return true;
}

function change(flow: OpenFlow, id: string, t: Translate, edit: (node: FlowNode) => FlowNode): void {
  flow.edit(t("edit.configure", { node: id }), (sheet) => {
    const node = nodesOf(sheet.flow)[id];
    return node === undefined ? sheet : withNodes(sheet, { ...nodesOf(sheet.flow), [id]: edit(node) });
  });
}
