/** What a page reads from the server: once, again on demand, and again and again while it is looked at. */

import { useCallback, useEffect, useState } from "react";

import { ApiError } from "../../api/client.ts";
import { sentence } from "../../model/refusal.ts";

export interface Loaded<T> {
  /** What was read last; it stays while more is read. */
  readonly value: T | undefined;
  /** Why reading failed, as a sentence; empty if it did not. */
  readonly failure: string;
  /** Its word code; empty likewise. */
  readonly code: string;
  readonly reload: () => void;
}

/** Read with a function that stays the same as long as the same is meant (`useCallback`). */
export function useLoad<T>(read: () => Promise<T>, everySeconds = 0): Loaded<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ read: unknown; value: T | undefined; failure: string; code: string }>({
    read: null,
    value: undefined,
    failure: "",
    code: "",
  });

  useEffect(() => {
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      read()
        .then((value) => {
          if (isWanted) {
            setState({ read, value, failure: "", code: "" });
          }
        })
        .catch((error: unknown) => {
          if (isWanted) {
            setState((before) => ({ ...before, read, failure: sentence(error), code: error instanceof ApiError ? error.code : "" }));
          }
        })
        .finally(() => {
          if (isWanted && everySeconds > 0) {
            timer = setTimeout(look, everySeconds * 1000);
          }
        });
    };
    look();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [read, everySeconds, round]);

  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  return { value: state.value, failure: state.failure, code: state.code, reload };
}

/** Do what somebody asks for, then read anew; why it was refused is a sentence. */
export function useDoing(reload: () => void): { readonly refusal: string; readonly run: (work: Promise<unknown>) => void } {
  const [refusal, setRefusal] = useState("");
  const run = (work: Promise<unknown>): void => {
    setRefusal("");
    work
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      })
      .finally(reload);
  };
  return { refusal, run };
}

/** The query of a request, without what is empty. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
