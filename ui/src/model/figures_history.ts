/** How the counters of a flow and its nodes went on over the last minutes: for small charts, and for rates. */

import { Signal } from "./signal.ts";

export interface Counters {
  readonly flow: string;
  readonly at: number;
  readonly account: Readonly<Record<string, unknown>>;
  readonly nodes: Readonly<Record<string, readonly [number, number, number]>>;
  /** How much each port has sent, by `node.port`. */
  readonly ports: Readonly<Record<string, number>>;
}

/** One moment: a second's rates, and what waited then. */
export interface Sample {
  readonly at: number;
  readonly received: number;
  readonly errors: number;
  readonly waiting: number;
}

/** How something stands now: its rate, all its errors, what waits. */
export interface Standing {
  readonly rate: number;
  readonly errors: number;
  readonly waiting: number;
}

interface Line {
  at: number;
  received: number;
  errors: number;
  waiting: number;
  /** Whether nobody looked for a while since it was told. */
  isCut: boolean;
  samples: Sample[];
}

/** The line of the flow as a whole. */
export const WHOLE = "";

/** Seconds after which nothing told means that nothing happened: the engine tells each second what changed. */
export const QUIET = 2.5;

export class FiguresHistory {
  readonly changed = new Signal();
  readonly #lines = new Map<string, Line>();
  /** When each flow was last told of, by the engine's clock. */
  readonly #told = new Map<string, number>();
  /** Seconds that the engine's clock is ahead of ours. */
  #ahead = 0;

  /**
   * @param clock The time in seconds.
   * @param seconds How far back samples are shown.
   */
  constructor(
    readonly clock: () => number,
    readonly seconds = 300,
  ) {}

  /** The end of the time that is shown: now, by the engine's clock. */
  get now(): number {
    return this.clock() + this.#ahead;
  }

  take(told: Counters): void {
    this.#ahead = told.at - this.clock();
    this.#told.set(told.flow, told.at);
    const { received, failed } = told.account;
    const inFlight = Number(told.account["in_flight"] ?? 0);
    this.#add(told.flow, WHOLE, told.at, Number(received ?? 0), Number(failed ?? 0), inFlight);
    for (const [node, [count, errors, waiting]] of Object.entries(told.nodes)) {
      this.#add(told.flow, node, told.at, count, errors, waiting);
    }
    for (const [port, sent] of Object.entries(told.ports)) {
      this.#add(told.flow, portLine(port), told.at, sent, 0, 0);
    }
    this.changed.tell();
  }

  /** Nobody looks from now on until something is told again: of the time between, only what came of it is known. */
  cut(): void {
    for (const line of this.#lines.values()) {
      line.isCut = true;
    }
  }

  /** The samples of a node, of a port, or of the flow as a whole, up to now, and one before the time that is shown. */
  samples(flow: string, node: string): readonly Sample[] {
    const line = this.#lines.get(key(flow, node));
    if (line === undefined) {
      return [];
    }
    const { now } = this;
    const all = now - line.at > QUIET ? [...line.samples, ...still(line, now)] : line.samples;
    return all.slice(before(all, now - this.seconds));
  }

  /** How a node or a port stands; `undefined` if nothing was told of it. */
  standing(flow: string, node: string): Standing | undefined {
    const line = this.#lines.get(key(flow, node));
    if (line === undefined) {
      return undefined;
    }
    // What was not told of with the rest of the flow did not change.
    const isNew = line.at === this.#told.get(flow) && this.now - line.at <= QUIET;
    return { rate: isNew ? (line.samples.at(-1)?.received ?? 0) : 0, errors: line.errors, waiting: line.waiting };
  }

  #add(flow: string, node: string, at: number, received: number, errors: number, waiting: number): void {
    const id = key(flow, node);
    const line = this.#lines.get(id);
    const told = { at, received, errors, waiting, isCut: false };
    if (line === undefined) {
      this.#lines.set(id, { ...told, samples: [{ at, received: 0, errors: 0, waiting }] });
      return;
    }
    const gap = at - line.at;
    if (gap <= 0) {
      return;
    }
    const isQuiet = gap > QUIET && !line.isCut;
    if (isQuiet) {
      // All the time before the last second.
      line.samples.push(...still(line, at - 1));
    }
    // A flow that was started anew counts from nothing.
    const isAnew = received < line.received || errors < line.errors;
    const rate = (now: number, then: number): number => (isAnew ? 0 : (now - then) / (isQuiet ? 1 : gap));
    line.samples.push({ at, received: rate(received, line.received), errors: rate(errors, line.errors), waiting });
    Object.assign(line, told);
    line.samples.splice(0, before(line.samples, at - this.seconds));
  }
}

/** How nothing happens after a line was told of, until a moment. */
function still({ at, waiting }: Line, until: number): readonly Sample[] {
  const quiet = { received: 0, errors: 0, waiting };
  return [
    { at: at + 1, ...quiet },
    { at: until, ...quiet },
  ];
}

/** The index of the last sample that is not after a moment, or of the first. */
function before(samples: readonly Sample[], moment: number): number {
  const first = samples.findIndex((sample) => sample.at > moment);
  return Math.max((first === -1 ? samples.length : first) - 1, 0);
}

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
  const points = samples.map((sample): [number, number] => [across(sample.at), up(value(sample))]);
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}
