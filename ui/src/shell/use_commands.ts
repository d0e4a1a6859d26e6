/** The keyboard and the clipboard of the whole window lead to commands. */

import { useEffect } from "react";

import type { KeyMap } from "../model/shortcuts.ts";
import * as actions from "./actions.ts";
import { copy } from "./commands/nodes.ts";
import { commandFor } from "./commands/table.ts";
import type { FlowSurroundings, Surroundings } from "./commands/command.ts";

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]";

export function useCommands(keys: KeyMap, around: () => Surroundings): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isDialogOpen()) {
        return;
      }
      const now = around();
      const isTyping = isTypingIn(event.target);
      const command = commandFor(event, keys, now, { isTyping, isOnCanvas: isOnCanvas(event.target) });
      if (command !== null) {
        event.preventDefault();
        command.run(now);
      }
    };
    const copied = (event: ClipboardEvent): void => {
      const now = around();
      if (!isForFlow(event, now) || now.flow.selection.size === 0 || String(getSelection()) !== "") {
        return;
      }
      event.clipboardData?.setData("text/plain", copy(now));
      event.preventDefault();
      if (event.type === "cut") {
        actions.removeChosen(now.flow, now.t);
      }
    };
    const pasted = (event: ClipboardEvent): void => {
      const now = around();
      const text = event.clipboardData?.getData("text") ?? "";
      if (isForFlow(event, now) && actions.pasteText(now.flow, text, now.t, now.desk.canvas?.pointer() ?? null)) {
        event.preventDefault();
      }
    };
    addEventListener("keydown", pressed);
    addEventListener("copy", copied);
    addEventListener("cut", copied);
    addEventListener("paste", pasted);
    return () => {
      removeEventListener("keydown", pressed);
      removeEventListener("copy", copied);
      removeEventListener("cut", copied);
      removeEventListener("paste", pasted);
    };
  }, [keys, around]);
}

function isForFlow(event: ClipboardEvent, around: Surroundings): around is FlowSurroundings {
  return !isDialogOpen() && !isTypingIn(event.target) && around.flow !== null && around.drawing !== null;
}

function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

function isTypingIn(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** Whether the keyboard is on the canvas, or nowhere in particular: a press on the empty canvas gives it to the page. */
function isOnCanvas(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && (target.matches(".flow-page") || target.closest(".canvas-surface") !== null));
}
