/** What nodes and flows remember: looked at, changed, deleted. */

import { useState } from "react";

import type { StateDetail, StateList } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { ASKING } from "../shell/asking.ts";
import { JsonEditor } from "./JsonEditor.tsx";
import { Notice } from "./Notice.tsx";
import type { PanelProps } from "./panel_props.ts";
import { useRead, useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";

const ALL = " all";

export function StatePanel({ state, flow }: PanelProps) {
  const { t } = useTexts();
  const [scope, setScope] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const task = useTask();
  const whose: Record<string, string> = scope === ALL ? {} : scope === "" ? { flow: flow.id } : { flow: flow.id, node: scope };
  const ofFlow = useRead<StateList>(state, `/state?${new URLSearchParams({ flow: flow.id, size: "200" }).toString()}`);
  const list = useRead<StateList>(state, `/state?${new URLSearchParams({ ...whose, size: "200" }).toString()}`);
  const values = list.value?.values ?? [];
  const renew = (): void => {
    setTurn(turn + 1);
    ofFlow.again();
    list.again();
  };
  const path = (key: string): string => `/state/value?${new URLSearchParams({ ...whose, key }).toString()}`;
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <select
          aria-label={t("state.scope")}
          value={scope}
          onChange={(event) => {
            setScope(event.target.value);
            setPicked(null);
          }}
        >
          <option value="">{t("state.flow")}</option>
          {(ofFlow.value?.nodes ?? []).map((node) => (
            <option key={node} value={node}>
              {node}
            </option>
          ))}
          <option value={ALL}>{t("state.all")}</option>
        </select>
        <span className="spread" />
        <button type="button" onClick={renew}>
          {t("panel.refresh")}
        </button>
      </div>
      <Notice text={task.notice || list.failure} isError={task.isError || list.failure !== ""} />
      {values.length === 0 ? (
        <p className="quiet panel-none">{t("state.none")}</p>
      ) : (
        <div className="split">
          <WindowedList
            items={values}
            label={t("state.list")}
            keyOf={(one) => one.key}
            chosen={picked}
            onChoose={(one) => {
              setPicked(one.key);
            }}
            row={(one) => (
              <>
                <span className="row-node">{one.key}</span>
                <span className="row-text">{preview(one.value)}</span>
                <span className="row-quiet">{t("state.size", { count: one.size })}</span>
              </>
            )}
          />
          {picked === null ? (
            <p className="quiet split-detail">{t("state.pick")}</p>
          ) : (
            <Value
              key={`${scope} ${picked} ${turn}`}
              state={state}
              path={path(picked)}
              name={picked}
              onSave={(value) => {
                task.run(async () => {
                  await state.client.put(path(picked), { value });
                  renew();
                  return "";
                });
              }}
              onDelete={() => {
                ASKING.whenSure(t("state.sureDelete", { key: picked }), t("state.delete"), () => {
                  task.run(async () => {
                    await state.client.delete(path(picked));
                    setPicked(null);
                    renew();
                    return "";
                  });
                });
              }}
            />
          )}
        </div>
      )}
    </div>
  );
}

interface ValueProps {
  readonly state: PanelProps["state"];
  readonly path: string;
  readonly name: string;
  readonly onSave: (value: Json) => void;
  readonly onDelete: () => void;
}

function Value({ state, path, name, onSave, onDelete }: ValueProps) {
  const { t } = useTexts();
  const [isEdited, setEdited] = useState(false);
  const { value, failure } = useRead<StateDetail>(state, path);
  if (value === null) {
    return <p className="quiet split-detail">{failure || t("panel.loading")}</p>;
  }
  return (
    <section className="split-detail" aria-label={name}>
      <div className="detail-tools">
        <strong>{name}</strong>
        <span className="spread" />
        <button
          data-needs="operator"
          type="button"
          onClick={() => {
            setEdited(true);
          }}
        >
          {t("state.edit")}
        </button>
        <button data-needs="operator" type="button" onClick={onDelete}>
          {t("state.delete")}
        </button>
      </div>
      {isEdited ? (
        <JsonEditor
          value={value.value as Json}
          label={t("state.edit")}
          save={t("state.save")}
          onSave={onSave}
          onCancel={() => {
            setEdited(false);
          }}
        />
      ) : (
        <ValueTree value={value.value as Json} root={name} />
      )}
    </section>
  );
}
