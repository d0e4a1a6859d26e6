/** What is drawn of a flow: nodes with sizes, ports and marks, and wires; made anew only where something changed. */

import type { NodeTypeDetail, Port, Problem } from "../api/schema.ts";
import { nodesOf, wireId, wiresOf, type Flow, type FlowNode, type Sheet, type Wire } from "./document.ts";
import { sameJson, type Json } from "./json.ts";
import { COMMENT, commentSize, inputsOf, outputsOf, sizeOf, titleOf, type Size } from "./geometry.ts";

export interface DrawnNode {
  readonly id: string;
  readonly node: FlowNode;
  readonly type: NodeTypeDetail | undefined;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly size: Size;
  readonly inputs: readonly (string | null)[];
  readonly outputs: readonly string[];
  readonly errors: number;
  readonly warnings: number;
  readonly isChanged: boolean;
}

export interface DrawnWire {
  readonly id: string;
  readonly wire: Wire;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly wires: readonly DrawnWire[];
}

export interface Surroundings {
  readonly types: ReadonlyMap<string, NodeTypeDetail>;
  /** Subflows by the node type that they are. */
  readonly subflows: ReadonlyMap<string, Flow>;
  readonly problems: readonly Problem[];
  readonly saved: Flow;
  ports(type: string, node: FlowNode): readonly Port[] | undefined;
}

/** Keeps what it has drawn, so that a node that did not change is the same object as before. */
export class Draughtsman {
  #nodes = new Map<string, DrawnNode>();
  #wires = new Map<string, DrawnWire>();

  draw(sheet: Sheet, around: Surroundings): Drawing {
    const counted = countedProblems(around.problems);
    const before = nodesOf(around.saved);
    const nodes = Object.entries(nodesOf(sheet.flow)).map(([id, node]) => {
      const type = around.types.get(node.type);
      const subflow = around.subflows.get(node.type);
      const outputs = outputsOf(type, node, subflow, around.ports(node.type, node));
      const inputs = inputsOf(id, sheet.flow, type, subflow);
      const place = sheet.layout.nodes?.[id];
      const title = titleOf(id, node);
      const problems = counted.get(id) ?? { errors: 0, warnings: 0 };
      return this.#kept(this.#nodes, id, {
        id,
        node,
        type,
        title,
        x: place?.x ?? 0,
        y: place?.y ?? 0,
        size: node.type === COMMENT ? commentSize(node) : sizeOf(title, Math.max(outputs.length, inputs.length)),
        inputs,
        outputs,
        ...problems,
        isChanged: !sameJson(before[id] as Json | undefined, node as unknown as Json),
      });
    });
    const wires = wiresOf(sheet.flow)
      .filter((wire) => wire.to.node in nodesOf(sheet.flow))
      .map((wire) => {
        const id = wireId(wire);
        const known = this.#wires.get(id);
        const drawn = known ?? { id, wire };
        this.#wires.set(id, drawn);
        return drawn;
      });
    return { nodes, wires };
  }

  #kept(known: Map<string, DrawnNode>, id: string, made: DrawnNode): DrawnNode {
    const old = known.get(id);
    const drawn = old !== undefined && sameDrawing(old, made) ? old : made;
    known.set(id, drawn);
    return drawn;
  }
}

function sameDrawing(one: DrawnNode, other: DrawnNode): boolean {
  return (
    one.node === other.node &&
    one.type === other.type &&
    one.x === other.x &&
    one.y === other.y &&
    one.errors === other.errors &&
    one.warnings === other.warnings &&
    one.isChanged === other.isChanged &&
    one.size.width === other.size.width &&
    one.size.height === other.size.height &&
    sameList(one.inputs, other.inputs) &&
    sameList(one.outputs, other.outputs)
  );
}

function sameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function countedProblems(problems: readonly Problem[]): Map<string, { errors: number; warnings: number }> {
  const counted = new Map<string, { errors: number; warnings: number }>();
  for (const problem of problems) {
    if (problem.node != null) {
      const count = counted.get(problem.node) ?? { errors: 0, warnings: 0 };
      count[problem.severity === "warning" ? "warnings" : "errors"]++;
      counted.set(problem.node, count);
    }
  }
  return counted;
}
