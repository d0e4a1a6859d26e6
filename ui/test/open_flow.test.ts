import { expect, test } from "vitest";

import { withPlaces } from "../src/model/document.ts";
import { OpenFlow } from "../src/model/open_flow.ts";

const DETAIL = {
  id: "boiler",
  revision: "1",
  document: { flowengine: 1 as const, id: "boiler", nodes: { seen: { type: "debug" }, button: { type: "inject" } } },
  layout: null,
  problems: [],
};

test("an edit made before nodes are placed can be undone after it", () => {
  const flow = new OpenFlow(DETAIL, "1");
  flow.edit("delete", (before) => ({ ...before, flow: { ...before.flow, nodes: { button: { type: "inject" } } } }));
  flow.place(withPlaces(flow.sheet, { seen: { x: 1, y: 2 }, button: { x: 3, y: 4 } }).layout);
  flow.history.undo();
  expect(flow.sheet.flow.nodes).toEqual(DETAIL.document.nodes);
  expect(flow.sheet.layout.nodes?.["seen"]).toEqual({ x: 1, y: 2 });
  expect(flow.isLayoutChanged).toBe(false);
});

test("a node that was moved before the others are placed stays where it was moved to", () => {
  const flow = new OpenFlow(DETAIL, "1");
  flow.edit("move", (before) => withPlaces(before, { seen: { x: 9, y: 9 } }));
  flow.place(withPlaces(flow.sheet, { seen: { x: 1, y: 2 }, button: { x: 3, y: 4 } }).layout);
  expect(flow.sheet.layout.nodes).toEqual({ seen: { x: 9, y: 9 }, button: { x: 3, y: 4 } });
});
