/** What can be done with what was pressed, at the place where it was pressed. */

import "./context_menu.css";

import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { shownChord } from "../model/shortcuts.ts";
import type { Surroundings } from "./commands/command.ts";
import { COMMANDS } from "./commands/table.ts";
import type { MenuRequest } from "./desk.ts";
import { IS_MAC, KEYS } from "./keys.ts";

const OFFERS: Record<MenuRequest["on"], readonly string[]> = {
  node: ["open", "open-subflow", "add-after", "copy", "cut", "duplicate", "wire", "toggle", "group", "ungroup", "delete-heal", "delete"],
  wire: ["delete"],
  canvas: ["add-node", "paste", "choose-all", "undo", "redo", "arrange", "fit", "search", "export", "commands"],
};

export function ContextMenu({ around, request }: { around: Surroundings; request: MenuRequest }) {
  const { t } = useTexts();
  const menu = useRef<HTMLDivElement>(null);
  // Asked before the menu takes the keyboard.
  const [before] = useState(() => document.activeElement);
  const offered = OFFERS[request.on].flatMap((id) => COMMANDS.find((one) => one.id === id && one.isPossible(around)) ?? []);
  const { desk } = around;
  const close = (): void => {
    desk.askMenu(null);
    if (before instanceof HTMLElement && before.isConnected) {
      before.focus({ preventScroll: true });
    }
  };

  useLayoutEffect(() => {
    const element = menu.current;
    if (element !== null) {
      const { width, height } = element.getBoundingClientRect();
      element.style.left = `${Math.max(4, Math.min(request.screen.x, innerWidth - width - 4))}px`;
      element.style.top = `${Math.max(4, Math.min(request.screen.y, innerHeight - height - 4))}px`;
      element.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
    }
  }, [request]);

  useEffect(() => {
    const press = (event: PointerEvent): void => {
      if (!(event.target instanceof Node && menu.current?.contains(event.target) === true)) {
        desk.askMenu(null);
      }
    };
    addEventListener("pointerdown", press, { capture: true });
    return () => {
      removeEventListener("pointerdown", press, { capture: true });
    };
  }, [desk]);

  const pressed = (event: KeyboardEvent): void => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (step !== undefined) {
      items.at(step % items.length)?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      close();
    } else if (event.key !== "Enter" && event.key !== " ") {
      return;
    }
    // Keys of the canvas mean something else here.
    event.stopPropagation();
    if (step !== undefined || event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
    }
  };

  return (
    <div className="context-menu" role="menu" aria-label={t("menu.of")} ref={menu} onKeyDown={pressed}>
      {offered.map((command) => (
        <button
          key={command.id}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            close();
            desk.canvas?.pointerAt(request.screen);
            command.run(around);
          }}
        >
          <span>{t(command.text)}</span>
          {KEYS.keysOf(command.id).slice(0, 1).map((key) => (
            <kbd key={key} aria-hidden="true">
              {shownChord(key, IS_MAC)}
            </kbd>
          ))}
        </button>
      ))}
    </div>
  );
}
