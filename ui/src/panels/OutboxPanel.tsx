/** What waits in the outboxes of the flow's sinks. */

import { useState } from "react";

import type { Changed, SinkQueue, SinkQueues, WaitingMessages } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { ASKING } from "../shell/asking.ts";
import { clockTime } from "./clock_time.ts";
import { Notice } from "./Notice.tsx";
import type { PanelProps } from "./panel_props.ts";
import { useRead, useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";

export function OutboxPanel({ state, flow }: PanelProps) {
  const { t } = useTexts();
  const [picked, setPicked] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const task = useTask();
  const { value, failure, again } = useRead<SinkQueues>(state, "/outbox");
  const queues = (value?.queues ?? []).filter((one) => one.flow === flow.id);
  const chosen = queues.find((one) => one.node === picked);
  const renew = (): void => {
    setTurn(turn + 1);
    again();
  };
  const sinkPath = (one: SinkQueue): string =>
    `/outbox/${encodeURIComponent(one.flow)}/${one.node.split("/").map(encodeURIComponent).join("/")}`;
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <span className="spread" />
        <button type="button" onClick={renew}>
          {t("panel.refresh")}
        </button>
      </div>
      <Notice text={task.notice || failure} isError={task.isError || failure !== ""} />
      {queues.length === 0 ? (
        <p className="quiet panel-none">{t("outbox.none")}</p>
      ) : (
        <div className="split">
          <WindowedList
            items={queues}
            label={t("outbox.list")}
            keyOf={(one) => one.node}
            chosen={picked}
            onChoose={(one) => {
              setPicked(one.node);
            }}
            row={(one) => (
              <>
                <span className="row-node">{one.node}</span>
                <span className="row-text">{t("outbox.pending", { count: one.pending })}</span>
                <span className="row-quiet">
                  {t("outbox.due", { count: one.due })} · {t("outbox.oldest", { seconds: Math.round(one.oldest) })}
                </span>
              </>
            )}
          />
          {chosen === undefined ? (
            <p className="quiet split-detail">{t("outbox.pick")}</p>
          ) : (
            <section className="split-detail" aria-label={t("outbox.messages")}>
              <div className="detail-tools">
                <strong>{chosen.node}</strong>
                <span className="spread" />
                <button
                  data-needs="operator"
                  type="button"
                  onClick={() => {
                    task.run(async () => {
                      const { count } = await state.client.post<Changed>(sinkPath(chosen), undefined);
                      renew();
                      return t("outbox.hastened", { count });
                    });
                  }}
                >
                  {t("outbox.hasten")}
                </button>
                <button
                  data-needs="admin"
                  type="button"
                  onClick={() => {
                    ASKING.whenSure(t("outbox.sureDrop", { count: chosen.pending, node: chosen.node }), t("outbox.drop"), () => {
                      task.run(async () => {
                        const { count } = await state.client.delete<Changed>(sinkPath(chosen));
                        renew();
                        return t("outbox.dropped", { count });
                      });
                    });
                  }}
                >
                  {t("outbox.drop")}
                </button>
              </div>
              <Waiting state={state} path={`${sinkPath(chosen)}?limit=100`} key={`${chosen.node} ${turn}`} />
            </section>
          )}
        </div>
      )}
    </div>
  );
}

function Waiting({ state, path }: { state: PanelProps["state"]; path: string }) {
  const { t } = useTexts();
  const said = useSaid();
  const { value } = useRead<WaitingMessages>(state, path);
  const [open, setOpen] = useState<number | null>(null);
  return (
    <ul className="way">
      {(value?.messages ?? []).map((one) => (
        <li key={one.id} className={one.last_error === "" ? "" : "is-error"}>
          <button
            type="button"
            className="way-stop"
            aria-expanded={open === one.id}
            onClick={() => {
              setOpen(open === one.id ? null : one.id);
            }}
          >
            <time>{clockTime(one.created_at)}</time>
            <span className="row-text">{said.say(one.last_error) || preview(one.message, 100)}</span>
            <span className="row-quiet">{one.claimed ? t("outbox.claimed") : t("letters.tries", { count: one.attempts })}</span>
          </button>
          {open === one.id && (
            <div className="way-inner">
              <ValueTree value={one.message as Json} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
