import { describe, expect, test } from "vitest";

import { withNodes, withPlaces, type Sheet } from "../src/model/document.ts";
import { OpenFlow } from "../src/model/open_flow.ts";

const SEEN = { type: "debug" };
const BUTTON = { type: "inject", wires: { out: ["seen"] } };
const PLACES = { seen: { x: 1, y: 2 }, button: { x: 3, y: 4 } };
const DETAIL = {
  id: "boiler",
  revision: "1",
  document: { flowengine: 1 as const, id: "boiler", nodes: { seen: SEEN, button: BUTTON } },
  layout: null,
  problems: [],
};

describe("nodes that nobody has placed", () => {
  test("an edit made before nodes are placed can be undone after it", () => {
    const flow = new OpenFlow(DETAIL, "1");
    flow.edit("delete", (before) => withNodes(before, { button: BUTTON }));
    flow.place(PLACES);
    flow.history.undo();
    expect(flow.sheet.flow.nodes).toEqual(DETAIL.document.nodes);
    expect(flow.sheet.layout.nodes).toEqual(PLACES);
    expect(flow.isLayoutChanged).toBe(false);
  });

  test("a node that was moved before the others are placed stays where it was moved to", () => {
    const flow = new OpenFlow(DETAIL, "1");
    flow.edit("move", (before) => withPlaces(before, { seen: { x: 9, y: 9 } }));
    flow.place(PLACES);
    expect(flow.sheet.layout.nodes).toEqual({ ...PLACES, seen: { x: 9, y: 9 } });
  });

  test("undoing a move that came before leaves every node at its place", () => {
    const flow = new OpenFlow(DETAIL, "1");
    flow.edit("move", (before) => withPlaces(before, { seen: { x: 9, y: 9 } }));
    flow.place(PLACES);
    flow.history.undo();
    expect(flow.sheet.layout.nodes).toEqual(PLACES);
    flow.history.redo();
    expect(flow.sheet.layout.nodes).toEqual({ ...PLACES, seen: { x: 9, y: 9 } });
  });

  test("a move that was undone before they are placed can be done again", () => {
    const flow = new OpenFlow(DETAIL, "1");
    flow.edit("move", (before) => withPlaces(before, { seen: { x: 9, y: 9 } }));
    flow.edit("move", (before) => withPlaces(before, { seen: { x: 8, y: 8 } }));
    flow.history.undo();
    flow.history.undo();
    flow.place(PLACES);
    expect(flow.sheet.layout.nodes).toEqual(PLACES);
    flow.history.redo();
    expect(flow.sheet.layout.nodes).toEqual({ ...PLACES, seen: { x: 9, y: 9 } });
    flow.history.redo();
    expect(flow.sheet.layout.nodes).toEqual({ ...PLACES, seen: { x: 8, y: 8 } });
  });

  test("places that a file brings meanwhile are what is saved", () => {
    const flow = new OpenFlow(DETAIL, "1");
    flow.reload({ ...DETAIL, revision: "2", layout: { flowengine: 1, nodes: { seen: { x: 7, y: 7 } } } } as never);
    flow.place(PLACES);
    expect(flow.sheet.layout.nodes).toEqual({ ...PLACES, seen: { x: 7, y: 7 } });
    expect(flow.isLayoutChanged).toBe(false);
  });
});

describe("a layout that was asked for", () => {
  const opened = (): OpenFlow => {
    const flow = new OpenFlow({ ...DETAIL, layout: { flowengine: 1, nodes: PLACES } }, "1");
    flow.edit("move", (before) => withPlaces(before, { seen: { x: 9, y: 9 } }));
    return flow;
  };
  const ARRANGED = { seen: { x: 100, y: 0 }, button: { x: 0, y: 0 } };

  test("is one edit", () => {
    const flow = opened();
    const before = flow.sheet;
    expect(flow.arrange("arrange", before, ARRANGED)).toBe(true);
    expect(flow.sheet.layout.nodes).toEqual(ARRANGED);
    flow.history.undo();
    expect(flow.sheet).toEqual(before);
  });

  test("is taken if only settings of a node changed meanwhile, and keeps them", () => {
    const flow = opened();
    const asked = flow.sheet;
    flow.edit("configure", (before) => withNodes(before, { button: BUTTON, seen: { ...SEEN, name: "Seen" } }));
    expect(flow.arrange("arrange", asked, ARRANGED)).toBe(true);
    expect(flow.sheet.flow.nodes?.["seen"]).toEqual({ ...SEEN, name: "Seen" });
  });

  test.each<[string, (flow: OpenFlow) => void]>([
    ["a move is undone", (flow) => flow.history.undo()],
    ["a node is moved", edit((before) => withPlaces(before, { button: { x: 5, y: 5 } }))],
    ["a node is removed", edit((before) => withNodes(before, { button: BUTTON }))],
    ["a node is added", edit((before) => withNodes(before, { button: BUTTON, seen: SEEN, other: SEEN }))],
    ["a wire is removed", edit((before) => withNodes(before, { button: { type: "inject" }, seen: SEEN }))],
    ["nodes are grouped", edit((before) => ({ ...before, flow: { ...before.flow, groups: { g: { nodes: ["seen"] } } } }))],
  ])("is dropped where %s meanwhile, and what was done stays", (_, act) => {
    const flow = opened();
    const asked = flow.sheet;
    act(flow);
    const { sheet } = flow;
    const { canUndo, canRedo } = flow.history;
    expect(flow.arrange("arrange", asked, ARRANGED)).toBe(false);
    expect(flow.sheet).toBe(sheet);
    expect([flow.history.canUndo, flow.history.canRedo]).toEqual([canUndo, canRedo]);
  });
});

function edit(change: (before: Sheet) => Sheet) {
  return (flow: OpenFlow): void => {
    flow.edit("edit", change);
  };
}
