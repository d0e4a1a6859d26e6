/** API tokens: what programs come in with. */

import { useCallback, useState } from "react";

import type { MadeToken, ShownToken, TokenList } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import { isRole } from "../model/roles.ts";
import { ASKING } from "../shell/asking.ts";
import { Dialog } from "../shell/Dialog.tsx";
import { DialogForm } from "../shell/DialogForm.tsx";
import type { EditorState } from "../shell/editor_state.ts";
import { Refusal } from "../shell/Refusal.tsx";
import { useDoing, useLoad } from "./iiot/load.ts";
import { Moment } from "./iiot/moment.tsx";
import { Choice, Table, TextField } from "./iiot/parts.tsx";
import { RoleChoice } from "./RoleChoice.tsx";

export function Tokens({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { client } = state;
  const { value, failure, reload } = useLoad(useCallback(() => client.get<TokenList>("/tokens"), [client]));
  const [isAdding, setAdding] = useState(false);
  const doing = useDoing(reload);
  return (
    <section className="page-section" aria-label={t("tokens.title")}>
      <header className="page-head">
        <h2>{t("tokens.title")}</h2>
        <span className="quiet">{t("tokens.about")}</span>
        <span className="spread" />
        <button
          type="button"
          onClick={() => {
            setAdding(true);
          }}
        >
          {t("tokens.add")}
        </button>
      </header>
      <Refusal text={doing.refusal || failure} />
      <Table<ShownToken>
        label={t("tokens.title")}
        rows={value?.tokens}
        none={t("tokens.none")}
        idOf={(token) => token.id}
        columns={[
          { title: "tokens.purpose", cell: (token) => <strong>{token.name}</strong> },
          { title: "role.title", cell: (token) => (isRole(token.role) ? t(`role.${token.role}`) : token.role) },
          { title: "tokens.owner", cell: (token) => token.owner },
          { title: "tokens.ends", cell: (token) => (token.expires_at === null ? t("users.never") : <Moment at={token.expires_at} isExact />) },
          { title: "users.seen", cell: (token) => (token.seen_at === null ? t("users.never") : <Moment at={token.seen_at} />) },
          {
            title: "users.remove",
            cell: (token) => (
              <span className="tools">
                <button
                  type="button"
                  onClick={() => {
                    ASKING.whenSure(t("tokens.removeSure", { name: token.name }), t("users.remove"), () => {
                      doing.run(client.delete(`/tokens/${token.id}`));
                    });
                  }}
                >
                  {t("users.remove")}
                </button>
              </span>
            ),
          },
        ]}
      />
      {isAdding && (
        <NewToken
          onSave={(token) => client.post<MadeToken>("/tokens", token)}
          onClose={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
    </section>
  );
}

interface NewTokenProps {
  readonly onSave: (token: { name: string; role: string; days: number | null }) => Promise<MadeToken>;
  readonly onClose: () => void;
}

function NewToken({ onSave, onClose }: NewTokenProps) {
  const { t } = useTexts();
  const [name, setName] = useState("");
  const [role, setRole] = useState("operator");
  const [days, setDays] = useState("365");
  const [made, setMade] = useState<MadeToken | null>(null);
  const [isCopied, setCopied] = useState(false);
  return (
    <Dialog title={t("tokens.add")} onClose={onClose}>
      {made !== null ? (
        <>
          <p>{t("tokens.made")}</p>
          <input type="text" className="code" readOnly aria-label={t("signin.token")} value={made.token} onFocus={(event) => { event.target.select(); }} />
          <footer>
            <button
              type="button"
              onClick={() => {
                void (navigator.clipboard as Clipboard | undefined)?.writeText(made.token).then(() => {
                  setCopied(true);
                });
              }}
            >
              {t(isCopied ? "tokens.copied" : "tokens.copy")}
            </button>
            <button type="button" className="primary" onClick={onClose}>
              {t("dialog.close")}
            </button>
          </footer>
        </>
      ) : (
        <DialogForm
          action={t("tokens.add")}
          onSave={() => onSave({ name: name.trim(), role, days: days === "" ? null : Number(days) }).then(setMade)}
          onClose={onClose}
        >
          <TextField label={t("tokens.purpose")} isRequired value={name} onChange={setName} />
          <RoleChoice value={role} onChange={setRole} />
          <Choice
            label={t("tokens.days")}
            value={days}
            options={[
              { value: "30", text: t("tokens.days30") },
              { value: "365", text: t("tokens.days365") },
              { value: "", text: t("tokens.daysNone") },
            ]}
            onChange={setDays}
          />
        </DialogForm>
      )}
    </Dialog>
  );
}
