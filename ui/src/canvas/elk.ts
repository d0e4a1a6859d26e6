/** Automatic layout, in a worker of its own, loaded on first use. */

import workerUrl from "elkjs/lib/elk-worker.min.js?url";

import type { Flow, Place } from "../model/document.ts";
import type { Drawing } from "../model/drawing.ts";
import { laidOutBy } from "../model/layout_graph.ts";

/** Places for all nodes that are drawn. */
export async function laidOut(drawing: Drawing, groups: Flow["groups"]): Promise<Record<string, Place>> {
  const { default: Elk } = await import("elkjs/lib/elk-api.js");
  const elk = new Elk({ workerUrl });
  try {
    return await laidOutBy(elk, drawing, groups);
  } finally {
    elk.terminateWorker();
  }
}
