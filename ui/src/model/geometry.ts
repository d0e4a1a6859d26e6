/** How large nodes are and where their ports sit: reckoned, so that nothing has to be measured on the page. */

import type { NodeTypeDetail, Port } from "../api/schema.ts";
import { nodesOf, wiresOf, type Flow, type FlowNode } from "./document.ts";

export const GRID = 10;
export const PORT_STEP = 20;
/** How wide a port is; half of it lies outside its node, and wires end there. */
export const PORT = 10;
const LEAST_HEIGHT = 40;
const LEAST_WIDTH = 100;
const MOST_WIDTH = 260;
const CHARACTER = 7.2;
/** Icon, padding and the room for a count. */
const BESIDE_TEXT = 64;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is written on a node. */
export function titleOf(id: string, node: FlowNode): string {
  return node.name !== undefined && node.name !== "" ? node.name : id;
}

export function sizeOf(title: string, ports: number): Size {
  const width = Math.ceil((title.length * CHARACTER + BESIDE_TEXT) / GRID) * GRID;
  const height = Math.max(LEAST_HEIGHT, Math.ceil((ports * PORT_STEP) / GRID) * GRID);
  return { width: Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH), height };
}

const COMMENT_WIDTH = 240;
const COMMENT_CHARACTERS = 36;
const COMMENT_LINE = 17;
const COMMENT_LINES = 12;
export const COMMENT = "comment";

/** The size of a comment: room for its words, as far as that is not too much. */
export function commentSize(node: FlowNode): Size {
  const text = node.config?.["text"];
  const written = typeof text === "string" && text !== "" ? text.split("\n") : [];
  const lines = written.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / COMMENT_CHARACTERS)), 0);
  const shown = Math.min(lines + (node.name !== undefined || lines === 0 ? 1 : 0), COMMENT_LINES);
  return { width: COMMENT_WIDTH, height: Math.ceil((shown * COMMENT_LINE + 18) / GRID) * GRID };
}

/** Height at which the port with this number sits, of so many, on a node of some height. */
export function portTop(number: number, of: number, height: number): number {
  return height / 2 + (number - (of - 1) / 2) * PORT_STEP;
}

/**
 * The ports that messages leave a node by.
 *
 * @param known Ports of this configuration as the server told them; `undefined` while it was not asked.
 */
export function outputsOf(
  type: NodeTypeDetail | undefined,
  node: FlowNode,
  subflow: Flow | undefined,
  known: readonly Port[] | undefined,
): string[] {
  const wired = Object.keys(node.wires ?? {});
  const named =
    subflow !== undefined
      ? Object.keys(subflow.outputs ?? {})
      : (known ?? type?.ports ?? []).map((port) => port.name);
  // A wire is drawn even from a port that no longer exists: lint says what is wrong with it.
  return [...new Set([...named, ...wired])];
}

/** The ports by which messages enter: one without a name, or those of a subflow. */
export function inputsOf(id: string, flow: Flow, type: NodeTypeDetail | undefined, subflow: Flow | undefined): (string | null)[] {
  if (subflow !== undefined) {
    const names = Object.keys(subflow.inputs ?? {});
    return names.length > 1 ? names : names.length === 1 ? [null] : [];
  }
  const isFed = type === undefined && wiresOf(flow).some((wire) => wire.to.node === id);
  return type?.has_input === true || isFed || (type === undefined && id in nodesOf(flow)) ? [null] : [];
}
