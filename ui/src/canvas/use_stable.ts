/** Functions that stay the same while what they do follows the last drawing: what gets them need not be drawn anew. */

import { useLayoutEffect, useState } from "react";

type Handlers = Record<string, (...given: never[]) => unknown>;

class Latest<T extends Handlers> {
  readonly stable: T;
  #handlers: T;

  constructor(handlers: T) {
    this.#handlers = handlers;
    const names = Object.keys(handlers);
    this.stable = Object.fromEntries(names.map((name) => [name, (...given: never[]) => this.#handlers[name]?.(...given)])) as T;
  }

  take(handlers: T): void {
    this.#handlers = handlers;
  }
}

export function useStable<T extends Handlers>(handlers: T): T {
  const [latest] = useState(() => new Latest(handlers));
  useLayoutEffect(() => {
    latest.take(handlers);
  });
  return latest.stable;
}
