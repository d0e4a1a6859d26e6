/** The way of single messages: which node got what, what changed, how long it took and where it failed. */

import { useEffect, useMemo, useState } from "react";

import type { FlowTestsDetail, Injected, TraceDetail, TraceList, TraceSummary } from "../api/schema.ts";
import type { TextKey } from "../i18n/en.ts";
import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import { isObject, type Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { recordedCase, withCase } from "../model/test_case.ts";
import { changedPaths, fatesOf, stopsOf, type Stop } from "../model/trace_way.ts";
import { clockTime, duration } from "./clock_time.ts";
import { Notice } from "./Notice.tsx";
import type { SeeingProps } from "./seeing.tsx";
import { useRead, useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";
import { ASKING } from "../shell/asking.ts";

const REFRESH = 1_500;
const WHOLE = 100_000;

const OUTCOMES: Record<TraceSummary["outcome"], TextKey> = {
  "": "trace.open",
  settled: "trace.settled",
  dropped: "trace.dropped",
  failed: "trace.failed",
};

export function TracePanel({ state, flow, show, message, onMessage }: SeeingProps) {
  const { t } = useTexts();
  const [count, setCount] = useState(5);
  const task = useTask();
  const list = useRead<TraceList>(state, `/traces?${new URLSearchParams({ flow: flow.id, limit: "200" }).toString()}`);
  const { again } = list;
  useEffect(() => {
    const timer = setInterval(again, REFRESH);
    return () => {
      clearInterval(timer);
    };
  }, [again]);
  const traces = list.value?.traces ?? [];
  const follow = (): void => {
    task.run(async () => {
      await state.client.post("/traces/follow", { flow: flow.id, count });
      return t("trace.following", { count });
    });
  };
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <button data-needs="operator" type="button" onClick={follow}>
          {t("trace.follow")}
        </button>
        <input
          data-needs="operator"
          type="number"
          min={1}
          max={100}
          aria-label={t("trace.followCount")}
          value={count}
          onChange={(event) => {
            setCount(Math.min(Math.max(Number(event.target.value), 1), 100));
          }}
        />
        <span className="spread" />
        <button type="button" onClick={again}>
          {t("panel.refresh")}
        </button>
      </div>
      <Notice text={task.notice || list.failure} isError={task.isError || list.failure !== ""} />
      {traces.length === 0 ? (
        <p className="quiet panel-none">{t("trace.none")}</p>
      ) : (
        <div className="split">
          <WindowedList
            items={traces}
            label={t("trace.list")}
            keyOf={(one) => one.id}
            chosen={message}
            onChoose={(one) => {
              onMessage(one.id);
            }}
            rowClass={(one) => (one.outcome === "failed" || one.errors > 0 ? "is-error" : one.outcome === "dropped" ? "is-warning" : "")}
            row={(one) => (
              <>
                <time>{clockTime(one.began)}</time>
                <span className="row-text">{one.id}</span>
                <span className="row-quiet">
                  {t(OUTCOMES[one.outcome])}
                  {one.reason !== "" && ` (${one.reason})`} · {t("trace.hops", { count: one.hops })}
                  {one.outcome !== "" && ` · ${duration(one.took)}`}
                </span>
              </>
            )}
          />
          {message === null ? (
            <p className="quiet split-detail">{t("trace.pick")}</p>
          ) : (
            <Way key={message} state={state} flow={flow} show={show} id={message} />
          )}
        </div>
      )}
    </div>
  );
}

function Way({ state, flow, show, id }: Pick<SeeingProps, "state" | "flow" | "show"> & { id: string }) {
  const { t } = useTexts();
  const said = useSaid();
  const { value: trace, failure } = useRead<TraceDetail>(state, `/traces/${encodeURIComponent(id)}?size=${WHOLE}`);
  const document = flow.sheet.flow;
  const stops = useMemo(() => (trace === null ? [] : stopsOf(trace, document)), [trace, document]);
  const [open, setOpen] = useState(0);
  const task = useTask();
  const { watch, client, project } = state;

  useEffect(() => {
    watch.showWay(fatesOf(stops));
    return () => {
      watch.showWay(new Map());
    };
  }, [watch, stops]);

  if (trace === null) {
    return <p className="quiet split-detail">{failure || t("panel.loading")}</p>;
  }
  const replay = (stop: Stop): void => {
    ASKING.whenSure(t("trace.sureReplay", { node: stop.node }), t("trace.replay"), () => {
      task.run(async () => {
        await client.post<Injected>(`/flows/${encodeURIComponent(flow.id)}/inject`, {
          node: stop.node,
          message: isObject(stop.message) ? stop.message : { payload: stop.message },
        });
        return t("trace.replayed", { node: stop.node });
      });
    });
  };
  const record = (): void => {
    task.run(async () => {
      const name = await ASKING.text(t("tests.recordName"), t("trace.record"));
      if (name === null) {
        return "";
      }
      const path = `/flows/${encodeURIComponent(flow.id)}/tests`;
      const tests = await client.get<FlowTestsDetail>(path);
      const made = recordedCase(name, trace, stops, document, (type) => project.types.get(type)?.outside === true);
      await client.put(path, { base: tests.revision, document: withCase(tests.document, name, made) });
      return t("tests.recorded", { name });
    });
  };
  return (
    <section className="split-detail" aria-label={t("trace.way")}>
      <div className="detail-tools">
        <strong>{t(OUTCOMES[trace.outcome])}</strong>
        <span className="quiet">{trace.reason}</span>
        <span className="spread" />
        <button data-needs="editor" type="button" onClick={record}>
          {t("trace.record")}
        </button>
      </div>
      <Notice text={task.notice} isError={task.isError} />
      <ol className="way">
        {stops.map((stop) => (
          <li key={stop.number} className={stop.code === "" ? "" : "is-error"}>
            <button
              type="button"
              className="way-stop"
              aria-expanded={open === stop.number}
              onClick={() => {
                setOpen(open === stop.number ? -1 : stop.number);
                show(flow.id, stop.node);
              }}
            >
              <strong>{stop.node}</strong>
              <span className="row-text">{stop.code === "" ? preview(stop.message, 80) : said.say(stop.error)}</span>
              <span className="row-quiet">{stop.took === null ? "" : duration(stop.took)}</span>
            </button>
            {open === stop.number && (
              <div className="way-inner">
                <Changes stop={stop} />
                <ValueTree value={stop.message} changed={changedPaths(stop.changes)} />
                {stop.code === "" && (
                  <button
                    data-needs="operator"
                    type="button"
                    onClick={() => {
                      replay(stop);
                    }}
                  >
                    {t("trace.replay")}
                  </button>
                )}
              </div>
            )}
          </li>
        ))}
      </ol>
      {trace.cut > 0 && <p className="quiet">{t("trace.cut", { count: trace.cut })}</p>}
    </section>
  );
}

function Changes({ stop }: { stop: Stop }) {
  const { t } = useTexts();
  const said = useSaid();
  if (stop.code !== "") {
    return (
      <p className="detail-error">
        {said.say(stop.error)} <code>{stop.code}</code>
      </p>
    );
  }
  if (stop.from === null) {
    return null;
  }
  if (stop.changes.length === 0) {
    return <p className="quiet">{t("trace.same")}</p>;
  }
  return (
    <ul className="changes">
      {stop.changes.map((patch) => (
        <li key={patch.path.join(".")}>
          <code>{patch.path.join(".")}</code>{" "}
          {patch.before !== undefined && <del aria-label={t("trace.before")}>{shown(patch.before)}</del>}{" "}
          {patch.after !== undefined && <ins>{shown(patch.after)}</ins>}
        </li>
      ))}
    </ul>
  );
}

function shown(value: Json): string {
  return preview(JSON.stringify(value), 120);
}
