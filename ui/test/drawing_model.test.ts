import { expect, test } from "vitest";

import { freePlace } from "../src/model/arrange.ts";
import { copied, exported, flowFrom, pasted, read } from "../src/model/clipboard.ts";
import { cutBy, wireUnder } from "../src/model/crossing.ts";
import type { Flow, Sheet } from "../src/model/document.ts";
import { DraftStore } from "../src/model/draft_store.ts";
import type { Drawing, DrawnNode } from "../src/model/drawing.ts";
import { fitting } from "../src/model/fitting.ts";
import { framesOf, grouped, labelled, ungrouped, without } from "../src/model/groups.ts";
import { neighbour, reached } from "../src/model/reach.ts";
import { found, usesOf } from "../src/model/search.ts";
import { chordOf, KeyMap, shownChord } from "../src/model/shortcuts.ts";
import { portsOf, typeOf, withPorts } from "../src/model/subflows.ts";

const FLOW: Flow = {
  flowengine: 1,
  id: "boiler",
  name: "Boiler",
  nodes: {
    read: { type: "mqtt-in", config: { broker: "plant", topic: "boiler/temperature" }, wires: { out: ["scale"] } },
    scale: { type: "change", name: "To kelvin", wires: { out: ["seen"] } },
    seen: { type: "debug", disabled: true },
    alone: { type: "comment", config: { text: "ask Li" } },
  },
};
const SHEET: Sheet = { flow: FLOW, layout: { flowengine: 1 } };

function drawn(id: string, x: number, y: number): DrawnNode {
  const node = FLOW.nodes?.[id] ?? { type: "debug" };
  const size = { width: 100, height: 40 };
  const marks = { errors: 0, warnings: 0, isChanged: false };
  return { id, node, type: undefined, title: id, x, y, size, inputs: [null], outputs: ["out"], ...marks };
}

const DRAWING: Drawing = {
  nodes: [drawn("read", 0, 0), drawn("scale", 300, 0), drawn("seen", 600, 0), drawn("alone", 300, 200)],
  wires: [
    { id: "read.out>scale", wire: { from: "read", port: "out", to: { node: "scale", port: null } } },
    { id: "scale.out>seen", wire: { from: "scale", port: "out", to: { node: "seen", port: null } } },
  ],
};

class Shelf extends Map<string, string> {
  get length(): number {
    return this.size;
  }
  key(index: number): string | null {
    return [...this.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.set(key, value);
  }
  removeItem(key: string): void {
    this.delete(key);
  }
}

const stroke = (key: string, held: string[] = []) => ({
  key,
  ctrlKey: held.includes("ctrl"),
  metaKey: held.includes("meta"),
  shiftKey: held.includes("shift"),
  altKey: held.includes("alt"),
});

test("a chord has one spelling, on every keyboard", () => {
  expect(chordOf(stroke("k", ["ctrl"]))).toBe("Mod+K");
  expect(chordOf(stroke("K", ["meta", "shift"]))).toBe("Mod+Shift+K");
  expect(chordOf(stroke("?", ["shift"]))).toBe("?");
  expect(chordOf(stroke(" "))).toBe("Space");
  expect(chordOf(stroke("Shift", ["shift"]))).toBeNull();
  expect(shownChord("Mod++", false)).toBe("Ctrl++");
  expect(shownChord("Mod+Shift+ArrowLeft", true)).toBe("⌘ Shift ←");
});

test("keys that were changed are kept, and can be given back", () => {
  const shelf = new Shelf();
  const defaults = new Map([["copy", ["Mod+C"]], ["cut", ["Mod+X"]]]);
  new KeyMap(defaults, shelf).choose("copy", ["Mod+X"]);
  const later = new KeyMap(defaults, shelf);
  expect(later.meaning("Mod+X")).toEqual(["copy", "cut"]);
  later.reset("copy");
  expect(new KeyMap(defaults, shelf).keysOf("copy")).toEqual(["Mod+C"]);
});

test("keys that are kept in a broken way are as they came", () => {
  const shelf = new Shelf([["flowengine.keys", "{"]]);
  expect(new KeyMap(new Map([["copy", ["Mod+C"]]]), shelf).keysOf("copy")).toEqual(["Mod+C"]);
});

test("nodes are reached up, down and both ways", () => {
  expect(reached(FLOW, new Set(["scale"]), "upstream")).toEqual(new Set(["scale", "read"]));
  expect(reached(FLOW, new Set(["scale"]), "downstream")).toEqual(new Set(["scale", "seen"]));
  expect(reached(FLOW, new Set(["seen"]), "both")).toEqual(new Set(["read", "scale", "seen"]));
});

test("reaching ends in a circle", () => {
  const flow: Flow = { flowengine: 1, id: "c", nodes: { a: { type: "x", wires: { out: ["b"] } }, b: { type: "x", wires: { out: ["a"] } } } };
  expect(reached(flow, new Set(["a"]), "downstream")).toEqual(new Set(["a", "b"]));
});

test("arrows follow wires, and else the eye", () => {
  expect(neighbour(DRAWING, "read", "right")).toBe("scale");
  expect(neighbour(DRAWING, "scale", "left")).toBe("read");
  expect(neighbour(DRAWING, "scale", "down")).toBe("alone");
  expect(neighbour(DRAWING, "read", "left")).toBeNull();
  expect(neighbour(DRAWING, "", "right")).toBe("read");
});

test("a line cuts the wires that it crosses, and no others", () => {
  expect(cutBy(DRAWING, { x: 200, y: -50 }, { x: 200, y: 90 }).map((wire) => wire.id)).toEqual(["read.out>scale"]);
  expect(cutBy(DRAWING, { x: 200, y: 40 }, { x: 200, y: 90 })).toEqual([]);
});

test("a node lies on the wire below its middle, never on its own", () => {
  const box = { x: 450, y: 5, width: 100, height: 40 };
  expect(wireUnder(DRAWING, box, null)?.id).toBe("scale.out>seen");
  expect(wireUnder(DRAWING, box, "seen")).toBeNull();
  expect(wireUnder(DRAWING, { ...box, y: 100 }, null)).toBeNull();
});

test("a group frames its nodes, and goes with the last of them", () => {
  const { sheet, id } = grouped(SHEET, new Set(["read", "scale"]), "Reading");
  const boxes = new Map(DRAWING.nodes.map((node) => [node.id, { x: node.x, y: node.y, ...node.size }]));
  const [frame] = framesOf(sheet, boxes);
  expect(frame).toMatchObject({ id, name: "Reading", x: -20, width: 440 });
  const named = labelled(sheet, id, "Values", "#14828c", { x: 0, y: 0, width: 10, height: 10 });
  expect(framesOf(named, boxes)[0]).toMatchObject({ name: "Values", colour: "#14828c" });
  expect(ungrouped(named, [id])).toEqual(SHEET);
  expect(without(named, new Set(["read", "scale"])).flow.groups).toBeUndefined();
});

test("a node is in one group at most", () => {
  const first = grouped(SHEET, new Set(["read", "scale"]), "");
  const second = grouped(first.sheet, new Set(["scale"]), "");
  expect(second.sheet.flow.groups).toEqual({ [first.id]: { nodes: ["read"] }, [second.id]: { nodes: ["scale"] } });
});

test("a search finds names, types, ids and settings, and obeys filters", () => {
  const ids = (text: string): string[] => found([FLOW], text).map((hit) => hit.node);
  expect(ids("kelvin")).toEqual(["scale"]);
  expect(ids("temperature")).toEqual(["read"]);
  expect(ids("type:mqtt-in")).toEqual(["read"]);
  expect(ids("is:disabled")).toEqual(["seen"]);
  expect(ids("uses:plant")).toEqual(["read"]);
  expect(ids("uses:plan")).toEqual([]);
  expect(ids("kelvin flow:other")).toEqual([]);
  expect(ids("  ")).toEqual([]);
  expect(found([FLOW], "temperature")[0]?.excerpt).toContain("temperature");
});

test("drafts come back as they were kept, and broken ones do not", () => {
  const shelf = new Shelf();
  const drafts = new DraftStore(shelf, () => 5);
  drafts.keep("boiler", SHEET, "r1");
  expect(drafts.get("boiler")).toEqual({ sheet: SHEET, base: "r1", at: 5 });
  expect(drafts.ids()).toEqual(["boiler"]);
  shelf.setItem("flowengine.draft.boiler", "{");
  expect(drafts.get("boiler")).toBeNull();
  drafts.discard("boiler");
  expect(drafts.ids()).toEqual([]);
});

test("a draft that has no room is not kept, and nothing breaks", () => {
  const full = new Shelf();
  full.setItem = () => {
    throw new Error("full");
  };
  expect(new DraftStore(full, () => 0).keep("boiler", SHEET, null)).toBe(false);
});

test("a subflow is a node type with its ports; ports can be taken away again", () => {
  const port = { name: "in", description: "degrees", ends: ["scale"] };
  const flow = withPorts(FLOW, [port], [{ name: "out", description: "", ends: ["scale"] }]);
  expect(typeOf(flow)).toMatchObject({ name: "subflow:boiler", label: "Boiler", has_input: true });
  expect(portsOf(flow).inputs).toEqual([port]);
  expect(withPorts(flow, [], [])).toEqual(FLOW);
});

test("types that fit a wire's end are offered, the best first", () => {
  const plain = typeOf({ flowengine: 1, id: "x" });
  const source = { ...plain, name: "mqtt-in", label: "mqtt in", ports: [{ name: "out", description: "" }] };
  const sink = { ...plain, name: "debug", label: "debug", has_input: true, summary: "mqtt is not here" };
  const both = { ...source, name: "change", label: "change", has_input: true };
  const names = (wanting: "input" | "output" | "splice"): string[] => fitting([source, sink, both], "", wanting).map((type) => type.name);
  expect(names("input")).toEqual(["debug", "change"]);
  expect(names("output")).toEqual(["mqtt-in", "change"]);
  expect(names("splice")).toEqual(["change"]);
  expect(fitting([sink, source], "mqtt").map((type) => type.name)).toEqual(["mqtt-in", "debug"]);
});

test("a whole flow is told from a clip of nodes", () => {
  expect(flowFrom(JSON.stringify({ ...FLOW, layout: { read: { x: 1, y: 2 } } }))).toEqual({
    flow: FLOW,
    layout: { flowengine: 1, nodes: { read: { x: 1, y: 2 } } },
  });
  expect(flowFrom(copied(SHEET, new Set(["read"])))).toBeNull();
});

test("a node is put beside one that stands in its place", () => {
  expect(freePlace([{ x: 0, y: 0 }], { x: 3, y: 4 })).toEqual({ x: 20, y: 50 });
  expect(freePlace([], { x: 3, y: 4 })).toEqual({ x: 0, y: 0 });
});

test("groups that are chosen as a whole are copied with their nodes and colours", () => {
  const { sheet, id } = grouped(SHEET, new Set(["read", "scale"]), "Reading");
  const box = { x: 0, y: 0, width: 400, height: 100 };
  const coloured = labelled(sheet, id, "Reading", "#123456", box);
  const clip = read(copied(coloured, new Set(["read", "scale", "seen"])));
  expect(clip).not.toBeNull();
  if (clip !== null) {
    const put = pasted(coloured, clip, { x: 40, y: 40 });
    expect(put.sheet.flow.groups?.["group-2"]).toEqual({ name: "Reading", nodes: ["read-2", "scale-2"] });
    expect(put.sheet.layout.groups?.["group-2"]).toEqual({ ...box, x: 40, y: 40, colour: "#123456" });
  }
  expect(read(copied(coloured, new Set(["read", "seen"])))?.groups).toEqual({});
  expect(flowFrom(exported(coloured))?.layout.groups?.[id]?.colour).toBe("#123456");
});

test("what refers to a name is found, also where it has blanks", () => {
  const flow: Flow = { flowengine: 1, id: "a", nodes: { out: { type: "link-out", config: { to: "hot water" } } } };
  expect(found([flow, FLOW], usesOf("hot water")).map((hit) => hit.node)).toEqual(["out"]);
  expect(found([flow, FLOW], usesOf("plant")).map((hit) => hit.node)).toEqual(["read"]);
});
