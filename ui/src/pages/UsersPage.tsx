/** Who may come in: users with passwords, programs with tokens. */

import { useCallback, useState } from "react";

import { ApiError } from "../api/client.ts";
import type { ShownUser, UserList } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import { ROLES } from "../model/roles.ts";
import { ASKING } from "../shell/asking.ts";
import { Dialog } from "../shell/Dialog.tsx";
import { DialogForm } from "../shell/DialogForm.tsx";
import { Refusal } from "../shell/Refusal.tsx";
import { useDoing, useLoad } from "./iiot/load.ts";
import { Moment } from "./iiot/moment.tsx";
import { Choice, Table, TextField } from "./iiot/parts.tsx";
import { Page } from "./Page.tsx";
import type { PageProps } from "./pages.ts";
import { PasswordDialog } from "./PasswordDialog.tsx";
import { RoleChoice } from "./RoleChoice.tsx";
import { Tokens } from "./Tokens.tsx";

export default function UsersPage({ state }: PageProps) {
  const { t } = useTexts();
  const { client } = state;
  const { value, failure, reload } = useLoad(useCallback(() => client.get<UserList>("/users"), [client]));
  const doing = useDoing(reload);
  const [isAdding, setAdding] = useState(false);
  const [changing, setChanging] = useState("");

  const run = (work: Promise<unknown>): void => {
    // Whoever changes themselves may no longer be who they were.
    doing.run(work.then(() => state.meet()));
  };

  return (
    <Page
      title={t("pages.users")}
      tools={
        <button
          type="button"
          className="primary"
          // Who is the first depends on who there is.
          disabled={value === undefined}
          onClick={() => {
            setAdding(true);
          }}
        >
          {t("users.add")}
        </button>
      }
    >
      <Refusal text={doing.refusal || failure} />
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
                  run(client.put(`/users/${encodeURIComponent(user.name)}`, { role }));
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
                      run(client.delete(`/users/${encodeURIComponent(user.name)}`));
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
  const save = async (): Promise<void> => {
    try {
      await onSave({ name: name.trim(), role, password });
    } catch (error) {
      // The first user ends that everybody is admin: the page asks who is there.
      if (!(isFirst && error instanceof ApiError && error.code === "unauthorized")) {
        throw error;
      }
    }
    onClose();
  };
  return (
    <Dialog title={t("users.add")} onClose={onClose}>
      <DialogForm onSave={save} onClose={onClose}>
        <TextField label={t("users.name")} about={t("users.nameAbout")} isRequired value={name} onChange={setName} />
        <RoleChoice value={role} roles={isFirst ? ["admin"] : ROLES} onChange={setRole} />
        <TextField
          label={t("users.password")}
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
