/** What debug nodes show, and errors: filtered, paused, looked into. The log is the same list of everything else. */

import { useMemo, useState } from "react";

import { useSaid } from "../i18n/said.ts";
import { called, useTexts, type Translate } from "../i18n/texts.tsx";
import type { EngineTexts } from "../model/engine_texts.ts";
import { filtered, type Entry, type EntryLevel, type EventLog } from "../model/event_log.ts";
import type { Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { clockTime } from "./clock_time.ts";
import { rootOf, type Pins } from "../model/pins.ts";
import type { PanelProps } from "./panel_props.ts";
import { useSlowSignal } from "./use_slow_signal.ts";
import { Pinned } from "./Pinned.tsx";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";

interface DebugPanelProps extends Omit<PanelProps, "state"> {
  readonly log: EventLog;
  /** What is said where there is nothing. */
  readonly none: string;
  readonly pins?: Pins;
}

export function DebugPanel({ flow, show, log, none, pins }: DebugPanelProps) {
  const { t } = useTexts();
  const said = useSaid();
  const version = useSlowSignal(log.changed);
  const [ofFlow, setOfFlow] = useState(false);
  const [isChosen, setChosen] = useState(false);
  const [level, setLevel] = useState<EntryLevel | null>(null);
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<Entry | null>(null);
  const nodes = isChosen && flow.selection.size > 0 ? flow.selection : null;
  const entries = useMemo(
    () => filtered(log.entries, { flow: ofFlow || nodes !== null ? flow.id : null, nodes, level, text }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the log is the same object; its version tells of changes
    [log, version, ofFlow, nodes, level, text, flow.id],
  );
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <input
          type="search"
          aria-label={t("debug.search")}
          placeholder={t("debug.search")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <select
          aria-label={t("debug.flow")}
          value={ofFlow ? "this" : ""}
          onChange={(event) => {
            setOfFlow(event.target.value === "this");
          }}
        >
          <option value="">{t("debug.flowAll")}</option>
          <option value="this">{t("debug.flowThis")}</option>
        </select>
        <select
          aria-label={t("debug.level")}
          value={level ?? ""}
          onChange={(event) => {
            setLevel(event.target.value === "" ? null : (event.target.value as EntryLevel));
          }}
        >
          <option value="">{t("level.all")}</option>
          <option value="info">{t("level.info")}</option>
          <option value="warning">{t("level.warning")}</option>
          <option value="error">{t("level.error")}</option>
        </select>
        <label className="panel-check">
          <input
            type="checkbox"
            checked={isChosen}
            onChange={(event) => {
              setChosen(event.target.checked);
            }}
          />
          {t("debug.chosen")}
        </label>
        <span className="spread" />
        {log.missed > 0 && <span className="quiet">{t("debug.left", { count: log.missed })}</span>}
        <button
          type="button"
          aria-pressed={log.isPaused}
          onClick={() => {
            if (log.isPaused) {
              log.resume();
            } else {
              log.pause();
            }
          }}
        >
          {log.isPaused ? (log.behind > 0 ? t("debug.behind", { count: log.behind }) : t("debug.resume")) : t("debug.pause")}
        </button>
        <button
          type="button"
          onClick={() => {
            setPicked(null);
            log.clear();
          }}
        >
          {t("debug.clear")}
        </button>
      </div>
      {pins !== undefined && <Pinned pins={pins} entries={log.entries} />}
      {entries.length === 0 ? (
        <p className="quiet panel-none">{log.entries.length === 0 ? none : t("debug.noneFits")}</p>
      ) : (
        <div className="split">
          <WindowedList
            items={entries}
            label={t("debug.entries")}
            keyOf={numberOf}
            chosen={picked?.number ?? null}
            onChoose={(entry) => {
              setPicked(entry);
              if (entry.flow === flow.id && entry.node !== "") {
                show(entry.flow, entry.node);
              }
            }}
            rowClass={(entry) => `is-${entry.level}`}
            row={(entry) => (
              <>
                <time>{clockTime(entry.at)}</time>
                <span className="row-node">{entry.flow === flow.id || entry.flow === "" ? entry.node : `${entry.flow} › ${entry.node}`}</span>
                <span className="row-text">{lineOf(entry, t, said)}</span>
              </>
            )}
            follows
          />
          <EntryDetail entry={picked} show={show} pins={pins} />
        </div>
      )}
    </div>
  );
}

function EntryDetail({ entry, show, pins }: { entry: Entry | null; show: PanelProps["show"]; pins: Pins | undefined }) {
  const { t } = useTexts();
  const said = useSaid();
  if (entry === null) {
    return <p className="quiet split-detail">{t("debug.pick")}</p>;
  }
  const { data } = entry;
  const skipped = Number(data["skipped"] ?? 0);
  const message = data["message_id"];
  return (
    <section className="split-detail" key={entry.number} aria-label={lineOf(entry, t, said)}>
      <div className="detail-tools">
        <strong>{entry.node || called(t, "event", entry.kind)}</strong> <span className="quiet">{clockTime(entry.at)}</span>
        <span className="spread" />
        {entry.node !== "" && (
          <button
            type="button"
            onClick={() => {
              show(entry.flow, entry.node);
            }}
          >
            {t("debug.goto")}
          </button>
        )}
        {typeof message === "string" && (
          <button
            type="button"
            onClick={() => {
              show(entry.flow, entry.node, message);
            }}
          >
            {t("debug.trace")}
          </button>
        )}
      </div>
      {skipped > 0 && <p className="quiet">{t("debug.skipped", { count: skipped })}</p>}
      {entry.kind === "debug" ? (
        <ValueTree
          value={(data["value"] ?? null) as Json}
          root={rootOf(entry)}
          onPin={
            pins === undefined
              ? undefined
              : (path) => {
                  pins.turn({ flow: entry.flow, node: entry.node, root: rootOf(entry), path });
                }
          }
        />
      ) : (
        <>
          {entry.level === "error" && <p className="detail-error">{lineOf(entry, t, said)}</p>}
          <ValueTree value={data as unknown as Json} />
        </>
      )}
    </section>
  );
}

function numberOf(entry: Entry): number {
  return entry.number;
}

function lineOf(entry: Entry, t: Translate, said: EngineTexts): string {
  const { data } = entry;
  switch (entry.kind) {
    case "debug": {
      const value = data["missing"] === true ? t("debug.missing") : preview(data["value"]);
      return data["topic"] == null || data["topic"] === "" ? value : `${preview(data["topic"], 60)}: ${value}`;
    }
    case "error":
    case "broken":
      return said.say(preview(data["message"], 300));
    case "status":
      return said.status({ text: preview(data["text"]), is_value: data["is_value"] === true });
    case "deploy":
      return t("log.deploy", { revision: preview(data["revision"]).slice(0, 12) });
    case "files":
      return t("log.files", { names: [data["flows"], data["layouts"], data["tests"]].flat().join(", ") });
    default:
      return `${called(t, "event", entry.kind)} ${preview(data)}`;
  }
}
