/** What a device measured last, and how one value of it moves while we look. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import { numbersOf, seriesWith, valuesOf, type Point } from "../../model/telemetry.ts";
import { Moment } from "./moment.tsx";
import { Choice } from "./parts.tsx";

const WIDTH = 300;
const HEIGHT = 100;

export function Telemetry({ at, value }: { at: number | null; value: unknown }) {
  const { t } = useTexts();
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [wanted, setWanted] = useState("");
  const grown = seriesWith(points, at, value);
  if (grown !== points) {
    setPoints(grown);
  }
  const values = valuesOf(value);
  const names = [...numbersOf(value).keys()];
  const name = names.includes(wanted) ? wanted : (names[0] ?? "");
  return (
    <section className="card" aria-label={t("telemetry.title")}>
      <h2>
        {t("telemetry.title")}
        <span className="spread" />
        <span className="quiet count">
          <Moment at={at} />
        </span>
      </h2>
      {values.length === 0 && <p className="quiet">{t("telemetry.none")}</p>}
      <dl className="values">
        {values.map(([path, shown]) => (
          <Pair key={path} name={path} shown={shown} />
        ))}
      </dl>
      {name !== "" && (
        <>
          <Choice
            label={t("telemetry.chart")}
            value={name}
            options={names.map((one) => ({ value: one, text: one }))}
            onChange={setWanted}
          />
          <Chart name={name} points={grown} />
        </>
      )}
    </section>
  );
}

function Pair({ name, shown }: { name: string; shown: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{shown}</dd>
    </>
  );
}

function Chart({ name, points }: { name: string; points: readonly Point[] }) {
  const { t } = useTexts();
  const known = points.flatMap((point) => {
    const value = point.values.get(name);
    return value === undefined ? [] : [{ at: point.at, value }];
  });
  const all = known.map((one) => one.value);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const [from, until] = [known[0]?.at ?? 0, known.at(-1)?.at ?? 0];
  const x = (at: number): number => (until === from ? WIDTH : ((at - from) / (until - from)) * WIDTH);
  const y = (value: number): number => (most === least ? HEIGHT / 2 : HEIGHT - 6 - ((value - least) / (most - least)) * (HEIGHT - 12));
  const path = known.map((one, at) => `${at === 0 ? "M" : "L"}${x(one.at).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
  return (
    <figure style={{ margin: 0 }}>
      <svg className="telemetry-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("telemetry.chartOf", { name, count: known.length })}>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
        {/* One value is a point: drawn as a short line, for a path of one point shows nothing. */}
        <path d={known.length === 1 ? `M0 ${HEIGHT / 2}L${WIDTH} ${HEIGHT / 2}` : path} />
      </svg>
      <figcaption className="chart-range">
        <span>{t("telemetry.range", { least: written(least), most: written(most) })}</span>
        <span>{t("telemetry.points", { count: known.length })}</span>
      </figcaption>
    </figure>
  );
}

function written(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "–";
}
