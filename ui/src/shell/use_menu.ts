/** On a small screen, what stands beside the page otherwise comes over it when it is asked for. */

import "./small.css";

import { useEffect, useState, useSyncExternalStore } from "react";

export interface Menu {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

export function useMenu(): Menu {
  const address = useSyncExternalStore(listen, () => location.hash);
  // Whoever has chosen where to go has done with the menu.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === address;

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    document.querySelector<HTMLElement>(".rail a[aria-current]")?.focus();
    const leave = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : isBeside(event.target)) {
        setOpenAt(null);
        document.querySelector<HTMLElement>(".menu-button")?.focus();
      }
    };
    addEventListener("keydown", leave);
    addEventListener("pointerdown", leave);
    return () => {
      removeEventListener("keydown", leave);
      removeEventListener("pointerdown", leave);
    };
  }, [isOpen]);

  return {
    isOpen,
    toggle: () => {
      setOpenAt(isOpen ? null : address);
    },
    close: () => {
      setOpenAt(null);
    },
  };
}

function listen(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => {
    removeEventListener("hashchange", changed);
  };
}

function isBeside(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".rail, .sidebar, .bar, dialog") === null;
}
