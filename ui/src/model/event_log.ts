/** What the engine told, as far as it is kept: the newest, and no more than so many. */

import { Signal } from "./signal.ts";

/** Something the engine told. */
export interface Told {
  readonly kind: string;
  readonly at: number;
  readonly flow: string;
  readonly node: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EntryLevel = "info" | "warning" | "error";

export interface Entry extends Told {
  /** Grows with every entry; tells them apart. */
  readonly number: number;
  readonly level: EntryLevel;
}

export interface EntryFilter {
  readonly flow: string | null;
  readonly nodes: ReadonlySet<string> | null;
  readonly level: EntryLevel | null;
  readonly text: string;
}

export class EventLog {
  readonly changed = new Signal();
  #entries: Entry[] = [];
  #frozen: readonly Entry[] | null = null;
  #count = 0;
  #missed = 0;

  constructor(readonly most = 1_000) {}

  /** What is shown: everything kept, or what was kept when the log was paused. */
  get entries(): readonly Entry[] {
    return this.#frozen ?? this.#entries;
  }

  get isPaused(): boolean {
    return this.#frozen !== null;
  }

  /** Events that the engine left out because this side was slow. */
  get missed(): number {
    return this.#missed;
  }

  /** Entries that came since the log was paused. */
  get behind(): number {
    return this.#frozen === null ? 0 : this.#count - (this.#frozen.at(-1)?.number ?? this.#count);
  }

  take(events: readonly Told[], missed = 0): void {
    if (events.length === 0 && missed === 0) {
      return;
    }
    this.#missed += missed;
    const added = events.slice(-this.most).map((event): Entry => ({ ...event, number: ++this.#count, level: levelOf(event) }));
    this.#entries = [...this.#entries, ...added].slice(-this.most);
    this.changed.tell();
  }

  pause(): void {
    this.#frozen = this.#entries;
    this.changed.tell();
  }

  resume(): void {
    this.#frozen = null;
    this.changed.tell();
  }

  clear(): void {
    this.#entries = [];
    this.#frozen = this.#frozen === null ? null : [];
    this.#missed = 0;
    this.changed.tell();
  }
}

export function levelOf(event: Told): EntryLevel {
  if (event.kind === "error" || event.kind === "broken" || event.data["level"] === "error") {
    return "error";
  }
  return event.data["missing"] === true || event.data["level"] === "warning" ? "warning" : "info";
}

/** The node on the canvas that an id means: of one in a subflow, the node that stands for the subflow. */
export function drawnNode(id: string): string {
  const slash = id.indexOf("/");
  return slash < 0 ? id : id.slice(0, slash);
}

export function filtered(entries: readonly Entry[], filter: EntryFilter): readonly Entry[] {
  const text = filter.text.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (filter.flow === null || entry.flow === filter.flow || entry.flow === "") &&
      (filter.nodes === null || filter.nodes.has(drawnNode(entry.node))) &&
      (filter.level === null || entry.level === filter.level) &&
      (text === "" || searchText(entry).includes(text)),
  );
}

const texts = new WeakMap<Entry, string>();

function searchText(entry: Entry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = `${entry.kind} ${entry.flow} ${entry.node} ${JSON.stringify(entry.data)}`.toLowerCase();
    texts.set(entry, text);
  }
  return text;
}
