/** A new password: for oneself, with the old one, or for somebody else. */

import { useId, useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { Dialog } from "../shell/Dialog.tsx";

export interface PasswordDialogProps {
  readonly title: string;
  readonly isOwn?: boolean;
  readonly onSave: (password: string, old: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export const SHORTEST = 10;

export function PasswordDialog({ title, isOwn = false, onSave, onClose }: PasswordDialogProps) {
  const { t } = useTexts();
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const [refusal, setRefusal] = useState("");
  const id = useId();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(password, old)
            .then(onClose)
            .catch((error: unknown) => {
              setRefusal(error instanceof Error ? error.message : String(error));
            });
        }}
      >
        {isOwn && (
          <div className="field">
            <label htmlFor={`${id}-old`}>{t("signin.oldPassword")}</label>
            <input id={`${id}-old`} type="password" autoComplete="current-password" required value={old} onChange={(event) => { setOld(event.target.value); }} />
          </div>
        )}
        <div className="field">
          <label htmlFor={`${id}-new`}>{t("signin.newPassword")}</label>
          <input
            id={`${id}-new`}
            type="password"
            autoComplete="new-password"
            required
            minLength={SHORTEST}
            value={password}
            aria-describedby={`${id}-about`}
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
          <p className="field-about" id={`${id}-about`}>
            {t("users.passwordAbout")}
          </p>
        </div>
        {refusal !== "" && (
          <p className="field-problem" role="alert">
            {refusal}
          </p>
        )}
        <footer>
          <button type="button" onClick={onClose}>
            {t("dialog.cancel")}
          </button>
          <button type="submit" className="primary">
            {t("dialog.save")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
