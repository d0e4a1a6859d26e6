/** The way of one message through the graph, as people look at it: what came where, and what changed on the way. */

import type { ShownHop, TraceDetail } from "../api/schema.ts";
import { nodesOf, parseEndpoint, type Flow } from "./document.ts";
import { drawnNode } from "./event_log.ts";
import type { Json } from "./json.ts";
import { pathText } from "./json_path.ts";
import { difference, type Patch } from "./patch.ts";
import type { Fate } from "./watch.ts";

export interface Stop {
  readonly number: number;
  readonly node: string;
  /** Seconds since the trace began. */
  readonly at: number;
  /** Seconds until the next stop, or until the message had ended; `null` while it has not. */
  readonly took: number | null;
  readonly message: Json;
  /** The node that it came from, where the graph says so. */
  readonly from: string | null;
  /** What is other than at the node it came from. */
  readonly changes: readonly Patch[];
  readonly error: string;
  readonly code: string;
}

export function stopsOf(trace: TraceDetail, flow: Flow): readonly Stop[] {
  const arrivals: { node: string; message: Json }[] = [];
  return trace.way.map((hop, number): Stop => {
    const message = hop.message as Json;
    const before = hop.code === "" ? cameFrom(hop, arrivals, flow) : undefined;
    if (hop.code === "") {
      arrivals.push({ node: hop.node, message });
    }
    const next = trace.way[number + 1]?.at ?? (trace.outcome === "" ? null : trace.took);
    return {
      number,
      node: hop.node,
      at: hop.at,
      took: next === null ? null : Math.max(0, next - hop.at),
      message,
      from: before?.node ?? null,
      changes: before === undefined ? [] : difference(before.message, message),
      error: hop.error,
      code: hop.code,
    };
  });
}

/** Places in a message that are other than before. */
export function changedPaths(changes: readonly Patch[]): ReadonlySet<string> {
  return new Set(changes.map((patch) => pathText(patch.path)));
}

export function fatesOf(stops: readonly Stop[]): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const stop of stops) {
    const node = drawnNode(stop.node);
    if (stop.code !== "" || !fates.has(node)) {
      fates.set(node, stop.code === "" ? "came" : "failed");
    }
  }
  return fates;
}

/** The last arrival at a node from which a wire leads here. */
function cameFrom(
  hop: ShownHop,
  arrivals: readonly { node: string; message: Json }[],
  flow: Flow,
): { node: string; message: Json } | undefined {
  const leads = (from: string): boolean => {
    const [one, other] = [drawnNode(from), drawnNode(hop.node)];
    if (one === other) {
      return from !== hop.node;
    }
    return Object.values(nodesOf(flow)[one]?.wires ?? {})
      .flat()
      .some((target) => parseEndpoint(target).node === other);
  };
  return arrivals.findLast((arrival) => leads(arrival.node));
}
