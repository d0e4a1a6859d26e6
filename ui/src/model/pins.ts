/** Places in what debug nodes show that somebody wants to see the newest value of. */

import type { Entry } from "./event_log.ts";
import { valueAt, type Json, type Path } from "./json.ts";
import { pathText } from "./json_path.ts";
import { Signal } from "./signal.ts";

export interface Pin {
  readonly flow: string;
  readonly node: string;
  /** Path of what the debug node shows, as its setting writes it. */
  readonly root: string;
  /** Where in it. */
  readonly path: Path;
}

const MOST = 20;

export class Pins {
  readonly changed = new Signal();
  #all: readonly Pin[] = [];

  get all(): readonly Pin[] {
    return this.#all;
  }

  /** Pin a place, or let it go where it is pinned already. */
  turn(pin: Pin): void {
    const name = pinName(pin);
    const others = this.#all.filter((one) => pinName(one) !== name);
    this.#all = others.length < this.#all.length ? others : [...others, pin].slice(-MOST);
    this.changed.tell();
  }
}

/** What tells a pin from others. */
export function pinName({ flow, node, root, path }: Pin): string {
  return `${flow}/${node} ${pathText(path, root)}`;
}

/** The newest value at a pinned place, and when it came; `undefined` where none of the entries has one. */
export function newestAt(pin: Pin, entries: readonly Entry[]): { value: Json; at: number } | undefined {
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (entry?.kind === "debug" && entry.flow === pin.flow && entry.node === pin.node && rootOf(entry) === pin.root) {
      const value = valueAt(entry.data["value"] as Json | undefined, pin.path);
      if (value !== undefined) {
        return { value, at: entry.at };
      }
    }
  }
  return undefined;
}

/** The path of what a debug node showed. */
export function rootOf(entry: Entry): string {
  const path = entry.data["path"];
  return typeof path === "string" ? path : "$";
}
