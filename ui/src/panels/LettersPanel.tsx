/** Dead letters of the flow: looked at, mended, replayed, dropped. */

import { useState } from "react";

import type { Dropped, LetterDetail, LetterList, LetterSummary, Replayed } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Json, JsonObject } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { ASKING } from "../shell/asking.ts";
import { clockTime } from "./clock_time.ts";
import { JsonEditor } from "./JsonEditor.tsx";
import { Notice } from "./Notice.tsx";
import type { PanelProps } from "./panel_props.ts";
import { useRead, useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";

const PAGE = 100;
const MOST_REPLAYED = 1_000;

export function LettersPanel({ state, flow, show }: PanelProps) {
  const { t } = useTexts();
  const said = useSaid();
  const [older, setOlder] = useState<readonly LetterSummary[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [picked, setPicked] = useState<LetterSummary | null>(null);
  const [turn, setTurn] = useState(0);
  const task = useTask();
  const { client } = state;
  const path = (before?: number): string => {
    const query = new URLSearchParams({ flow: flow.id, limit: String(PAGE), size: "200" });
    if (before !== undefined) {
      query.set("before", String(before));
    }
    return `/dead-letters?${query.toString()}`;
  };
  const { value, failure, again } = useRead<LetterList>(state, path());
  const letters = [...(value?.letters ?? []), ...older];
  const last = older.length > 0 ? next : (value?.next ?? null);

  const renew = (): void => {
    setOlder([]);
    setTurn(turn + 1);
    again();
  };
  const replay = (which: JsonObject): void => {
    task.run(async () => {
      const done = await client.post<Replayed>("/dead-letters/replay", which);
      setPicked(null);
      renew();
      return t("letters.replayed", { ...done, refused: done.refused.length });
    });
  };
  const drop = (which: JsonObject): void => {
    task.run(async () => {
      const done = await client.post<Dropped>("/dead-letters/drop", which);
      setPicked(null);
      renew();
      return t("letters.dropped", { count: done.count });
    });
  };
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <span className="quiet">{value !== null && t("letters.count", { count: value.total })}</span>
        {last !== null && (
          <button
            type="button"
            onClick={() => {
              task.run(async () => {
                const found = await client.get<LetterList>(path(last));
                setOlder([...older, ...found.letters]);
                setNext(found.next);
                return "";
              });
            }}
          >
            {t("letters.more")}
          </button>
        )}
        <span className="spread" />
        {letters.length > 0 && (
          <>
            <button
              data-needs="operator"
              type="button"
              onClick={() => {
                ASKING.whenSure(t("letters.sureReplayAll"), t("letters.replayAll"), () => {
                  replay({ flow: flow.id, limit: MOST_REPLAYED });
                });
              }}
            >
              {t("letters.replayAll")}
            </button>
            <button
              data-needs="operator"
              type="button"
              onClick={() => {
                ASKING.whenSure(t("letters.sureDropAll", { count: value?.total ?? letters.length }), t("letters.dropAll"), () => {
                  drop({ flow: flow.id });
                });
              }}
            >
              {t("letters.dropAll")}
            </button>
          </>
        )}
        <button type="button" onClick={renew}>
          {t("panel.refresh")}
        </button>
      </div>
      <Notice text={task.notice || failure} isError={task.isError || failure !== ""} />
      {letters.length === 0 ? (
        <p className="quiet panel-none">{t("letters.none")}</p>
      ) : (
        <div className="split">
          <WindowedList
            items={letters}
            label={t("letters.list")}
            keyOf={(one) => one.id}
            chosen={picked?.id ?? null}
            onChoose={setPicked}
            row={(one) => (
              <>
                <time>{clockTime(one.failed_at)}</time>
                <span className="row-node">{one.node}</span>
                <span className="row-text">{preview(said.say(one.error))}</span>
                <span className="row-quiet">{t("letters.tries", { count: one.attempts })}</span>
              </>
            )}
            rowClass={() => "is-error"}
          />
          {picked === null ? (
            <p className="quiet split-detail">{t("letters.pick")}</p>
          ) : (
            <Letter
              key={`${picked.id} ${turn}`}
              state={state}
              id={picked.id}
              onShow={() => {
                show(picked.flow, picked.node);
              }}
              onReplay={() => {
                replay({ ids: [picked.id] });
              }}
              onDrop={() => {
                ASKING.whenSure(t("letters.sureDrop"), t("letters.drop"), () => {
                  drop({ ids: [picked.id] });
                });
              }}
            />
          )}
        </div>
      )}
    </div>
  );
}

interface LetterProps {
  readonly state: PanelProps["state"];
  readonly id: number;
  readonly onShow: () => void;
  readonly onReplay: () => void;
  readonly onDrop: () => void;
}

function Letter({ state, id, onShow, onReplay, onDrop }: LetterProps) {
  const { t } = useTexts();
  const said = useSaid();
  const { value: letter, failure, again } = useRead<LetterDetail>(state, `/dead-letters/${id}`);
  const [isEdited, setEdited] = useState(false);
  const task = useTask();
  if (letter === null) {
    return <p className="quiet split-detail">{failure || t("panel.loading")}</p>;
  }
  return (
    <section className="split-detail" aria-label={said.say(letter.error)}>
      <p className="detail-error">
        {said.say(letter.error)} <code>{letter.code}</code>
      </p>
      <div className="detail-tools">
        <button data-needs="operator" type="button" onClick={onReplay}>
          {t("letters.replay")}
        </button>
        {letter.message !== null && !isEdited && (
          <button
            data-needs="operator"
            type="button"
            onClick={() => {
              setEdited(true);
            }}
          >
            {t("letters.edit")}
          </button>
        )}
        <button data-needs="operator" type="button" onClick={onDrop}>
          {t("letters.drop")}
        </button>
        <button type="button" onClick={onShow}>
          {t("debug.goto")}
        </button>
      </div>
      <Notice text={task.notice} isError={task.isError} />
      {isEdited && letter.message !== null ? (
        <JsonEditor
          value={letter.message as Json}
          label={t("letters.edit")}
          save={t("letters.save")}
          isObject
          onSave={(message) => {
            task.run(async () => {
              await state.client.put(`/dead-letters/${id}`, { message });
              setEdited(false);
              again();
              return t("letters.saved");
            });
          }}
          onCancel={() => {
            setEdited(false);
          }}
        />
      ) : (
        <ValueTree value={(letter.message ?? letter.excerpt) as Json} key={JSON.stringify(letter.message)} />
      )}
    </section>
  );
}
