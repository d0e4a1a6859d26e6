/** What a person is asked before something happens: one question at a time, and what happens waits for the answer. */

import { Signal } from "./signal.ts";

export interface Question {
  readonly text: string;
  /** What the button says that goes on. */
  readonly yes: string;
  /** Whether the answer is a text, not only yes or no. */
  readonly isText: boolean;
  readonly answer: (text: string | null) => void;
}

export class Questions {
  readonly changed = new Signal();
  #waiting: readonly Question[] = [];

  get current(): Question | null {
    return this.#waiting[0] ?? null;
  }

  /** Ask for a text; `null` if there is to be none. */
  text(text: string, yes: string): Promise<string | null> {
    return this.#ask(text, yes, true);
  }

  /** Ask whether to go on. */
  async sure(text: string, yes: string): Promise<boolean> {
    return (await this.#ask(text, yes, false)) !== null;
  }

  /** Go on once a person has said so. */
  whenSure(text: string, yes: string, then: () => void): void {
    void this.sure(text, yes).then((isSure) => {
      if (isSure) {
        then();
      }
    });
  }

  #ask(text: string, yes: string, isText: boolean): Promise<string | null> {
    return new Promise((resolve) => {
      const question: Question = {
        text,
        yes,
        isText,
        answer: (given) => {
          this.#waiting = this.#waiting.filter((one) => one !== question);
          this.changed.tell();
          resolve(given);
        },
      };
      this.#waiting = [...this.#waiting, question];
      this.changed.tell();
    });
  }
}
