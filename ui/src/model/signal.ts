/** Tells those who watch that something changed; they look for themselves what. */
export class Signal {
  #listeners = new Set<() => void>();
  #version = 0;

  /** Grows with every change: what a view compares. */
  get version(): number {
    return this.#version;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  tell(): void {
    this.#version++;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}
