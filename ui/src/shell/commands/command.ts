/** A command: something a person can do, by a key, from the command palette or with a button. */

import type { Drawing } from "../../model/drawing.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import type { TextKey } from "../../i18n/en.ts";
import type { Translate } from "../../i18n/texts.tsx";
import type { Desk } from "../desk.ts";
import type { EditorState } from "../editor_state.ts";

export interface Surroundings {
  readonly state: EditorState;
  readonly desk: Desk;
  readonly t: Translate;
  /** The flow that is shown; `null` on other pages. */
  readonly flow: OpenFlow | null;
  readonly drawing: Drawing | null;
  readonly deploy: () => void;
}

/** What commands on a flow work with. */
export interface FlowSurroundings extends Surroundings {
  readonly flow: OpenFlow;
  readonly drawing: Drawing;
}

export type Section = "general" | "flow" | "edit" | "choose" | "view" | "arrange";

export interface Command {
  readonly id: string;
  readonly section: Section;
  readonly text: TextKey;
  readonly keys: readonly string[];
  /**
   * Where its keys count: anywhere; wherever nobody is typing; or only on the canvas, for keys that buttons and lists
   * need themselves.
   */
  readonly where: "anywhere" | "not-typing" | "canvas";
  /** The browser itself tells of these keys, as it does of Ctrl+C: they are shown, and cannot be changed. */
  readonly isNative?: boolean;
  readonly isPossible: (around: Surroundings) => boolean;
  readonly run: (around: Surroundings) => void;
}

type Shape = Omit<Command, "isPossible" | "run" | "where" | "keys" | "section"> & {
  readonly keys?: readonly string[];
  readonly where?: Command["where"];
};

/** A command that needs a flow on the canvas, and perhaps more. */
export function onFlow(
  section: Section,
  shape: Shape,
  run: (around: FlowSurroundings) => void,
  isPossible: (around: FlowSurroundings) => boolean = () => true,
): Command {
  return {
    keys: [],
    where: "not-typing",
    ...shape,
    section,
    isPossible: (around) => hasFlow(around) && isPossible(around),
    run: (around) => {
      if (hasFlow(around)) {
        run(around);
      }
    },
  };
}

function hasFlow(around: Surroundings): around is FlowSurroundings {
  return around.flow !== null && around.drawing !== null;
}
