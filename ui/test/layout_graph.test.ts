import Elk from "elkjs/lib/elk.bundled.js";
import { expect, test } from "vitest";

import type { Flow, Place } from "../src/model/document.ts";
import type { Drawing } from "../src/model/drawing.ts";
import type { Size } from "../src/model/geometry.ts";
import { framesOf } from "../src/model/groups.ts";
import { laidOutBy } from "../src/model/layout_graph.ts";

const SIZE = { width: 120, height: 40 };
type Box = Place & Size;

/** A drawing of nodes that wires such as "a>b" join. */
function drawingOf(ids: string, wires: string): Drawing {
  return {
    nodes: ids.split(" ").map((id) => {
      const marks = { errors: 0, warnings: 0, isChanged: false };
      return { id, node: { type: "debug" }, type: undefined, title: id, x: 0, y: 0, size: SIZE, inputs: [null], outputs: ["out"], ...marks };
    }),
    wires: wires.split(" ").map((id) => {
      const [from = "", to = ""] = id.split(">");
      return { id, wire: { from, port: "out", to: { node: to, port: null } } };
    }),
  };
}

async function laidOut(drawing: Drawing, groups: Flow["groups"]) {
  const places = await laidOutBy(new Elk(), drawing, groups);
  const boxes = new Map(Object.entries(places).map(([id, place]) => [id, { ...place, ...SIZE }]));
  const flow = { flowengine: 1 as const, id: "f", nodes: {}, groups: groups ?? {} };
  return { boxes, frames: framesOf({ flow, layout: { flowengine: 1 } }, boxes) };
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
  );
}

function overlapping(boxes: readonly Box[]): boolean {
  return boxes.some((one, index) => boxes.slice(index + 1).some((other) => overlap(one, other)));
}

test("a flow without groups is laid out from left to right", async () => {
  const { boxes } = await laidOut(drawingOf("a b c alone", "a>b b>c"), undefined);
  expect([...boxes.keys()].sort()).toEqual(["a", "alone", "b", "c"]);
  const across = ["a", "b", "c"].map((id) => boxes.get(id)?.x ?? NaN);
  expect(across).toEqual([...across].sort((one, other) => one - other));
  expect(overlapping([...boxes.values()])).toBe(false);
});

test.each([
  ["one group beside strangers", "a b c d e", "a>b b>c a>d d>e", { g: { nodes: ["b", "d"] } }],
  ["a group that wires leave and come back to", "a b c", "a>b b>c", { g: { nodes: ["a", "c"] } }],
  ["two groups whose nodes follow each other in turns", "a b c d e f", "a>b b>c c>d d>a e>f", { g: { nodes: ["a", "c"] }, h: { nodes: ["b", "d"] } }],
  ["a group of nodes without wires between them", "a b c d", "a>b c>d", { g: { name: "Ends", nodes: ["b", "d"] } }],
])("nodes of a group stay together, and nothing else is in its frame: %s", async (_, ids, wires, groups) => {
  const { boxes, frames } = await laidOut(drawingOf(ids, wires), groups);
  expect([...boxes.keys()].sort()).toEqual(ids.split(" "));
  expect(overlapping([...boxes.values()])).toBe(false);
  expect(overlapping(frames)).toBe(false);
  for (const frame of frames) {
    const strangers = [...boxes].filter(([id]) => !frame.nodes.includes(id));
    expect(strangers.filter(([, box]) => overlap(box, frame)).map(([id]) => id)).toEqual([]);
  }
});

test("a group may be empty, name what is not there, or share a node", async () => {
  const groups = { g: { nodes: ["a", "gone"] }, h: { nodes: ["a", "b"] }, none: {} };
  const { boxes } = await laidOut(drawingOf("a b c", "a>b b>c"), groups);
  expect([...boxes.keys()].sort()).toEqual(["a", "b", "c"]);
  expect(overlapping([...boxes.values()])).toBe(false);
});

test("a large flow of many groups is laid out too", async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `n${index}`);
  const wires = ids.slice(1).map((id, index) => `${ids[Math.floor(index * 0.7)] ?? ""}>${id}`);
  const groups = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`g${index}`, { nodes: ids.slice(index * 10, index * 10 + 8) }]),
  );
  const { frames } = await laidOut(drawingOf(ids.join(" "), wires.join(" ")), groups);
  expect(overlapping(frames)).toBe(false);
});
