import { describe, expect, test } from "vitest";

import { History } from "../src/model/history.ts";
import { applied, difference, inverted } from "../src/model/patch.ts";

describe("patches", () => {
  const before = { nodes: { a: { type: "inject", wires: { out: ["b"] } }, b: { type: "debug" } } };
  const after = { nodes: { a: { type: "inject", wires: { out: ["c"] } }, c: { type: "debug" } } };

  test("lead from one value to the other and back", () => {
    const patches = difference(before, after);
    expect(applied(before, patches)).toEqual(after);
    expect(applied(after, inverted(patches))).toEqual(before);
  });

  test("name only what differs", () => {
    expect(difference(before, after).map((patch) => patch.path.join("."))).toEqual([
      "nodes.a.wires.out",
      "nodes.b",
      "nodes.c",
    ]);
  });
});

describe("history", () => {
  test("takes edits back and makes them again, without limit", () => {
    const history = new History<{ count: number }>({ count: 0 });
    for (let number = 1; number <= 500; number++) {
      history.edit("count", () => ({ count: number }));
    }
    while (history.canUndo) {
      history.undo();
    }
    expect(history.value).toEqual({ count: 0 });
    while (history.canRedo) {
      history.redo();
    }
    expect(history.value).toEqual({ count: 500 });
  });

  test("forgets what was undone when something else is done", () => {
    const history = new History({ text: "a" });
    history.edit("b", () => ({ text: "b" }));
    history.undo();
    history.edit("c", () => ({ text: "c" }));
    expect(history.canRedo).toBe(false);
    expect(history.value).toEqual({ text: "c" });
  });

  test("keeps no edit that changes nothing", () => {
    const history = new History({ text: "a" });
    history.edit("nothing", (value) => ({ ...value }));
    expect(history.canUndo).toBe(false);
  });
});
