/** Keys of commands, as people read them ("Mod+Shift+P"), with the changes that a person made to them. */

import { isObject } from "./json.ts";
import { Signal } from "./signal.ts";

/** What an event of the keyboard says. */
export interface Stroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Where small things are kept between visits: `localStorage`, or a map in a test. */
export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const MODIFIERS = new Set(["Control", "Meta", "Shift", "Alt", "AltGraph"]);

/** The keys of a stroke in their one spelling; `null` while only modifiers are held. "Mod" is Ctrl or the command key. */
export function chordOf(stroke: Stroke): string | null {
  if (MODIFIERS.has(stroke.key)) {
    return null;
  }
  const isSign = stroke.key.length === 1 && stroke.key.toLowerCase() === stroke.key.toUpperCase();
  const key = stroke.key === " " ? "Space" : stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key;
  return [
    stroke.ctrlKey || stroke.metaKey ? "Mod" : "",
    stroke.altKey ? "Alt" : "",
    // Which signs need Shift depends on the keyboard: "?" is "?" on all of them.
    stroke.shiftKey && (!isSign || stroke.key === " ") ? "Shift" : "",
    key,
  ]
    .filter(Boolean)
    .join("+");
}

const SHOWN: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Delete: "Del",
  Escape: "Esc",
};

/** Keys as a person finds them on the keyboard. */
export function shownChord(chord: string, isMac: boolean): string {
  return chord
    .split(/\+(?=.)/)
    .map((part) => (part === "Mod" ? (isMac ? "⌘" : "Ctrl") : (SHOWN[part] ?? part)))
    .join(isMac ? " " : "+");
}

const KEPT = "flowengine.keys";

/** Which keys each command has: its own, unless a person chose others. */
export class KeyMap {
  readonly changed = new Signal();
  #chosen = new Map<string, readonly string[]>();

  constructor(
    readonly defaults: ReadonlyMap<string, readonly string[]>,
    readonly storage: Storage,
  ) {
    for (const [id, keys] of Object.entries(kept(storage))) {
      if (defaults.has(id) && Array.isArray(keys)) {
        this.#chosen.set(id, keys.filter((key) => typeof key === "string"));
      }
    }
  }

  keysOf(id: string): readonly string[] {
    return this.#chosen.get(id) ?? this.defaults.get(id) ?? [];
  }

  isChosen(id: string): boolean {
    return this.#chosen.has(id);
  }

  /** The commands that a stroke may mean; which of them depends on what is possible. */
  meaning(chord: string): string[] {
    return [...this.defaults.keys()].filter((id) => this.keysOf(id).includes(chord));
  }

  choose(id: string, keys: readonly string[]): void {
    this.#chosen.set(id, keys);
    this.#keep();
  }

  reset(id: string): void {
    this.#chosen.delete(id);
    this.#keep();
  }

  #keep(): void {
    this.storage.setItem(KEPT, JSON.stringify(Object.fromEntries(this.#chosen)));
    this.changed.tell();
  }
}

function kept(storage: Storage): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEPT) ?? "{}");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
