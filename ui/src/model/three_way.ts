/**
 * A flow that two have changed: what each of them did since the version that both began with, and one flow of both.
 *
 * It is compared as the server does (flowengine/flow/diff.py): down to single settings and the wires of single ports;
 * what stands inside those is compared as a whole.
 */

import type { Flow } from "./document.ts";
import { isObject, sameJson, withValue, type Json, type JsonObject } from "./json.ts";

export type Side = "mine" | "theirs";

/** One value that differs among the three; `undefined` where it is not there. */
export interface Divergence {
  readonly path: readonly string[];
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
  /** Who changed it; `both` in different ways, so that somebody must choose. */
  readonly by: Side | "both";
}

const MAPS = new Set(["nodes", "groups", "env", "inputs", "outputs"]);
const MAPS_OF_ENTRIES = new Set(["config", "wires", "stage", "env"]);
const NOTHING: JsonObject = {};

/** Everything that differs, in the order of the documents. What both did alike is no difference any more. */
export function divergences(base: Flow | null, mine: Flow, theirs: Flow): Divergence[] {
  return compared([], asJson(base ?? undefined), asJson(mine), asJson(theirs));
}

/** The name of a divergence, to remember a choice by. */
export function pathText(path: readonly string[]): string {
  return path.map((part) => part.replaceAll("/", "~1")).join("/");
}

/** What is taken of each if nobody says otherwise: what somebody did, and mine where both did. */
export function suggested(divergence: Divergence): Side {
  return divergence.by === "theirs" ? "theirs" : "mine";
}

/** One flow: mine, with their values where they are chosen. */
export function merged(mine: Flow, found: readonly Divergence[], choices: ReadonlyMap<string, Side>): Flow {
  const result = found.reduce<Json>((made, one) => {
    const side = choices.get(pathText(one.path)) ?? suggested(one);
    return withValue(made, one.path, side === "mine" ? one.mine : one.theirs);
  }, asJson(mine) ?? NOTHING);
  return result as unknown as Flow;
}

function compared(
  path: readonly string[],
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
): Divergence[] {
  if (sameJson(mine, theirs)) {
    return [];
  }
  const isMapped = isDivided(path);
  if (isMapped && isObject(mine) && isObject(theirs)) {
    const from = isObject(base) ? base : NOTHING;
    return keysOf(from, mine, theirs).flatMap((key) =>
      compared([...path, key], own(from, key), own(mine, key), own(theirs, key)),
    );
  }
  // Defaults are left out of documents: no wires are the same as an empty map of them.
  if (isMapped && path.length !== 2 && (isObject(mine) || isObject(theirs))) {
    return compared(path, base, mine ?? NOTHING, theirs ?? NOTHING);
  }
  const by = sameJson(base, theirs) ? "mine" : sameJson(base, mine) ? "theirs" : "both";
  return [{ path, base, mine, theirs, by }];
}

function isDivided(path: readonly string[]): boolean {
  const [first = "", , field = ""] = path;
  switch (path.length) {
    case 0:
      return true;
    case 1:
      return MAPS.has(first);
    case 2:
      return first === "nodes" || first === "groups";
    case 3:
      return (first === "nodes" || first === "groups") && MAPS_OF_ENTRIES.has(field);
    default:
      return false;
  }
}

function keysOf(...maps: readonly JsonObject[]): string[] {
  return [...new Set(maps.flatMap((map) => Object.keys(map)))];
}

function own(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function asJson(flow: Flow | undefined): Json | undefined {
  return flow as unknown as Json | undefined;
}
