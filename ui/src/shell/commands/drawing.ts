/** Commands on where things stand, and on what of them is seen. */

import { laidOut } from "../../canvas/elk.ts";
import type { TextKey } from "../../i18n/en.ts";
import { aligned, distributed, snapped, type Direction, type Placed, type Side } from "../../model/arrange.ts";
import { withPlaces, type Place } from "../../model/document.ts";
import { GRID } from "../../model/geometry.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import { neighbour, type Heading } from "../../model/reach.ts";
import * as actions from "../actions.ts";
import { onFlow, type Command, type FlowSurroundings } from "./command.ts";

const FAR = 5;

function chosen({ flow, drawing }: FlowSurroundings): Placed {
  const nodes = drawing.nodes.filter((node) => flow.selection.has(node.id));
  return new Map(nodes.map((node) => [node.id, { x: node.x, y: node.y, ...node.size }]));
}

function put({ flow, t }: FlowSurroundings, places: Record<string, Place>): void {
  flow.edit(t("edit.arrange"), (sheet) => withPlaces(sheet, places));
}

const beingLaidOut = new WeakSet<OpenFlow>();

/** Lay a flow out; what comes of it is taken only for the flow that it was asked for. */
async function arrange({ state, desk, flow, drawing, t }: FlowSurroundings): Promise<void> {
  if (beingLaidOut.has(flow)) {
    return;
  }
  const asked = flow.sheet;
  beingLaidOut.add(flow);
  try {
    const isTaken = flow.arrange(t("edit.arrange"), asked, await laidOut(drawing, asked.flow.groups));
    desk.say(isTaken ? "" : t("arrange.late"));
    if (isTaken && state.project.current === flow) {
      desk.canvas?.fit();
    }
  } finally {
    beingLaidOut.delete(flow);
  }
}

const atLeast =
  (count: number) =>
  ({ flow }: FlowSurroundings): boolean =>
    flow.selection.size >= count;

function align(side: Side, text: TextKey): Command {
  return onFlow(
    "arrange",
    { id: `align-${side}`, text },
    (around) => {
      put(around, aligned(chosen(around), side));
    },
    atLeast(2),
  );
}

function distribute(direction: Direction, text: TextKey): Command {
  return onFlow(
    "arrange",
    { id: `distribute-${direction}`, text },
    (around) => {
      put(around, distributed(chosen(around), direction));
    },
    atLeast(3),
  );
}

const STEPS: Record<Heading, Place> = {
  left: { x: -GRID, y: 0 },
  right: { x: GRID, y: 0 },
  up: { x: 0, y: -GRID },
  down: { x: 0, y: GRID },
};

function nudging(heading: Heading, key: string, text: TextKey, farText: TextKey): Command[] {
  const step = STEPS[heading];
  return [
    onFlow(
      "arrange",
      { id: `nudge-${heading}`, text, keys: [key], where: "canvas" },
      ({ flow, t }) => {
        actions.nudge(flow, step, t);
      },
      atLeast(1),
    ),
    onFlow(
      "arrange",
      { id: `nudge-far-${heading}`, text: farText, keys: [`Shift+${key}`], where: "canvas" },
      ({ flow, t }) => {
        actions.nudge(flow, { x: step.x * FAR, y: step.y * FAR }, t);
      },
      atLeast(1),
    ),
  ];
}

/** Go to another node: with the arrows alone while nothing is chosen, for then there is nothing they could move. */
function going(heading: Heading, key: string, text: TextKey): Command {
  return onFlow(
    "choose",
    { id: `go-${heading}`, text, keys: [`Alt+${key}`, key], where: "canvas" },
    ({ flow, drawing, desk }) => {
      const from = desk.canvas?.focused() ?? [...flow.selection][0] ?? "";
      const next = neighbour(drawing, from, heading);
      if (next !== null) {
        desk.canvas?.focus(next);
        if (flow.selection.size > 0) {
          flow.select(new Set([next]));
        }
      }
    },
  );
}

export const DRAWING: readonly Command[] = [
  ...nudging("left", "ArrowLeft", "command.nudgeLeft", "command.nudgeFarLeft"),
  ...nudging("right", "ArrowRight", "command.nudgeRight", "command.nudgeFarRight"),
  ...nudging("up", "ArrowUp", "command.nudgeUp", "command.nudgeFarUp"),
  ...nudging("down", "ArrowDown", "command.nudgeDown", "command.nudgeFarDown"),
  going("left", "ArrowLeft", "command.goLeft"),
  going("right", "ArrowRight", "command.goRight"),
  going("up", "ArrowUp", "command.goUp"),
  going("down", "ArrowDown", "command.goDown"),
  onFlow("arrange", { id: "arrange", text: "command.arrange", keys: ["Mod+Shift+L"] }, (around) => {
    void arrange(around);
  }),
  onFlow(
    "arrange",
    { id: "snap", text: "command.snap" },
    (around) => {
      const nodes = [...chosen(around)];
      put(around, Object.fromEntries(nodes.map(([id, { x, y }]) => [id, { x: snapped(x), y: snapped(y) }])));
    },
    atLeast(1),
  ),
  align("left", "command.alignLeft"),
  align("centre", "command.alignCentre"),
  align("right", "command.alignRight"),
  align("top", "command.alignTop"),
  align("middle", "command.alignMiddle"),
  align("bottom", "command.alignBottom"),
  distribute("across", "command.distributeAcross"),
  distribute("down", "command.distributeDown"),
  onFlow("view", { id: "zoom-in", text: "command.zoomIn", keys: ["+", "="] }, ({ desk }) => {
    desk.canvas?.zoomIn();
  }),
  onFlow("view", { id: "zoom-out", text: "command.zoomOut", keys: ["-"] }, ({ desk }) => {
    desk.canvas?.zoomOut();
  }),
  onFlow("view", { id: "zoom-one", text: "command.zoomOne", keys: ["0"] }, ({ desk }) => {
    desk.canvas?.zoomToOne();
  }),
  onFlow("view", { id: "fit", text: "command.fit", keys: ["1"] }, ({ desk }) => {
    desk.canvas?.fit();
  }),
  onFlow(
    "view",
    { id: "fit-chosen", text: "command.fitChosen", keys: ["2"] },
    ({ desk, flow }) => {
      desk.canvas?.fit(flow.selection);
    },
    atLeast(1),
  ),
  onFlow("view", { id: "map", text: "command.map", keys: ["M"] }, ({ desk }) => {
    desk.toggleMap();
  }),
];
