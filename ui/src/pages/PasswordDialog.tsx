/** A new password: for oneself, with the old one, or for somebody else. */

import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { DialogForm } from "../shell/DialogForm.tsx";
import { TextField } from "./iiot/parts.tsx";

export interface PasswordDialogProps {
  readonly title: string;
  readonly isOwn?: boolean;
  readonly onSave: (password: string, old: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function PasswordDialog({ title, isOwn = false, onSave, onClose }: PasswordDialogProps) {
  const { t } = useTexts();
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogForm onSave={() => onSave(password, old).then(onClose)} onClose={onClose}>
        {isOwn && <TextField label={t("signin.oldPassword")} password="current" isRequired value={old} onChange={setOld} />}
        <TextField
          label={t("signin.newPassword")}
          about={t("users.passwordAbout")}
          password="new"
          isRequired
          value={password}
          onChange={setPassword}
        />
      </DialogForm>
    </Dialog>
  );
}
