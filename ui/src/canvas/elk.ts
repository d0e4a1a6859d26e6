/** Automatic layout, in a worker of its own, loaded on first use. */

import type { ElkNode } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";

import type { Place } from "../model/document.ts";
import type { Drawing } from "../model/drawing.ts";
import { snapped } from "../model/arrange.ts";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "30",
  "elk.layered.spacing.nodeNodeBetweenLayers": "60",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "40",
};

/** Places for all nodes that are drawn. */
export async function laidOut(drawing: Drawing): Promise<Record<string, Place>> {
  const { default: Elk } = await import("elkjs/lib/elk-api.js");
  const elk = new Elk({ workerUrl });
  try {
    const graph: ElkNode = {
      id: "flow",
      layoutOptions: OPTIONS,
      children: drawing.nodes.map(({ id, size }) => ({ id, width: size.width, height: size.height })),
      edges: drawing.wires.map(({ id, wire }) => ({ id, sources: [wire.from], targets: [wire.to.node] })),
    };
    const done = await elk.layout(graph);
    return Object.fromEntries(
      (done.children ?? []).map((child) => [child.id, { x: snapped(child.x ?? 0), y: snapped(child.y ?? 0) }]),
    );
  } finally {
    elk.terminateWorker();
  }
}
