import { expect, test } from "vitest";

import { changedNodes } from "../src/model/changed_nodes.ts";
import type { Flow } from "../src/model/document.ts";

const before: Flow = {
  flowengine: 1,
  id: "boiler",
  nodes: { tick: { type: "inject", wires: { out: ["seen"] } }, seen: { type: "debug" }, old: { type: "debug" } },
};

test("only nodes that are new, other or gone are told", () => {
  const seen = { type: "debug", config: { path: "$" } };
  const after: Flow = {
    ...before,
    nodes: { new: { type: "debug" }, seen, tick: { type: "inject", wires: { out: ["seen"] } } },
  };
  expect(changedNodes(before, after)).toEqual({ new: { type: "debug" }, seen, old: null });
  expect(changedNodes(before, structuredClone(before))).toEqual({});
});

test("what differs outside of nodes needs the whole flow", () => {
  expect(changedNodes(before, { ...before, name: "Boiler" })).toBeNull();
  expect(changedNodes(before, { ...before, env: { SITE: "a" }, nodes: {} })).toBeNull();
});

test("a flow may have no nodes at all", () => {
  const empty: Flow = { flowengine: 1, id: "boiler" };
  expect(changedNodes(before, empty)).toEqual({ tick: null, seen: null, old: null });
  expect(changedNodes(empty, before)).toEqual(before.nodes);
});
