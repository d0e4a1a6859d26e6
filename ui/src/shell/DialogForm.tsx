/** What is asked for in a dialog, with the buttons that end it; it says why it could not be done. */

import { useState, type ReactNode } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { sentence } from "../model/refusal.ts";
import { Refusal } from "./Refusal.tsx";

export interface DialogFormProps {
  /** What the button says that does it; "Save" if not given. */
  readonly action?: string;
  /** Whether all is there that is needed to do it; nobody is faster than what comes from the engine. */
  readonly isReady?: boolean;
  /** Whether it is only to be read: then there is nothing to do but to close it. */
  readonly isReadOnly?: boolean;
  /** Whether the engine and not the browser says what is wrong with the fields. */
  readonly isCheckedElsewhere?: boolean;
  /** Another button, apart from the others. */
  readonly apart?: ReactNode;
  /** What is told of progress, above the buttons. */
  readonly told?: ReactNode;
  /** Does it, and closes the dialog; a promise where that takes a while. */
  readonly onSave: () => unknown;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function DialogForm(props: DialogFormProps) {
  const { t } = useTexts();
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);
  const { isReady = true, isReadOnly = false } = props;
  const save = (): void => {
    // The key Enter comes past the button.
    if (isBusy || !isReady || isReadOnly) {
      return;
    }
    setRefusal("");
    setBusy(true);
    Promise.resolve()
      .then(props.onSave)
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return (
    <form
      noValidate={props.isCheckedElsewhere}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="dialog-body">{props.children}</div>
      {props.told}
      <Refusal text={refusal} />
      <footer>
        {props.apart != null && <span className="apart">{props.apart}</span>}
        <button type="button" className={isReadOnly ? "primary" : ""} onClick={props.onClose}>
          {t(isReadOnly ? "dialog.close" : "dialog.cancel")}
        </button>
        {!isReadOnly && (
          <button type="submit" className="primary" disabled={!isReady || isBusy}>
            {props.action ?? t("dialog.save")}
          </button>
        )}
      </footer>
    </form>
  );
}
