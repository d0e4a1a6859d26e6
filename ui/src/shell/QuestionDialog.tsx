/** The question that waits for an answer. */

import { useId, useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import type { Question } from "../model/questions.ts";
import { ASKING } from "./asking.ts";
import { Dialog } from "./Dialog.tsx";
import { useSignal } from "./use_signal.ts";

export function AskedNow() {
  const turn = useSignal(ASKING.changed);
  return ASKING.current === null ? null : <QuestionDialog question={ASKING.current} key={turn} />;
}

function QuestionDialog({ question }: { question: Question }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const id = useId();
  const { isText } = question;
  const end = (): void => {
    question.answer(null);
  };
  return (
    <Dialog title={t("dialog.sure")} isBare isAlert={!isText} describedBy={id} onClose={end}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          question.answer(text.trim());
        }}
      >
        {isText ? (
          <div className="field">
            <label htmlFor={`${id}-text`} id={id}>
              {question.text}
            </label>
            <input
              id={`${id}-text`}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          </div>
        ) : (
          <p id={id}>{question.text}</p>
        )}
        <footer>
          <button type="button" data-first={!isText || undefined} onClick={end}>
            {t("dialog.cancel")}
          </button>
          <button type="submit" className={isText ? "primary" : "danger"} disabled={isText && text.trim() === ""}>
            {question.yes}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
