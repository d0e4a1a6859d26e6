/** Who is signed in, and what they may do with that. */

import "./user_menu.css";

import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { isRole } from "../model/roles.ts";
import { PasswordDialog } from "../pages/PasswordDialog.tsx";
import { Icon } from "../theme/icons.tsx";
import { Appearance } from "./Appearance.tsx";
import type { EditorState } from "./editor_state.ts";
import { useSignal } from "./use_signal.ts";

export function UserMenu({ state }: { state: EditorState }) {
  const { t } = useTexts();
  useSignal(state.session);
  const [isChanging, setChanging] = useState(false);
  const { who } = state;
  const role = isRole(who.role) ? t(`role.${who.role}`) : who.role;
  return (
    <>
      <button type="button" className="icon-button" popoverTarget="user-menu" aria-label={t("signin.as", { name: who.name, role })} title={t("signin.as", { name: who.name, role })}>
        <Icon name="user" />
      </button>
      <div id="user-menu" popover="auto" className="user-menu">
        <p>
          <strong>{who.name}</strong> <span className="quiet">{role}</span>
        </p>
        {who.kind === "open" && <p className="quiet">{t("signin.open")}</p>}
        {!state.may("editor") && <p className="quiet">{t("role.onlyLook", { role })}</p>}
        <Appearance isInMenu />
        {who.kind === "user" && (
          <button
            type="button"
            onClick={() => {
              setChanging(true);
            }}
          >
            {t("signin.changePassword")}
          </button>
        )}
        {who.session && (
          <button
            type="button"
            onClick={() => {
              state.project.keepDrafts();
              void state.client.delete("/session").finally(() => {
                location.reload();
              });
            }}
          >
            {t("signin.out")}
          </button>
        )}
      </div>
      {isChanging && (
        <PasswordDialog
          title={t("signin.changePassword")}
          isOwn
          onSave={(password, old) => state.client.put("/session/password", { old, new: password })}
          onClose={() => {
            setChanging(false);
          }}
        />
      )}
    </>
  );
}
