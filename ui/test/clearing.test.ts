import { readdirSync, readFileSync } from "node:fs";

import type { ElkNode } from "elkjs/lib/elk-api.js";
import Elk from "elkjs/lib/elk.bundled.js";
import { expect, test } from "vitest";

import type { Flow, FlowNode, Place } from "../src/model/document.ts";
import { Draughtsman, type Drawing, type DrawnNode } from "../src/model/drawing.ts";
import { portTop } from "../src/model/geometry.ts";
import { laidOutBy, placesOf } from "../src/model/layout_graph.ts";

const SHIPPED = new URL("../../flows/", import.meta.url);
const shipped = readdirSync(SHIPPED).filter((name) => name.endsWith(".flow.json"));

function drawingOf(flow: Flow): Drawing {
  const around = { types: new Map(), subflows: new Map(), problems: [], saved: flow, ports: () => undefined };
  return new Draughtsman().draw({ flow, layout: { flowengine: 1 } }, around);
}

/** A flow like a tree, with wires that lead far ahead and some that lead back; the same for the same seed. */
function grown(size: number, ahead: number, back: number, seed: number): Flow {
  let state = seed;
  const below = (most: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * most);
  };
  const nodes = Array.from({ length: size }, (_, number): FlowNode & { wires: Record<string, string[]> } => {
    return { type: "change", name: "n".repeat(2 + below(20)) + String(number), wires: {} };
  });
  const wire = (from: number, to: number): void => {
    const wires = nodes[from]?.wires ?? {};
    const port = below(3) > 0 ? "out" : "other";
    wires[port] = [...new Set([...(wires[port] ?? []), `n${to}`])];
  };
  for (let number = 1; number < size; number++) {
    wire(Math.max(0, number - 1 - below(6)), number);
  }
  for (let count = 0; count < ahead + back; count++) {
    const [one, other] = [below(size), below(size)];
    if (one !== other) {
      wire(...((one < other) === count < ahead ? ([one, other] as const) : ([other, one] as const)));
    }
  }
  return { flowengine: 1, id: "grown", nodes: Object.fromEntries(nodes.map((node, number) => [`n${number}`, node])) };
}

function placed({ id, size }: DrawnNode, places: Record<string, Place>) {
  return { x: places[id]?.x ?? NaN, y: places[id]?.y ?? NaN, ...size };
}

/** Wires behind nodes that they do not belong to, by the curve that the canvas draws: looked at every few points of it. */
function hidden(drawing: Drawing, places: Record<string, Place>): string[] {
  const boxes = drawing.nodes.map((node) => ({ ...node, ...placed(node, places) }));
  const named = new Map(boxes.map((box) => [box.id, box]));
  return drawing.wires.flatMap(({ id, wire }) => {
    const [from, to] = [named.get(wire.from), named.get(wire.to.node)];
    if (from === undefined || to === undefined) {
      return [];
    }
    const [ax, bx] = [from.x + from.width + 5, to.x - 5];
    const ay = from.y + portTop(from.outputs.indexOf(wire.port), from.outputs.length, from.height);
    const by = to.y + portTop(to.inputs.indexOf(wire.to.port), to.inputs.length, to.height);
    const bow = bx >= ax ? (bx - ax) / 2 : 6.25 * Math.sqrt(ax - bx);
    const points = Array.from({ length: 401 }, (_, step) => {
      const [t, s] = [step / 400, 1 - step / 400];
      return {
        x: s ** 3 * ax + 3 * s * s * t * (ax + bow) + 3 * s * t * t * (bx - bow) + t ** 3 * bx,
        y: (s ** 3 + 3 * s * s * t) * ay + (3 * s * t * t + t ** 3) * by,
      };
    });
    return boxes
      .filter((box) => box !== from && box !== to)
      .filter(({ x, y, width, height }) => points.some((at) => at.x > x && at.x < x + width && at.y > y && at.y < y + height))
      .map((box) => `${id} behind ${box.id}`);
  });
}

function touching(drawing: Drawing, places: Record<string, Place>): string[] {
  const boxes = drawing.nodes.map((node) => ({ id: node.id, ...placed(node, places) }));
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter((other) => !(one.x >= other.x + other.width || other.x >= one.x + one.width || one.y >= other.y + other.height || other.y >= one.y + one.height))
      .map((other) => `${one.id} on ${other.id}`),
  );
}

async function laidOut(flow: Flow) {
  const drawing = drawingOf(flow);
  let before: Record<string, Place> = {};
  const layout = async (graph: ElkNode): Promise<ElkNode> => {
    const made = await new Elk().layout(graph);
    before = placesOf(made);
    return made;
  };
  const places = await laidOutBy({ layout }, drawing, flow.groups);
  expect(touching(drawing, places)).toEqual([]);
  return { before: hidden(drawing, before), after: hidden(drawing, places) };
}

test.each(shipped)("no wire of %s runs behind a node", async (name) => {
  const { after } = await laidOut(JSON.parse(readFileSync(new URL(name, SHIPPED), "utf8")) as Flow);
  expect(after).toEqual([]);
});

test.each([
  [8, 3, 1],
  [20, 8, 2],
  [40, 15, 3],
])("no wire runs behind a node in flows of %i nodes", async (size, ahead, back) => {
  const flows = [1, 2, 3, 4].map((seed) => laidOut(grown(size, ahead, back, seed)));
  const done = await Promise.all(flows);
  expect(done.flatMap(({ before }) => before)).not.toEqual([]);
  expect(done.flatMap(({ after }) => after)).toEqual([]);
});

test("of the wires in flows of many nodes, or of groups, few run behind one", async () => {
  const large = grown(80, 30, 5, 1);
  const groups = Object.fromEntries(
    Array.from({ length: 8 }, (_, number) => [`g${number}`, { nodes: Array.from({ length: 6 }, (__, index) => `n${number * 10 + index}`) }]),
  );
  for (const flow of [large, { ...large, groups }]) {
    const { before, after } = await laidOut(flow);
    expect(before.length).toBeGreaterThan(10);
    expect(after.length).toBeLessThanOrEqual(before.length / 5);
  }
});

test("a wire that leads back runs past the node between", async () => {
  const node = (to: string): FlowNode => ({ type: "change", wires: { out: [to] } });
  const { after } = await laidOut({ flowengine: 1, id: "loop", nodes: { a: node("b"), b: node("c"), c: node("a") } });
  expect(after).toEqual([]);
});
