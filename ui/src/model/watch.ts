/** What the editor knows of what runs: messages, statuses, rates, and the way of the message that is looked at. */

import { EventLog, type Told } from "./event_log.ts";
import { FiguresHistory, type Counters } from "./figures_history.ts";
import { Pins } from "./pins.ts";
import { Signal } from "./signal.ts";

export interface Status {
  readonly text: string;
  readonly level: string;
  /** Whether the text is a value that somebody sent, and not words of the node. */
  readonly is_value?: boolean;
}

interface KnownStatus extends Status {
  readonly at: number;
}

/** How a message fared at a node. */
export type Fate = "came" | "failed" | "differed";

const MESSAGE_KINDS: ReadonlySet<string> = new Set(["debug", "error"]);
const LOOKED_AT = 50;

export class Watch {
  /** Messages of debug nodes, and errors. */
  readonly messages = new EventLog();
  /** Everything else that happens. */
  readonly log = new EventLog();
  /** What passed the port that somebody looks at. */
  readonly tapped = new EventLog(LOOKED_AT);
  /** What is pinned of messages. */
  readonly pins = new Pins();
  readonly history: FiguresHistory;
  readonly statusChanged = new Signal();
  readonly wayChanged = new Signal();
  #way: ReadonlyMap<string, Fate> = new Map();
  readonly #statuses = new Map<string, Map<string, KnownStatus>>();
  #newest = 0;
  #isAgain = false;

  /** @param clock The time in seconds. */
  constructor(clock: () => number) {
    this.history = new FiguresHistory(clock);
  }

  /** Nodes that the message that is looked at came to. */
  get way(): ReadonlyMap<string, Fate> {
    return this.#way;
  }

  showWay(way: ReadonlyMap<string, Fate>): void {
    this.#way = way;
    this.wayChanged.tell();
  }

  /** The engine is there again, and tells once more what it remembers. */
  connected(): void {
    this.#isAgain = true;
    this.history.cut();
  }

  take(told: readonly Told[], missed: number): void {
    const known = this.#isAgain ? this.#newest : -Infinity;
    this.#isAgain = false;
    const events = told.filter((event) => event.at > known);
    this.#newest = events.reduce((newest, event) => Math.max(newest, event.at), this.#newest);
    this.tapped.take(events.filter((event) => event.kind === "tap"));
    this.messages.take(events.filter((event) => MESSAGE_KINDS.has(event.kind)), missed);
    this.log.take(events.filter((event) => event.kind !== "tap" && event.kind !== "debug"));
    const statuses = events.filter((event) => event.kind === "status");
    for (const { flow, node, data, at } of statuses) {
      const is_value = data["is_value"] === true;
      this.#of(flow).set(node, { text: textOf(data["text"]), level: textOf(data["level"]), is_value, at });
    }
    if (statuses.length > 0) {
      this.statusChanged.tell();
    }
  }

  figures(told: Counters): void {
    this.history.take(told);
  }

  statuses(flow: string): ReadonlyMap<string, Status> {
    return this.#of(flow);
  }

  /** What all nodes of a flow showed at a moment; what was told since counts more. */
  setStatuses(flow: string, statuses: Iterable<readonly [string, Status]>, at: number): void {
    const since = [...this.#of(flow)].filter(([, status]) => status.at > at);
    const then = [...statuses].map(([node, status]) => [node, { ...status, at }] as const);
    this.#statuses.set(flow, new Map([...then, ...since]));
    this.statusChanged.tell();
  }

  #of(flow: string): Map<string, KnownStatus> {
    let known = this.#statuses.get(flow);
    if (known === undefined) {
      known = new Map();
      this.#statuses.set(flow, known);
    }
    return known;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
