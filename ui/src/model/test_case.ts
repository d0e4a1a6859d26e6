/** Test cases of a flow, as its document has them, and how a traced message becomes one. */

import type { TraceDetail } from "../api/schema.ts";
import { nodesOf, type Flow } from "./document.ts";
import { isObject, withValue, type Json, type JsonObject } from "./json.ts";
import type { Stop } from "./trace_way.ts";

export interface TestCase {
  readonly name: string;
  readonly [field: string]: Json;
}

export interface TestDocument {
  readonly flowengine: 1;
  readonly cases: readonly TestCase[];
  readonly [field: string]: unknown;
}

/** The cases of a document, as far as they are any. */
export function casesOf(document: unknown): readonly TestCase[] {
  const cases = isObject(document) ? document["cases"] : undefined;
  return Array.isArray(cases) ? cases.filter((one): one is JsonObject & TestCase => isObject(one) && typeof one["name"] === "string") : [];
}

/** The document with a case added, or put in the place of another of the same name; without cases there is none. */
export function withCase(document: unknown, name: string, made: TestCase | null): TestDocument | null {
  const others = casesOf(document);
  const at = others.findIndex((one) => one.name === name);
  const cases =
    made === null
      ? others.filter((one) => one.name !== name)
      : at < 0
        ? [...others, made]
        : others.map((one, index) => (index === at ? made : one));
  if (cases.length === 0) {
    return null;
  }
  return { ...(isObject(document) ? document : {}), flowengine: 1, cases };
}

/**
 * A case that gives what a traced message was, and expects what came of it.
 *
 * @param isOutside Whether a node talks to the world: what a test sees there is what the world would have got, which a
 * trace does not know; so only that the message came there is expected.
 */
export function recordedCase(
  name: string,
  trace: TraceDetail,
  stops: readonly Stop[],
  flow: Flow,
  isOutside: (type: string) => boolean,
): TestCase {
  const arrivals = stops.filter((stop) => stop.code === "");
  const given: Json[] = [];
  const ends: JsonObject = {};
  let expect: Json = {};
  for (const stop of arrivals) {
    if (stop.from === null) {
      const as = given.length === 0 ? "message" : `message ${given.length + 1}`;
      given.push({ into: stop.node, message: storable(stop.message), as });
    } else {
      const type = nodesOf(flow)[stop.node]?.type ?? "";
      const count = arrivals.filter((one) => one.node === stop.node && one.from !== null).length;
      const messages = arrivals
        .filter((one) => one.node === stop.node && one.from !== null)
        .map((one) => storable(one.message));
      expect = isOutside(type)
        ? withValue(expect, ["counts", stop.node], count)
        : withValue(expect, ["messages", stop.node], messages);
    }
  }
  const end = trace.outcome === "settled" || trace.outcome === "" ? "acknowledged" : trace.outcome;
  const failures = stops.filter((stop) => stop.code !== "");
  if (given.length === 1) {
    // With several, which of them failed is not known.
    ends["message"] = failures.length > 0 && trace.outcome === "failed" ? `failed: ${trace.reason}` : end;
  }
  if (Object.keys(ends).length > 0) {
    expect = withValue(expect, ["ends"], ends);
  }
  if (trace.outcome === "failed") {
    const letters = failures.slice(-1).map((stop) => ({ node: stop.node, code: stop.code }));
    expect = withValue(expect, ["dead_letters"], letters);
  }
  return { name, given, expect };
}

/** A message as a case writes it: bytes that are shown as hexadecimal digits become Base64. */
function storable(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(storable);
  }
  if (!isObject(value)) {
    return value;
  }
  const { bytes, hex } = value;
  if (typeof bytes === "number" && typeof hex === "string" && Object.keys(value).length === 2) {
    const pairs = hex.match(/[0-9a-f]{2}/g) ?? [];
    return { $bytes: btoa(pairs.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join("")) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, storable(inner)]));
}
