/** Small charts of the last minutes: of the flow, and of the chosen nodes. */

import { useTexts } from "../i18n/texts.tsx";
import { short } from "../model/short.ts";
import { linePath, WHOLE, type Sample } from "../model/figures_history.ts";
import type { PanelProps } from "./panel_props.ts";
import { useSlowSignal } from "./use_slow_signal.ts";

const MOST_NODES = 12;
const MINUTES = 5;

export function FiguresPanel({ state, flow }: Pick<PanelProps, "state" | "flow">) {
  const { t } = useTexts();
  const { history } = state.watch;
  useSlowSignal(history.changed);
  const nodes = [...flow.selection].slice(0, MOST_NODES);
  return (
    <div className="panel-body figures">
      {[WHOLE, ...nodes].map((node) => {
        const samples = history.samples(flow.id, node);
        const title = node === WHOLE ? t("figures.whole") : node;
        return (
          <div className="figures-row" key={node} role="group" aria-label={title}>
            <strong className="figures-name">{title}</strong>
            <Chart name={t("figures.rate")} samples={samples} newest={history.newest} value={(one) => one.received} kind="rate" />
            <Chart name={t("figures.errors")} samples={samples} newest={history.newest} value={(one) => one.errors} kind="error" />
            <Chart
              name={t(node === WHOLE ? "figures.inFlight" : "figures.waiting")}
              samples={samples}
              newest={history.newest}
              value={(one) => one.waiting}
              kind="waiting"
            />
          </div>
        );
      })}
      {nodes.length === 0 && <p className="quiet panel-none">{t("figures.pick")}</p>}
    </div>
  );
}

interface ChartProps {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly newest: number;
  readonly value: (sample: Sample) => number;
  readonly kind: string;
}

const WIDTH = 220;
const HEIGHT = 36;

function Chart({ name, samples, newest, value, kind }: ChartProps) {
  const { t } = useTexts();
  const from = newest - MINUTES * 60;
  const shown = samples.filter((sample) => sample.at >= from);
  const most = shown.reduce((found, sample) => Math.max(found, value(sample)), 0);
  const last = shown.at(-1);
  const isNow = last !== undefined && newest - last.at < 2.5;
  const now = isNow || kind === "waiting" ? (last === undefined ? 0 : value(last)) : 0;
  const text = t("figures.now", { now: short(now), most: short(most) });
  return (
    <figure className={`chart is-${kind}`}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${text}`}>
        <path d={linePath(shown, value, { width: WIDTH, height: HEIGHT - 2, from, to: newest, most: Math.max(most, 1) })} />
      </svg>
      <figcaption>
        {name} <span className="quiet">{text}</span>
      </figcaption>
    </figure>
  );
}
