/** Profiles: how devices of one kind communicate, and what becomes of what they say. */

import { useCallback } from "react";

import type { ProfileDetail, ProfileList, ProfileSummary } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import type { JsonObject } from "../../model/json.ts";
import { textOf } from "../../forms/schema.ts";
import type { EditorState } from "../../shell/editor_state.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { go, hrefOf } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { DocumentEditor } from "./DocumentEditor.tsx";
import { useLoad } from "./load.ts";
import { NO_REGISTRY, NoRegistryPage } from "./NoRegistry.tsx";
import { Table } from "./parts.tsx";
import { RuleTester } from "./RuleTester.tsx";

/** What the address says for a profile that is not there yet; no id can be so. */
const NEW = "+";

export default function ProfilesPage({ state, route }: PageProps) {
  const [id] = route.rest;
  if (id === undefined) {
    return <ProfilesList state={state} />;
  }
  return <ProfileEditor key={id} state={state} id={id === NEW ? null : id} device={route.query["device"] ?? ""} />;
}

function ProfilesList({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { client } = state;
  const read = useCallback(() => client.get<ProfileList>("/iiot/profiles"), [client]);
  const { value, failure, code } = useLoad(read);
  if (code === NO_REGISTRY) {
    return <NoRegistryPage title={t("pages.profiles")} />;
  }
  return (
    <Page
      title={t("pages.profiles")}
      tools={
        <button
          data-needs="editor"
          type="button"
          className="primary"
          onClick={() => {
            go("profiles", [NEW]);
          }}
        >
          <Icon name="add" /> {t("profiles.add")}
        </button>
      }
    >
      <Refusal text={failure} />
      <Table<ProfileSummary>
        label={t("pages.profiles")}
        rows={value?.profiles}
        idOf={(one) => one.id}
        none={t("profiles.none")}
        columns={[
          { title: "devices.profile", cell: (one) => <a href={hrefOf("profiles", [one.id])}>{one.id}</a> },
          { title: "form.name", cell: (one) => one.name },
          { title: "profiles.codec", cell: (one) => one.codec },
          { title: "profiles.rules", cell: (one) => one.rules },
          { title: "profiles.actions", cell: (one) => one.actions },
          { title: "pages.devices", cell: (one) => <a href={hrefOf("devices", [], { profile: one.id })}>{one.devices}</a> },
        ]}
      />
    </Page>
  );
}

function ProfileEditor({ state, id, device }: { state: EditorState; id: string | null; device: string }) {
  const { t } = useTexts();
  const { client } = state;
  const read = useCallback(
    () => (id === null ? Promise.resolve(null) : client.get<ProfileDetail>(`/iiot/profiles/${encodeURIComponent(id)}`)),
    [client, id],
  );
  const { value, failure } = useLoad(read);
  const save = async (profile: JsonObject): Promise<void> => {
    const saved = textOf(profile["id"]);
    await client.put(`/iiot/profiles/${encodeURIComponent(saved)}`, { profile });
    if (saved !== id) {
      go("profiles", [saved]);
    }
  };
  return (
    <Page title={id ?? t("profiles.add")}>
      <p>
        <a className="back" href={hrefOf("profiles")}>
          ← {t("pages.profiles")}
        </a>
      </p>
      <Refusal text={failure} />
      {value !== undefined && (
        <DocumentEditor
          state={state}
          form="/iiot/profile-form"
          check="/iiot/profile-check"
          name="profile"
          initial={(value?.profile ?? {}) as JsonObject}
          isNew={id === null}
          needs="editor"
          saveText={t("dialog.save")}
          onSave={save}
          beside={(profile) => <RuleTester client={client} profile={profile} wanted={device} />}
        />
      )}
    </Page>
  );
}
