import { describe, expect, test } from "vitest";

import type { Flow } from "../src/model/document.ts";
import { divergences, merged, pathText, type Side } from "../src/model/three_way.ts";

const base: Flow = {
  flowengine: 1,
  id: "boiler",
  nodes: {
    button: { type: "inject", config: { payload: 1 }, wires: { out: ["seen"] } },
    seen: { type: "debug", config: { a: 1, b: 2 } },
    old: { type: "debug" },
  },
};

function changed(change: (nodes: NonNullable<Flow["nodes"]>) => void, more: Partial<Flow> = {}): Flow {
  const copy = structuredClone(base);
  change(copy.nodes ?? {});
  return { ...copy, ...more };
}

function told(mine: Flow, theirs: Flow): string[] {
  return divergences(base, mine, theirs).map((one) => `${one.path.join(".")} ${one.by}`);
}

describe("a flow that two have changed", () => {
  test("differs by setting, wires of a port, node and field of the flow", () => {
    const mine = changed((nodes) => {
      nodes["seen"] = { type: "debug", config: { a: 5, b: 2 } };
      nodes["new"] = { type: "debug" };
    });
    const theirs = changed(
      (nodes) => {
        nodes["seen"] = { type: "debug", config: { a: 1, b: 7 } };
        nodes["button"] = { type: "inject", config: { payload: 1 }, wires: { out: ["seen", "old"] } };
      },
      { name: "Boiler" },
    );
    expect(told(mine, theirs)).toEqual([
      "nodes.button.wires.out theirs",
      "nodes.seen.config.a mine",
      "nodes.seen.config.b theirs",
      "nodes.new mine",
      "name theirs",
    ]);
    expect(merged(mine, divergences(base, mine, theirs), new Map())).toEqual({
      ...theirs,
      nodes: { ...theirs.nodes, new: { type: "debug" }, seen: { type: "debug", config: { a: 5, b: 7 } } },
    });
  });

  test("asks where both changed one value, and takes what is chosen", () => {
    const mine = changed((nodes) => { nodes["seen"] = { type: "debug", config: { a: "mine", b: 2 } }; });
    const theirs = changed((nodes) => { nodes["seen"] = { type: "debug", config: { a: "theirs", b: 2 } }; });
    const found = divergences(base, mine, theirs);
    expect(told(mine, theirs)).toEqual(["nodes.seen.config.a both"]);
    for (const [side, wanted] of [["mine", mine], ["theirs", theirs]] as const) {
      const choices = new Map<string, Side>([[pathText(["nodes", "seen", "config", "a"]), side]]);
      expect(merged(mine, found, choices)).toEqual(wanted);
    }
  });

  test("asks about a node that one removed and the other changed", () => {
    const mine = changed((nodes) => { delete nodes["old"]; });
    const theirs = changed((nodes) => { nodes["old"] = { type: "debug", name: "Kept" }; });
    const found = divergences(base, mine, theirs);
    expect(told(mine, theirs)).toEqual(["nodes.old both"]);
    expect(merged(mine, found, new Map()).nodes?.["old"]).toBeUndefined();
    const choices = new Map<string, Side>([["nodes/old", "theirs"]]);
    expect(merged(mine, found, choices).nodes?.["old"]).toEqual({ type: "debug", name: "Kept" });
  });

  test("does not differ by what both did alike", () => {
    const both = changed((nodes) => { delete nodes["old"]; });
    expect(told(both, structuredClone(both))).toEqual([]);
  });

  test("that both have begun has no version that both began with", () => {
    const mine = { ...base, name: "Mine" };
    const found = divergences(null, mine, base);
    expect(found.map((one) => one.path)).toEqual([["name"]]);
  });

  test.each(["mine", "theirs"] as const)("becomes %s if all of it is chosen", (side) => {
    const mine = changed((nodes) => { nodes["seen"] = { type: "debug" }; delete nodes["old"]; }, { name: "M" });
    const theirs = changed((nodes) => { nodes["x"] = { type: "debug" }; }, { description: "T", env: { a: "1" } });
    const found = divergences(base, mine, theirs);
    const choices = new Map<string, Side>(found.map((one) => [pathText(one.path), side]));
    expect(divergences(null, merged(mine, found, choices), side === "mine" ? mine : theirs)).toEqual([]);
  });
});
