/** Automation rules: when devices are sent commands by themselves. */

import { useCallback } from "react";

import type { RuleList, RuleShown } from "../../api/schema.ts";
import { textOf } from "../../forms/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import type { JsonObject } from "../../model/json.ts";
import { ASKING } from "../../shell/asking.ts";
import type { EditorState } from "../../shell/editor_state.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { go, hrefOf } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { DocumentEditor } from "./DocumentEditor.tsx";
import { useDoing, useLoad } from "./load.ts";
import { NO_REGISTRY, NoRegistryPage } from "./NoRegistry.tsx";
import { Table } from "./parts.tsx";

/** What the address says for a rule that is not there yet; no id can be so. */
const NEW = "+";
const FIRST: JsonObject = { trigger: { kind: "threshold", path: "$." }, command: { action: "" } };

export default function AutomationPage({ state, route }: PageProps) {
  const [id] = route.rest;
  return id === undefined ? <Rules state={state} /> : <RuleEditor key={id} state={state} id={id === NEW ? null : id} />;
}

function Rules({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { client } = state;
  const read = useCallback(() => client.get<RuleList>("/iiot/rules"), [client]);
  const { value, failure, code, reload } = useLoad(read);
  const doing = useDoing(reload);
  if (code === NO_REGISTRY) {
    return <NoRegistryPage title={t("pages.automation")} />;
  }
  return (
    <Page
      title={t("pages.automation")}
      tools={
        <button
          data-needs="editor"
          type="button"
          className="primary"
          onClick={() => {
            go("automation", [NEW]);
          }}
        >
          <Icon name="add" /> {t("automation.add")}
        </button>
      }
    >
      <Refusal text={doing.refusal || failure} />
      <Table<RuleShown>
        label={t("pages.automation")}
        rows={value?.rules}
        idOf={(one) => one.id}
        none={t("automation.none")}
        columns={[
          {
            title: "automation.active",
            cell: (one) => (
              <input
                type="checkbox"
                role="switch"
                disabled={!state.may("editor")}
                aria-label={t("automation.turn", { rule: one.id })}
                checked={one.active}
                onChange={() => {
                  doing.run(client.post(`/iiot/rules/${encodeURIComponent(one.id)}/active`, { active: !one.active }));
                }}
              />
            ),
          },
          { title: "automation.rule", cell: (one) => <a href={hrefOf("automation", [one.id])}>{one.id}</a> },
          { title: "form.name", cell: (one) => one.name },
          { title: "automation.trigger", cell: (one) => t(`trigger.${one.trigger as "cron" | "threshold" | "telemetry" | "event"}`) },
          { title: "commands.action", cell: (one) => one.action },
          { title: "automation.about", cell: (one) => one.description },
        ]}
      />
    </Page>
  );
}

function RuleEditor({ state, id }: { state: EditorState; id: string | null }) {
  const { t } = useTexts();
  const { client } = state;
  const path = `/iiot/rules/${encodeURIComponent(id ?? "")}`;
  const read = useCallback(
    () => (id === null ? Promise.resolve(null) : client.get<RuleShown>(path)),
    [client, id, path],
  );
  const { value, failure, reload } = useLoad(read);
  const doing = useDoing(reload);
  const save = async (rule: JsonObject): Promise<void> => {
    const saved = textOf(rule["id"]);
    await client.put(`/iiot/rules/${encodeURIComponent(saved)}`, { rule });
    if (saved !== id) {
      go("automation", [saved]);
    }
  };
  const remove = (): void => {
    ASKING.whenSure(t("automation.removeSure", { rule: id ?? "" }), t("automation.remove"), () => {
      doing.run(
        client.delete(path).then(() => {
          go("automation");
        }),
      );
    });
  };
  return (
    <Page title={id ?? t("automation.add")}>
      <p>
        <a className="back" href={hrefOf("automation")}>
          ← {t("pages.automation")}
        </a>
      </p>
      <Refusal text={doing.refusal || failure} />
      {value !== undefined && (
        <DocumentEditor
          state={state}
          form="/iiot/rule-form"
          check="/iiot/rule-check"
          name="rule"
          initial={value === null ? FIRST : (value.rule as JsonObject)}
          isNew={id === null}
          needs="editor"
          saveText={t("dialog.save")}
          onSave={save}
          tools={
            id !== null && (
              <button data-needs="editor" type="button" onClick={remove}>
                {t("automation.remove")}
              </button>
            )
          }
        />
      )}
    </Page>
  );
}
