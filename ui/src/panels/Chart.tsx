/** A small chart of the last minutes. */

import { useTexts } from "../i18n/texts.tsx";
import { linePath, type Sample } from "../model/figures_history.ts";
import { short } from "../model/short.ts";

const MINUTES = 5;

export interface ChartProps {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly newest: number;
  readonly value: (sample: Sample) => number;
  readonly kind: string;
}

const WIDTH = 220;
const HEIGHT = 36;

export function Chart({ name, samples, newest, value, kind }: ChartProps) {
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
