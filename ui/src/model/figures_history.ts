/** How the counters of a flow and its nodes went on over the last minutes, for small charts. */

import { Signal } from "./signal.ts";

export interface Counters {
  readonly flow: string;
  readonly at: number;
  readonly account: Readonly<Record<string, unknown>>;
  readonly nodes: Readonly<Record<string, readonly [number, number, number]>>;
  /** How much each port has sent, by `node.port`. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** One moment: a second's rates, and what waited then. */
export interface Sample {
  readonly at: number;
  readonly received: number;
  readonly errors: number;
  readonly waiting: number;
}

interface Line {
  at: number;
  received: number;
  errors: number;
  waiting: number;
  samples: Sample[];
}

/** The line of the flow as a whole. */
export const WHOLE = "";

export class FiguresHistory {
  readonly changed = new Signal();
  readonly #lines = new Map<string, Line>();
  #newest = 0;

  /** @param seconds How far back samples are kept. */
  constructor(readonly seconds = 300) {}

  /** The end of the time that is shown: when the engine last told anything. */
  get newest(): number {
    return this.#newest;
  }

  take(told: Counters): void {
    this.#newest = told.at;
    const { received, failed } = told.account;
    const inFlight = Number(told.account["in_flight"] ?? 0);
    this.#add(told.flow, WHOLE, told.at, Number(received ?? 0), Number(failed ?? 0), inFlight);
    for (const [node, [count, errors, waiting]] of Object.entries(told.nodes)) {
      this.#add(told.flow, node, told.at, count, errors, waiting);
    }
    for (const [port, sent] of Object.entries(told.ports ?? {})) {
      this.#add(told.flow, portLine(port), told.at, sent, 0, 0);
    }
    this.changed.tell();
  }

  /** The samples of a node, of a port, or of the flow as a whole; where nothing was told, nothing happened. */
  samples(flow: string, node: string): readonly Sample[] {
    return this.#lines.get(key(flow, node))?.samples ?? [];
  }

  #add(flow: string, node: string, at: number, received: number, errors: number, waiting: number): void {
    const id = key(flow, node);
    const line = this.#lines.get(id);
    if (line === undefined || received < line.received || errors < line.errors) {
      // The first that is known of it, or it was started anew.
      this.#lines.set(id, { at, received, errors, waiting, samples: line?.samples ?? [] });
      return;
    }
    const gap = at - line.at;
    if (gap <= 0) {
      return;
    }
    if (gap > QUIET) {
      // Counters are told when they change: all the time before the last second was quiet.
      const still = { received: 0, errors: 0, waiting: line.waiting };
      line.samples.push({ at: line.at + 1, ...still }, { at: at - 1, ...still });
    }
    const seconds = gap > QUIET ? 1 : gap;
    line.samples.push({
      at,
      received: (received - line.received) / seconds,
      errors: (errors - line.errors) / seconds,
      waiting,
    });
    Object.assign(line, { at, received, errors, waiting });
    const oldest = at - this.seconds;
    const cut = line.samples.findIndex((sample) => sample.at >= oldest);
    if (cut > 0) {
      line.samples = line.samples.slice(cut);
    }
  }
}

const QUIET = 2.5;

/** The line of what a port sends; no id of a node is so. */
export function portLine(port: string): string {
  return `>${port}`;
}

function key(flow: string, node: string): string {
  return `${flow} ${node}`;
}

/** Points of a line as SVG writes them, in a box. */
export function linePath(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  box: { readonly width: number; readonly height: number; readonly from: number; readonly to: number; readonly most: number },
): string {
  const across = (at: number): number => ((at - box.from) / Math.max(box.to - box.from, 1e-9)) * box.width;
  const up = (number: number): number => box.height - (number / Math.max(box.most, 1e-9)) * box.height;
  const last = samples.at(-1);
  const points = samples.map((sample): [number, number] => [across(sample.at), up(value(sample))]);
  if (last !== undefined && box.to - last.at > QUIET) {
    // What was not told of since did not happen.
    points.push([across(last.at + 1), up(0)], [box.width, up(0)]);
  }
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}
