import { useSyncExternalStore } from "react";

import type { Signal } from "../model/signal.ts";

/** Draw a view anew whenever a part of the model tells that it changed. */
export function useSignal(signal: Signal | undefined): number {
  return useSyncExternalStore(signal?.subscribe ?? quiet, () => signal?.version ?? 0);
}

function quiet(): () => void {
  return () => undefined;
}
