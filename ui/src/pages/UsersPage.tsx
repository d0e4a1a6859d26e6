/** Who may come in: users with passwords, programs with tokens. */

import { useCallback, useState } from "react";

import type { ShownUser, UserList } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import { ROLES } from "../model/roles.ts";
import { ASKING } from "../shell/asking.ts";
import { Choice, Refusal, Table, TextField } from "./iiot/parts.tsx";
import { sentence, useLoad } from "./iiot/load.ts";
import { Moment } from "./iiot/moment.tsx";
import { Page } from "./Page.tsx";
import type { PageProps } from "./pages.ts";
import { PasswordDialog, SHORTEST } from "./PasswordDialog.tsx";
import { Tokens } from "./Tokens.tsx";
import { Dialog } from "../shell/Dialog.tsx";

export default function UsersPage({ state }: PageProps) {
  const { t } = useTexts();
  const { client } = state;
  const { value, failure, reload } = useLoad(useCallback(() => client.get<UserList>("/users"), [client]));
  const [refusal, setRefusal] = useState("");
  const [isAdding, setAdding] = useState(false);
  const [changing, setChanging] = useState("");

  const done = (work: Promise<unknown>): void => {
    setRefusal("");
    work
      // Whoever changes themselves may no longer be who they were.
      .then(() => state.meet())
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      })
      .finally(reload);
  };

  return (
    <Page
      title={t("pages.users")}
      tools={
        <button
          type="button"
          className="primary"
          onClick={() => {
            setAdding(true);
          }}
        >
          {t("users.add")}
        </button>
      }
    >
      <Refusal text={refusal || failure} />
      <Table<ShownUser>
        label={t("pages.users")}
        rows={value?.users}
        none={t("users.none")}
        idOf={(user) => user.name}
        columns={[
          { title: "users.name", cell: (user) => <strong>{user.name}</strong> },
          {
            title: "role.title",
            cell: (user) => (
              <Choice
                isInline
                label={`${t("role.title")}: ${user.name}`}
                value={user.role}
                options={ROLES.map((role) => ({ value: role, text: t(`role.${role}`) }))}
                onChange={(role) => {
                  done(client.put(`/users/${encodeURIComponent(user.name)}`, { role }));
                }}
              />
            ),
          },
          { title: "users.seen", cell: (user) => (user.seen_at === null ? t("users.never") : <Moment at={user.seen_at} />) },
          { title: "users.created", cell: (user) => <Moment at={user.created_at} /> },
          {
            title: "users.remove",
            cell: (user) => (
              <span className="tools">
                <button
                  type="button"
                  onClick={() => {
                    setChanging(user.name);
                  }}
                >
                  {t("users.newPassword")}
                </button>
                <button
                  type="button"
                  onClick={() => {
                    ASKING.whenSure(t("users.removeSure", { name: user.name }), t("users.remove"), () => {
                      done(client.delete(`/users/${encodeURIComponent(user.name)}`));
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
      <Tokens state={state} />
      {isAdding && (
        <NewUser
          isFirst={value?.users.length === 0}
          onSave={(user) => client.post("/users", user).then(() => state.meet())}
          onClose={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
      {changing !== "" && (
        <PasswordDialog
          title={t("users.newPasswordFor", { name: changing })}
          onSave={(password) => client.put(`/users/${encodeURIComponent(changing)}`, { password })}
          onClose={() => {
            setChanging("");
          }}
        />
      )}
    </Page>
  );
}

interface NewUserProps {
  /** Whether there is nobody yet: then it is the admin. */
  readonly isFirst: boolean;
  readonly onSave: (user: { name: string; role: string; password: string }) => Promise<unknown>;
  readonly onClose: () => void;
}

function NewUser({ isFirst, onSave, onClose }: NewUserProps) {
  const { t } = useTexts();
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>(isFirst ? "admin" : "viewer");
  const [password, setPassword] = useState("");
  const [refusal, setRefusal] = useState("");
  return (
    <Dialog title={t("users.add")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave({ name: name.trim(), role, password })
            .then(onClose)
            .catch((error: unknown) => {
              // The first user ends that everybody is admin: the page asks who is there.
              if (isFirst && error instanceof Error && "code" in error && error.code === "unauthorized") {
                onClose();
              } else {
                setRefusal(sentence(error));
              }
            });
        }}
      >
        <TextField label={t("users.name")} about={t("users.nameAbout")} isRequired value={name} onChange={setName} />
        <Choice
          label={t("role.title")}
          value={role}
          options={(isFirst ? ["admin" as const] : ROLES).map((one) => ({ value: one, text: `${t(`role.${one}`)} – ${t(`role.${one}.about`)}` }))}
          onChange={setRole}
        />
        <div className="field">
          <label htmlFor="new-user-password">{t("users.password")}</label>
          <input
            id="new-user-password"
            type="password"
            autoComplete="new-password"
            required
            minLength={SHORTEST}
            value={password}
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
          <p className="field-about">{t("users.passwordAbout")}</p>
        </div>
        <Refusal text={refusal} />
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
