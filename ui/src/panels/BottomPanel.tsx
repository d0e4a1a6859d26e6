/** The panel below the canvas: what is wrong, what happens, what waits, and whether the flow does what it should. */

import "./panels.css";

import { lazy, Suspense, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import type { TextKey } from "../i18n/en.ts";
import { useTexts } from "../i18n/texts.tsx";
import { drawnNode } from "../model/event_log.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import type { EditorState } from "../shell/editor_state.ts";
import type { PanelProps } from "./panel_props.ts";
import { Problems } from "./Problems.tsx";
import { useSlowSignal } from "./use_slow_signal.ts";

const Seeing = lazy(() => import("./seeing.tsx"));

const TABS = ["problems", "debug", "trace", "letters", "outbox", "state", "figures", "log", "tests"] as const;
export type Tab = (typeof TABS)[number];

const TITLES: Record<Tab, TextKey> = {
  problems: "problems.title",
  debug: "tab.debug",
  trace: "tab.trace",
  letters: "tab.letters",
  outbox: "tab.outbox",
  state: "tab.state",
  figures: "tab.figures",
  log: "tab.log",
  tests: "tab.tests",
};

const KEPT = "flowengine.panel";
const LEAST = 90;
const STEP = 20;

interface Shape {
  readonly tab: Tab;
  readonly height: number;
  readonly isFolded: boolean;
}

export function BottomPanel({ state, flow }: { state: EditorState; flow: OpenFlow }) {
  const { t } = useTexts();
  const [shape, setShape] = useState(keptShape);
  const [message, setMessage] = useState<string | null>(null);
  const tabs = useRef<HTMLDivElement>(null);
  useSlowSignal(state.watch.messages.changed);
  const errors = state.watch.messages.entries.filter((entry) => entry.level === "error" && entry.flow === flow.id).length;

  const change = (part: Partial<Shape>): void => {
    const next = { ...shape, ...part };
    setShape(next);
    localStorage.setItem(KEPT, JSON.stringify(next));
  };
  const counts: Partial<Record<Tab, number>> = { problems: flow.problems.length, debug: errors };

  const show: PanelProps["show"] = (id, node, traced) => {
    void state.show(id).then((shown) => {
      shown.select(new Set([drawnNode(node)]));
    });
    if (traced !== undefined) {
      setMessage(traced);
      change({ tab: "trace", isFolded: false });
    }
  };

  const onTabKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      event.stopPropagation();
      const next = TABS[(TABS.indexOf(shape.tab) + step + TABS.length) % TABS.length] ?? shape.tab;
      change({ tab: next, isFolded: false });
      tabs.current?.querySelector<HTMLElement>(`[data-tab=${next}]`)?.focus();
    }
  };

  return (
    <section className="bottom-panel" aria-label={t("panel.title")}>
      {!shape.isFolded && (
        <div
          className="panel-grip"
          role="separator"
          tabIndex={0}
          aria-orientation="horizontal"
          aria-label={t("panel.resize")}
          aria-valuenow={shape.height}
          aria-valuemin={LEAST}
          aria-valuemax={tallest()}
          onKeyDown={(event) => {
            const step = event.key === "ArrowUp" ? STEP : event.key === "ArrowDown" ? -STEP : 0;
            if (step !== 0) {
              event.preventDefault();
              event.stopPropagation();
              change({ height: fitting(shape.height + step) });
            }
          }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId)) {
              change({ height: fitting(shape.height - event.movementY) });
            }
          }}
        />
      )}
      <div className="panel-tabs">
        <div role="tablist" aria-label={t("panel.title")} ref={tabs} onKeyDown={onTabKey}>
          {TABS.map((tab) => (
            <button
              key={tab}
              type="button"
              role="tab"
              id={`tab-${tab}`}
              data-tab={tab}
              tabIndex={tab === shape.tab ? 0 : -1}
              aria-selected={tab === shape.tab}
              aria-controls="bottom-panel-body"
              onClick={() => {
                change({ tab, isFolded: tab === shape.tab && !shape.isFolded });
              }}
            >
              {t(TITLES[tab])}
              {(counts[tab] ?? 0) > 0 && <span className={`tab-count is-${tab}`}>{counts[tab]}</span>}
            </button>
          ))}
        </div>
        <span className="spread" />
        <button
          type="button"
          className="icon-button panel-fold"
          aria-expanded={!shape.isFolded}
          aria-label={shape.isFolded ? t("panel.expand") : t("panel.collapse")}
          title={shape.isFolded ? t("panel.expand") : t("panel.collapse")}
          onClick={() => {
            change({ isFolded: !shape.isFolded });
          }}
        >
          {shape.isFolded ? "▴" : "▾"}
        </button>
      </div>
      {!shape.isFolded && (
        <div
          className="panel-content"
          id="bottom-panel-body"
          role="tabpanel"
          aria-labelledby={`tab-${shape.tab}`}
          style={{ height: shape.height }}
          // Keys that mean something on the canvas mean nothing to it here.
          onKeyDown={(event) => {
            event.stopPropagation();
          }}
        >
          {shape.tab === "problems" ? (
            <Problems flow={flow} />
          ) : (
            <Suspense fallback={<Loading />}>
              <Seeing
                key={flow.id}
                tab={shape.tab}
                state={state}
                flow={flow}
                show={show}
                message={message}
                onMessage={setMessage}
              />
            </Suspense>
          )}
        </div>
      )}
    </section>
  );
}

function Loading(): ReactNode {
  const { t } = useTexts();
  return <p className="quiet panel-none">{t("panel.loading")}</p>;
}

function tallest(): number {
  return Math.round(window.innerHeight * 0.7);
}

function fitting(height: number): number {
  return Math.round(Math.min(Math.max(height, LEAST), tallest()));
}

function keptShape(): Shape {
  const usual: Shape = { tab: "problems", height: 200, isFolded: false };
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Shape> | null;
    const shape = { ...usual, ...kept };
    return { ...shape, tab: TABS.includes(shape.tab) ? shape.tab : "problems", height: fitting(shape.height) };
  } catch {
    return usual;
  }
}
