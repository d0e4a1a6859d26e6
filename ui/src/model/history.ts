/** A value that is edited, with every edit kept: undo and redo without limit. */

import { applied, difference, inverted, type Patch } from "./patch.ts";
import type { Json } from "./json.ts";

export interface Edit {
  /** What was done, as a key of the catalogue of texts. */
  readonly label: string;
  readonly patches: readonly Patch[];
}

export class History<T extends object> {
  #value: T;
  #done: Edit[] = [];
  #undone: Edit[] = [];
  #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  get done(): readonly Edit[] {
    return this.#done;
  }

  /** Call back after every change; what is returned ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Make an edit; one that changes nothing leaves no trace. */
  edit(label: string, change: (value: T) => T): void {
    const after = change(this.#value);
    const patches = difference(this.#value as Json, after as Json);
    if (patches.length === 0) {
      return;
    }
    this.#done = [...this.#done, { label, patches }];
    this.#undone = [];
    this.#set(after);
  }

  undo(): Edit | undefined {
    const last = this.#done.at(-1);
    if (last !== undefined) {
      this.#done = this.#done.slice(0, -1);
      this.#undone = [...this.#undone, last];
      this.#set(applied(this.#value as Json, inverted(last.patches)) as T);
    }
    return last;
  }

  redo(): Edit | undefined {
    const next = this.#undone.at(-1);
    if (next !== undefined) {
      this.#undone = this.#undone.slice(0, -1);
      this.#done = [...this.#done, next];
      this.#set(applied(this.#value as Json, next.patches) as T);
    }
    return next;
  }

  /** Change what is no edit of anybody's, as if it had been so from the beginning: before and after every edit. */
  amend(change: (value: T) => T): void {
    const edits = [...this.#done, ...[...this.#undone].reverse()];
    let value = this.#done.reduceRight((after, { patches }) => applied(after, inverted(patches)), this.#value as Json);
    let before = change(value as T) as Json;
    const amended = edits.map(({ label, patches }) => {
      value = applied(value, patches);
      const after = change(value as T) as Json;
      const edit = { label, patches: difference(before, after) };
      before = after;
      return edit;
    });
    this.#undone = amended.splice(this.#done.length).reverse();
    this.#done = amended;
    this.#set(change(this.#value));
  }

  /** Go on with another value, such as a file that changed on disk; what was done can no longer be undone. */
  reset(value: T): void {
    this.#done = [];
    this.#undone = [];
    this.#set(value);
  }

  #set(value: T): void {
    this.#value = value;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
