/** Presses that ask for the menu: the right button without a drag, a long touch, or the key for it. */

import { useEffect } from "react";

import type { Place } from "../model/document.ts";

const LONG = 500;
const SLACK = 8;

/** Calls back with the element and the place on the screen; `ask` must stay the same. */
export function useMenuPress(surface: HTMLElement | null, ask: (on: Element, screen: Place) => void): void {
  useEffect(() => {
    if (surface === null) {
      return undefined;
    }
    let start: Place | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = false;
    const end = (): void => {
      clearTimeout(timer);
      start = null;
      isWanted = false;
    };
    const press = (event: PointerEvent): void => {
      const { target } = event;
      // A second finger begins something else.
      end();
      if (!(target instanceof Element) || !event.isPrimary) {
        return;
      }
      const at = { x: event.clientX, y: event.clientY };
      if (event.pointerType === "touch") {
        start = at;
        timer = setTimeout(() => {
          end();
          ask(target, at);
        }, LONG);
      } else if (event.button === 2) {
        start = at;
      }
    };
    const move = (event: PointerEvent): void => {
      if (start !== null && Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK) {
        end();
      }
    };
    const release = (event: PointerEvent): void => {
      if (isWanted && start !== null && event.target instanceof Element) {
        ask(event.target, start);
      }
      clearTimeout(timer);
      isWanted = false;
      if (event.pointerType === "touch") {
        start = null;
      }
    };
    const menu = (event: MouseEvent): void => {
      event.preventDefault();
      const { target } = event;
      const pointer = event instanceof PointerEvent ? event.pointerType : "mouse";
      if (!(target instanceof Element) || pointer === "touch") {
        return;
      }
      if (event.button !== 2) {
        const box = target.getBoundingClientRect();
        ask(target, { x: box.x + Math.min(box.width, 200) / 2, y: box.y + Math.min(box.height, 200) / 2 });
      } else if ((event.buttons & 2) !== 0) {
        // Some systems tell of it when the button goes down: then it may still become a drag.
        isWanted = start !== null;
      } else if (start !== null) {
        ask(target, start);
      }
    };
    surface.addEventListener("pointerdown", press, { capture: true });
    addEventListener("pointermove", move, { capture: true });
    addEventListener("pointerup", release, { capture: true });
    addEventListener("pointercancel", end, { capture: true });
    surface.addEventListener("contextmenu", menu, { capture: true });
    return () => {
      end();
      surface.removeEventListener("pointerdown", press, { capture: true });
      removeEventListener("pointermove", move, { capture: true });
      removeEventListener("pointerup", release, { capture: true });
      removeEventListener("pointercancel", end, { capture: true });
      surface.removeEventListener("contextmenu", menu, { capture: true });
    };
  }, [surface, ask]);
}
