/** What goes along a wire: its last messages, with no debug node needed. */

import { useEffect, useState } from "react";

import type { Arrivals } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Wire } from "../model/document.ts";
import type { Entry } from "../model/event_log.ts";
import type { Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { portLine } from "../model/figures_history.ts";
import type { EditorState } from "../shell/editor_state.ts";
import { Chart } from "./Chart.tsx";
import { clockTime } from "./clock_time.ts";
import { useSlowSignal } from "./use_slow_signal.ts";
import { ValueTree } from "./ValueTree.tsx";

interface Shown {
  readonly key: string;
  readonly at: number;
  readonly message: Json;
  readonly sent: number;
}

export function WirePanel({ state, flow, wire }: { state: EditorState; flow: string; wire: Wire }) {
  const { t } = useTexts();
  const { tapped, history } = state.watch;
  const { from, port } = wire;
  const target = wire.to.node;
  useSlowSignal(tapped.changed);
  const [earlier, setEarlier] = useState<readonly Shown[]>([]);
  const [open, setOpen] = useState<string | null>(null);

  useEffect(() => {
    state.tap({ flow, node: from, port });
    const query = new URLSearchParams({ flow, node: target, limit: "10" });
    let isGone = false;
    state.client
      .get<Arrivals>(`/traces/arrivals?${query.toString()}`)
      .then(({ arrivals }) => {
        if (!isGone) {
          setEarlier(
            arrivals.map((one, index) => ({ key: `${one.trace} ${index}`, at: one.at, message: one.message as Json, sent: 0 })),
          );
        }
      })
      // Without traces there is still what comes now.
      .catch(() => undefined);
    return () => {
      isGone = true;
      state.tap(null);
    };
  }, [state, flow, from, port, target]);

  const now = tapped.entries.map(shownOf).reverse();
  const first = now[0]?.key ?? earlier[0]?.key ?? null;
  const row = (one: Shown) => {
    const isOpen = (open ?? first) === one.key;
    return (
      <li key={one.key}>
        <button
          type="button"
          className="wire-message"
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(isOpen ? "" : one.key);
          }}
        >
          <time>{clockTime(one.at)}</time> <span>{preview((one.message as Record<string, unknown>)["payload"] ?? one.message, 80)}</span>
        </button>
        {isOpen && (
          <>
            {one.sent > 0 && <p className="quiet">{t("wire.sent", { count: one.sent })}</p>}
            <ValueTree value={one.message} />
          </>
        )}
      </li>
    );
  };
  return (
    <aside className="node-panel wire-panel" aria-label={t("wire.title")}>
      <h2>{t("wire.title")}</h2>
      <p className="quiet">
        {from} › {port} → {target}
      </p>
      <Chart
        name={t("figures.rate")}
        history={history}
        flow={flow}
        line={portLine(`${from}.${port}`)}
        value={(one) => one.received}
        kind="rate"
      />
      {now.length === 0 && <p className="quiet">{t("wire.next")}</p>}
      <ul aria-label={t("wire.list")}>{now.map(row)}</ul>
      {earlier.length > 0 && (
        <>
          <h3>{t("wire.earlier")}</h3>
          <ul>{earlier.map(row)}</ul>
        </>
      )}
    </aside>
  );
}

function shownOf(entry: Entry): Shown {
  return {
    key: String(entry.number),
    at: entry.at,
    message: (entry.data["message"] ?? null) as Json,
    sent: Number(entry.data["sent"] ?? 0),
  };
}
