import { describe, expect, test } from "vitest";

import type { TraceDetail } from "../src/api/schema.ts";
import { casesOf, recordedCase, withCase } from "../src/model/test_case.ts";
import { changedPaths, fatesOf, stopsOf } from "../src/model/trace_way.ts";

const FLOW = {
  flowengine: 1 as const,
  id: "a",
  nodes: {
    convert: { type: "change", wires: { out: ["check"] } },
    check: { type: "function", wires: { out: ["report"] } },
    report: { type: "http-request" },
  },
};

function hop(node: string, at: number, message: unknown, code = "") {
  return { node, at, message, error: code === "" ? "" : "it failed", code };
}

function trace(rest: Partial<TraceDetail>): TraceDetail {
  return {
    id: "m",
    flow: "a",
    trace_id: "",
    parent_id: "",
    began: 0,
    outcome: "settled",
    reason: "",
    took: 1,
    hops: 0,
    errors: 0,
    way: [hop("convert", 0, { payload: 4 }), hop("check", 0.25, { payload: 4, unit: "C" }), hop("report", 0.5, { payload: 8, unit: "C" })],
    cut: 0,
    ...rest,
  };
}

describe("the way of a message", () => {
  test("tells what changed since the node it came from, and how long each stop took", () => {
    const stops = stopsOf(trace({}), FLOW);
    expect(stops.map((stop) => stop.from)).toEqual([null, "convert", "check"]);
    expect(stops.map((stop) => [...changedPaths(stop.changes)])).toEqual([[], ["$.unit"], ["$.payload"]]);
    expect(stops.map((stop) => stop.took)).toEqual([0.25, 0.25, 0.5]);
  });

  test("marks where the message failed", () => {
    const stops = stopsOf(trace({ way: [hop("convert", 0, {}), hop("check", 1, {}), hop("check", 2, {}, "bug")] }), FLOW);
    expect([...fatesOf(stops)]).toEqual([
      ["convert", "came"],
      ["check", "failed"],
    ]);
  });
});

describe("a recorded test", () => {
  test("gives what came first and expects what came of it, at the outside only how much", () => {
    const one = trace({});
    const made = recordedCase("works", one, stopsOf(one, FLOW), FLOW, (type) => type === "http-request");
    expect(made).toEqual({
      name: "works",
      given: [{ into: "convert", message: { payload: 4 }, as: "message" }],
      expect: {
        messages: { check: [{ payload: 4, unit: "C" }] },
        counts: { report: 1 },
        ends: { message: "acknowledged" },
      },
    });
  });

  test("expects the failure of a message that failed, and keeps bytes", () => {
    const way = [hop("convert", 0, { payload: { bytes: 2, hex: "00ff" } }), hop("convert", 1, {}, "bug")];
    const one = trace({ way, outcome: "failed", reason: "bug" });
    expect(recordedCase("fails", one, stopsOf(one, FLOW), FLOW, () => false)).toEqual({
      name: "fails",
      given: [{ into: "convert", message: { payload: { $bytes: "AP8=" } }, as: "message" }],
      expect: { ends: { message: "failed: bug" }, dead_letters: [{ node: "convert", code: "bug" }] },
    });
  });

  test("takes the place of one of the same name, and the last one takes the document with it", () => {
    const document = withCase(null, "a", { name: "a", expect: {} });
    const renamed = withCase(document, "a", { name: "b", expect: {} });
    expect(casesOf(renamed).map((one) => one.name)).toEqual(["b"]);
    expect(withCase(renamed, "b", null)).toBeNull();
  });
});
