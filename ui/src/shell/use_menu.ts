/** On a small screen, what stands beside the page otherwise comes over it when it is asked for. */

import "./small.css";

import { useEffect, useState } from "react";

export interface Menu {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

export function useMenu(): Menu {
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    document.querySelector<HTMLElement>(".rail a[aria-current]")?.focus();
    const leave = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : isBeside(event.target)) {
        setOpen(false);
        document.querySelector<HTMLElement>(".menu-button")?.focus();
      }
    };
    const close = (): void => {
      setOpen(false);
    };
    // Whoever has chosen where to go has done with the menu.
    addEventListener("hashchange", close);
    addEventListener("keydown", leave);
    addEventListener("pointerdown", leave);
    return () => {
      removeEventListener("hashchange", close);
      removeEventListener("keydown", leave);
      removeEventListener("pointerdown", leave);
    };
  }, [isOpen]);

  return {
    isOpen,
    toggle: () => {
      setOpen(!isOpen);
    },
    close: () => {
      setOpen(false);
    },
  };
}

function isBeside(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".rail, .sidebar, .bar, dialog") === null;
}
