/** A flow and its layout as the editor holds them: the documents of the server, defaults left out. */

import type { Box, FlowDocument, GroupDocument, LayoutDocument, NodeDocument } from "../api/schema.ts";

export type Flow = FlowDocument;
export type Layout = LayoutDocument;
export type FlowNode = NodeDocument;
export type Group = GroupDocument;
export type Place = Box;

/** What one tab edits: the flow that git sees, and where its nodes stand. */
export interface Sheet {
  readonly flow: Flow;
  readonly layout: Layout;
}

/** One end of a wire as documents write it: a node, and a port where the node has several. */
export interface Endpoint {
  readonly node: string;
  readonly port: string | null;
}

export interface Wire {
  readonly from: string;
  readonly port: string;
  readonly to: Endpoint;
}

export function parseEndpoint(text: string): Endpoint {
  const dot = text.indexOf(".");
  return dot < 0 ? { node: text, port: null } : { node: text.slice(0, dot), port: text.slice(dot + 1) };
}

export function endpointText({ node, port }: Endpoint): string {
  return port === null ? node : `${node}.${port}`;
}

/** A name for a wire that is the same wherever it is drawn. */
export function wireId(wire: Wire): string {
  return `${wire.from}.${wire.port}>${endpointText(wire.to)}`;
}

export function nodesOf(flow: Flow): Record<string, FlowNode> {
  return flow.nodes ?? {};
}

export function placeOf(layout: Layout, node: string): Place | undefined {
  return layout.nodes?.[node];
}

/** All wires of a flow, in the order of the document. */
export function wiresOf(flow: Flow): Wire[] {
  return Object.entries(nodesOf(flow)).flatMap(([from, node]) =>
    Object.entries(node.wires ?? {}).flatMap(([port, targets]) =>
      targets.map((target) => ({ from, port, to: parseEndpoint(target) })),
    ),
  );
}

/** The same flow with other nodes. */
export function withNodes(sheet: Sheet, nodes: Record<string, FlowNode>): Sheet {
  return { ...sheet, flow: { ...sheet.flow, nodes } };
}

/** The same layout with nodes put somewhere; places are rounded as the file has them. */
export function withPlaces(sheet: Sheet, places: Record<string, Place>): Sheet {
  const rounded = Object.fromEntries(
    Object.entries(places).map(([id, place]) => [
      id,
      { ...sheet.layout.nodes?.[id], ...place, x: rounded2(place.x), y: rounded2(place.y) },
    ]),
  );
  return { ...sheet, layout: { ...sheet.layout, nodes: { ...sheet.layout.nodes, ...rounded } } };
}

function rounded2(length: number): number {
  return Math.round(length * 100) / 100;
}
