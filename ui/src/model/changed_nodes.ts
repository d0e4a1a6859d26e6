import { nodesOf, type Flow, type FlowNode } from "./document.ts";
import { sameJson, type Json } from "./json.ts";

/** What differs between two versions of a flow, if that is nothing but nodes: each by its id, null for one that is gone. */
export function changedNodes(before: Flow, after: Flow): Record<string, FlowNode | null> | null {
  const old = nodesOf(before);
  const now = nodesOf(after);
  if (!sameJson({ ...before, nodes: {} }, { ...after, nodes: {} })) {
    return null;
  }
  const changed: Record<string, FlowNode | null> = {};
  for (const [id, node] of Object.entries(now)) {
    if (!sameJson(old[id] as unknown as Json | undefined, node as unknown as Json)) {
      changed[id] = node;
    }
  }
  for (const id of Object.keys(old)) {
    if (!Object.hasOwn(now, id)) {
      changed[id] = null;
    }
  }
  return changed;
}
