/** Rollouts: one firmware for many devices, group by group, watched and steered. */

import { useCallback } from "react";

import type { FirmwareList, GroupShown, RolloutPage, RolloutShown } from "../../api/schema.ts";
import type { TextKey } from "../../i18n/en.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { ASKING } from "../../shell/asking.ts";
import type { EditorState } from "../../shell/editor_state.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { go, hrefOf } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";
import type { PageProps } from "../pages.ts";
import { DocumentEditor } from "./DocumentEditor.tsx";
import { queryOf, useDoing, useLoad } from "./load.ts";
import { Moment } from "./moment.tsx";
import { useLeafing } from "./pages_of.ts";
import { NO_REGISTRY, NoRegistryPage } from "./NoRegistry.tsx";
import { Pager, State } from "./parts.tsx";

const NEW = "+";
const LOOK_AGAIN = 2;
const ENDS = ["succeeded", "failed", "running", "cancelled"] as const;

export default function RolloutsPage({ state, route }: PageProps) {
  return route.rest[0] === NEW ? <NewRollout state={state} /> : <Rollouts state={state} />;
}

function Rollouts({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { client } = state;
  const leafing = useLeafing();
  const query = queryOf({ before: leafing.from, limit: 10 });
  const read = useCallback(() => client.get<RolloutPage>(`/iiot/rollouts${query}`), [client, query]);
  const { value, failure, code, reload } = useLoad(read, LOOK_AGAIN);
  const doing = useDoing(reload);
  const act = (rollout: RolloutShown, action: "pause" | "resume" | "cancel" | "rollback"): void => {
    const send = (): void => {
      doing.run(client.post(`/iiot/rollouts/${rollout.id}/act`, { action }));
    };
    if (action === "cancel" || action === "rollback") {
      ASKING.whenSure(t(`rollouts.${action}Sure`, { rollout: titleOf(rollout) }), t(`rollouts.${action}Now`), send);
    } else {
      send();
    }
  };
  if (code === NO_REGISTRY) {
    return <NoRegistryPage title={t("pages.rollouts")} />;
  }
  return (
    <Page
      title={t("pages.rollouts")}
      tools={
        <button
          data-needs="operator"
          type="button"
          className="primary"
          onClick={() => {
            go("rollouts", [NEW]);
          }}
        >
          <Icon name="add" /> {t("rollouts.add")}
        </button>
      }
    >
      <Refusal text={doing.refusal || failure} />
      {value?.rollouts.length === 0 && <p className="quiet table-none">{t("rollouts.none")}</p>}
      {value?.rollouts.map((one) => (
        <article className="card" key={one.id} aria-label={titleOf(one)}>
          <div className="rollout-head">
            <h2>{titleOf(one)}</h2>
            <State of="rollout" name={one.state} />
            {one.reason !== "" && <span className="quiet">{t(`rollouts.${one.reason}` as TextKey)}</span>}
            <span className="quiet">
              {t("rollouts.asked", { who: one.requested_by })} <Moment at={one.created_at} />
            </span>
            <span className="spread" />
            {one.state === "running" && <button data-needs="operator" type="button" onClick={() => { act(one, "pause"); }}>{t("rollouts.pause")}</button>}
            {one.state === "paused" && <button data-needs="operator" type="button" onClick={() => { act(one, "resume"); }}>{t("rollouts.resume")}</button>}
            {!one.is_end && <button data-needs="operator" type="button" onClick={() => { act(one, "cancel"); }}>{t("rollouts.cancel")}</button>}
            {one.state !== "rolled_back" && one.rolls_back === null && (
              <button data-needs="operator" type="button" onClick={() => { act(one, "rollback"); }}>{t("rollouts.rollback")}</button>
            )}
          </div>
          <div className="group-progress">
            {one.groups.map((group, at) => (
              <GroupProgress key={at} group={group} />
            ))}
          </div>
        </article>
      ))}
      {(leafing.hasPrevious || value?.next != null) && (
        <Pager
          hasPrevious={leafing.hasPrevious}
          hasNext={value?.next != null}
          onPrevious={leafing.previous}
          onNext={() => {
            leafing.next(value?.next ?? "");
          }}
        />
      )}
    </Page>
  );
}

function GroupProgress({ group }: { group: GroupShown }) {
  const { t } = useTexts();
  const facts = t("rollouts.counts", { succeeded: group.succeeded, total: group.total, failed: group.failed, running: group.running });
  return (
    <>
      <span title={group.name}>{group.name}</span>
      <div
        className="progress"
        role="progressbar"
        aria-label={group.name}
        aria-valuemin={0}
        aria-valuemax={group.total}
        aria-valuenow={group.succeeded}
        aria-valuetext={facts}
      >
        {ENDS.map((name) => (
          <span key={name} className={`is-${name}`} style={{ width: `${group.total === 0 ? 0 : (group[name] / group.total) * 100}%` }} />
        ))}
      </div>
      <span>{facts}</span>
    </>
  );
}

function NewRollout({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { client } = state;
  const read = useCallback(() => client.get<FirmwareList>("/iiot/firmware"), [client]);
  const { value, failure } = useLoad(read);
  return (
    <Page title={t("rollouts.add")}>
      <p>
        <a className="back" href={hrefOf("rollouts")}>
          ← {t("pages.rollouts")}
        </a>
      </p>
      <Refusal text={failure} />
      {value !== undefined && (
        <DocumentEditor
          state={state}
          form="/iiot/rollout-form"
          check="/iiot/rollout-check"
          name="plan"
          initial={{ firmware: value.firmware[0]?.id ?? "" }}
          isNew
          needs="operator"
          saveText={t("rollouts.start")}
          onSave={async (plan) => {
            await client.post("/iiot/rollouts", { plan });
            go("rollouts");
          }}
        />
      )}
    </Page>
  );
}

function titleOf(rollout: RolloutShown): string {
  return rollout.name === "" ? rollout.firmware : `${rollout.name} (${rollout.firmware})`;
}
