/** Read something from the engine for a panel, and again when asked. */

import { useCallback, useEffect, useState } from "react";

import { sentence } from "../model/refusal.ts";
import type { EditorState } from "../shell/editor_state.ts";

export interface Reading<T> {
  readonly value: T | null;
  readonly failure: string;
  readonly again: () => void;
}

export function useRead<T>(state: EditorState, path: string | null): Reading<T> {
  const [found, setFound] = useState<{ path: string; value: T | null; failure: string } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) {
      return undefined;
    }
    let isGone = false;
    state.client.get<T>(path).then(
      (value) => {
        if (!isGone) {
          setFound({ path, value, failure: "" });
        }
      },
      (error: unknown) => {
        if (!isGone) {
          setFound({ path, value: null, failure: sentence(error) });
        }
      },
    );
    return () => {
      isGone = true;
    };
  }, [state, path, turn]);
  const again = useCallback(() => {
    setTurn((before) => before + 1);
  }, []);
  const isThis = found?.path === path;
  return { value: isThis ? found.value : null, failure: isThis ? found.failure : "", again };
}

/** Do something that may be refused, and tell what came of it. */
export function useTask(): { notice: string; isError: boolean; run: (work: () => Promise<string>) => void } {
  const [told, setTold] = useState({ notice: "", isError: false });
  const run = (work: () => Promise<string>): void => {
    work().then(
      (notice) => {
        setTold({ notice, isError: false });
      },
      (error: unknown) => {
        setTold({ notice: sentence(error), isError: true });
      },
    );
  };
  return { ...told, run };
}
