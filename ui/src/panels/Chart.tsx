/** A small chart of the last minutes, which goes on with the time. */

import { useTexts } from "../i18n/texts.tsx";
import { linePath, type FiguresHistory, type Sample } from "../model/figures_history.ts";
import { short } from "../model/short.ts";
import { useNow } from "../shell/use_now.ts";

export interface ChartProps {
  readonly name: string;
  readonly history: FiguresHistory;
  readonly flow: string;
  /** The node, the port, or the flow as a whole. */
  readonly line: string;
  readonly value: (sample: Sample) => number;
  readonly kind: string;
}

const WIDTH = 220;
const HEIGHT = 36;

export function Chart({ name, history, flow, line, value, kind }: ChartProps) {
  const { t } = useTexts();
  useNow(1);
  const samples = history.samples(flow, line);
  const to = history.now;
  const from = to - history.seconds;
  const most = samples.reduce((found, sample) => Math.max(found, sample.at < from ? 0 : value(sample)), 0);
  const last = samples.at(-1);
  const text = t("figures.now", { now: short(last === undefined ? 0 : value(last)), most: short(most) });
  return (
    <figure className={`chart is-${kind}`}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${text}`}>
        <path d={linePath(samples, value, { width: WIDTH, height: HEIGHT - 2, from, to, most: Math.max(most, 1) })} />
      </svg>
      <figcaption>
        {name} <span className="quiet">{text}</span>
      </figcaption>
    </figure>
  );
}
