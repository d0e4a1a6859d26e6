/** Draw a view anew when a part of the model changes, but not more often than a person can read. */

import { useEffect, useState } from "react";

import type { Signal } from "../model/signal.ts";

const EVERY = 200;

export function useSlowSignal(signal: Signal): number {
  const [version, setVersion] = useState(signal.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion(signal.version);
      }, EVERY);
    };
    // It may have changed since the view was drawn.
    soon();
    const end = signal.subscribe(soon);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [signal]);
  return version;
}
