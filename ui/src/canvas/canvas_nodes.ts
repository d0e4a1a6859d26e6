/** Nodes and wires as the canvas library takes them. */

import { Position, type Connection } from "@xyflow/react";

import type { Translate } from "../i18n/texts.tsx";
import type { Wire } from "../model/document.ts";
import type { DrawnNode, DrawnWire } from "../model/drawing.ts";
import { PORT, portTop } from "../model/geometry.ts";
import { INPUT, type CanvasNode } from "./NodeView.tsx";
import type { CanvasWire } from "./WireView.tsx";

/** Makes nodes anew only where something changed, so that only these are drawn again. */
export class NodeMaker {
  #kept = new Map<string, CanvasNode>();

  node(drawn: DrawnNode, selected: boolean, isFocused: boolean, label: string): CanvasNode {
    const old = this.#kept.get(drawn.id);
    if (
      old?.data.drawn === drawn &&
      old.selected === selected &&
      old.ariaLabel === label &&
      (old.domAttributes?.tabIndex === 0) === isFocused
    ) {
      return old;
    }
    const made = nodeOf(drawn, selected, isFocused, label);
    this.#kept.set(drawn.id, made);
    return made;
  }
}

function nodeOf(drawn: DrawnNode, selected: boolean, isFocused: boolean, label: string): CanvasNode {
  const { size, inputs, outputs } = drawn;
  return {
    id: drawn.id,
    type: "flow",
    position: { x: drawn.x, y: drawn.y },
    data: { drawn },
    selected,
    ariaLabel: label,
    ariaRole: "group",
    // One node at a time can be reached with Tab; arrow keys lead to the others.
    domAttributes: { tabIndex: isFocused ? 0 : -1 },
    width: size.width,
    height: size.height,
    measured: { width: size.width, height: size.height },
    // Said, so that wires can be drawn before anything is measured, and for nodes that are not on the screen.
    handles: [
      ...inputs.map((port, number) => ({
        id: `${INPUT}${port ?? ""}`,
        type: "target" as const,
        position: Position.Left,
        x: -PORT / 2,
        y: portTop(number, inputs.length, size.height) - PORT / 2,
        width: PORT,
        height: PORT,
      })),
      ...outputs.map((port, number) => ({
        id: port,
        type: "source" as const,
        position: Position.Right,
        x: size.width - PORT / 2,
        y: portTop(number, outputs.length, size.height) - PORT / 2,
        width: PORT,
        height: PORT,
      })),
    ],
  };
}

export function wireFor(drawn: DrawnWire, selected: boolean, t: Translate): CanvasWire {
  return {
    id: drawn.id,
    type: "wire",
    source: drawn.wire.from,
    sourceHandle: drawn.wire.port,
    target: drawn.wire.to.node,
    targetHandle: `${INPUT}${drawn.wire.to.port ?? ""}`,
    data: { drawn },
    selected,
    ariaLabel: t("wire.label", { from: drawn.wire.from, to: drawn.wire.to.node }),
    domAttributes: { "aria-roledescription": t("wire.title") },
  };
}

export function wireOf(connection: Connection | CanvasWire): Wire {
  const port = inputPort(connection.targetHandle);
  return { from: connection.source, port: connection.sourceHandle ?? "", to: { node: connection.target, port } };
}

/** The input that a handle stands for; `null` where a node has only one. */
export function inputPort(handle: string | null | undefined): string | null {
  const port = handle?.slice(INPUT.length) ?? "";
  return port === "" ? null : port;
}
