/** All commands, and what a key means at a moment. */

import { chordOf, KeyMap, type Storage, type Stroke } from "../../model/shortcuts.ts";
import type { Command, Surroundings } from "./command.ts";
import { DRAWING } from "./drawing.ts";
import { GENERAL } from "./general.ts";
import { NODES } from "./nodes.ts";

/** Commands that change nothing, beside those that only look or choose: whoever may look may have them. */
const LOOKING: ReadonlySet<string> = new Set([
  ...["commands", "shortcuts", "search", "theme", "export", "close-flow", "next-flow", "previous-flow", "subflow-uses"],
  ...["copy", "open", "open-subflow"],
]);

export const COMMANDS: readonly Command[] = [...GENERAL, ...NODES, ...DRAWING].map((command) =>
  command.section === "view" || command.section === "choose" || LOOKING.has(command.id)
    ? command
    : { ...command, isPossible: (around) => !around.state.project.isReadOnly && command.isPossible(around) },
);
const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

export function keyMap(storage: Storage): KeyMap {
  return new KeyMap(new Map(COMMANDS.map(({ id, keys }) => [id, keys])), storage);
}

/** Where the keyboard is. */
export interface Focus {
  readonly isTyping: boolean;
  readonly isOnCanvas: boolean;
}

/** The command that a stroke means here and now. */
export function commandFor(stroke: Stroke, keys: KeyMap, around: Surroundings, focus: Focus): Command | null {
  const chord = chordOf(stroke);
  if (chord === null) {
    return null;
  }
  for (const id of keys.meaning(chord)) {
    const command = BY_ID.get(id);
    if (command !== undefined && command.isNative !== true && counts(command, focus) && command.isPossible(around)) {
      return command;
    }
  }
  return null;
}

function counts({ where }: Command, focus: Focus): boolean {
  return where === "anywhere" || (!focus.isTyping && (where === "not-typing" || focus.isOnCanvas));
}
