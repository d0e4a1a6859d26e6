/** Edits that are not on disk yet, kept in the browser so that a reload or a crash loses none. */

import type { Flow, Layout, Sheet } from "./document.ts";
import { isObject } from "./json.ts";
import type { Storage } from "./shortcuts.ts";

export interface Draft {
  readonly sheet: Sheet;
  /** Revision of the file that the edits are based on; `null` for a flow that was on no disk. */
  readonly base: string | null;
  /** When it was kept, in milliseconds since 1970. */
  readonly at: number;
}

const PREFIX = "flowengine.draft.";

export interface ListedStorage extends Storage {
  readonly length: number;
  key(index: number): string | null;
}

export class DraftStore {
  constructor(
    readonly storage: ListedStorage,
    readonly now: () => number,
  ) {}

  /** Keep a draft; a browser that has no room left keeps none, and editing goes on. */
  keep(id: string, sheet: Sheet, base: string | null): boolean {
    try {
      this.storage.setItem(PREFIX + id, JSON.stringify({ ...sheet, base, at: this.now() }));
      return true;
    } catch {
      return false;
    }
  }

  discard(id: string): void {
    this.storage.removeItem(PREFIX + id);
  }

  get(id: string): Draft | null {
    try {
      const value: unknown = JSON.parse(this.storage.getItem(PREFIX + id) ?? "null");
      if (!isObject(value) || !isObject(value["flow"]) || value["flow"]["id"] !== id || !isObject(value["layout"])) {
        return null;
      }
      const { flow, layout, base, at } = value;
      return {
        sheet: { flow: flow as unknown as Flow, layout: layout as unknown as Layout },
        base: typeof base === "string" ? base : null,
        at: Number(at),
      };
    } catch {
      return null;
    }
  }

  /** Ids of the flows that have a draft. */
  ids(): string[] {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? "");
    return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  }
}
