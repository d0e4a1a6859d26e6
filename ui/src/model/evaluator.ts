/** What the fields of a form give on the last real message: the server evaluates, all fields in one question. */

import type { Evaluated, Evaluation } from "../api/schema.ts";
import { nodesOf, wiresOf, type Flow } from "./document.ts";
import type { Json } from "./json.ts";
import { Signal } from "./signal.ts";

export type ExpressionKind = "json-path" | "jsonata" | "jinja2" | "value";

export interface Expression {
  readonly kind: ExpressionKind;
  readonly content: Json;
}

/** The message that the results are about. */
export interface Arrival {
  readonly trace: string;
  readonly at: number;
  /** Where it came to: the node itself, or one that is sent the same messages. */
  readonly node: string;
}

export interface Question {
  readonly flow: string;
  readonly nodes: readonly string[];
  readonly expressions: readonly Expression[];
  readonly size: number;
}

/** The whole message, for those who look at it. */
const WHOLE: Expression = { kind: "json-path", content: "$" };
const SIZE = 2_000;

export class Evaluator {
  readonly changed = new Signal();
  /** Tells that a field wants something else. */
  readonly asked = new Signal();
  arrival: Arrival | null = null;
  message: Json = null;
  readonly #wanted = new Map<string, Expression>();
  #results = new Map<string, Evaluated>();
  #turn = 0;

  constructor(
    readonly flow: string,
    readonly nodes: readonly string[],
    readonly ask: (question: Question) => Promise<Evaluation>,
  ) {}

  /** Want the result of what a field holds, until the field is gone. */
  want(field: string, expression: Expression): void {
    this.#wanted.set(field, expression);
  }

  release(field: string): void {
    this.#wanted.delete(field);
    this.#results.delete(field);
  }

  result(field: string): Evaluated | undefined {
    return this.#results.get(field);
  }

  /** Ask for all results; an answer that a later question has overtaken is left. */
  async look(): Promise<void> {
    const turn = ++this.#turn;
    const fields = [...this.#wanted];
    const expressions = [WHOLE, ...fields.map(([, expression]) => expression)];
    const told = await this.ask({ flow: this.flow, nodes: this.nodes, expressions, size: SIZE });
    if (turn !== this.#turn) {
      return;
    }
    const { trace, at, node, results } = told;
    this.arrival = trace === null || at === null || node === null ? null : { trace, at, node };
    this.message = (results[0]?.value ?? null) as Json;
    this.#results = new Map(
      fields.flatMap(([field], index) => {
        const result = results[index + 1];
        return result === undefined ? [] : [[field, result] as const];
      }),
    );
    this.changed.tell();
  }
}

/** The node, and after it those that wires bring the same messages to. */
export function sentTheSame(flow: Flow, node: string): string[] {
  const wires = wiresOf(flow);
  const ports = new Set(wires.filter((wire) => wire.to.node === node).map((wire) => `${wire.from}.${wire.port}`));
  const others = wires.filter((wire) => ports.has(`${wire.from}.${wire.port}`)).map((wire) => wire.to.node);
  return [...new Set([node, ...others])].filter((one) => one in nodesOf(flow));
}
