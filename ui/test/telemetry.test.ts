import { describe, expect, it } from "vitest";

import { numbersOf, seriesWith, valuesOf, type Point } from "../src/model/telemetry.ts";

describe("telemetry", () => {
  it("is taken apart into values by their paths", () => {
    expect(valuesOf({ pump: { speed: 3, on: true }, name: "a", list: [1, null] })).toEqual([
      ["pump.speed", "3"],
      ["pump.on", "true"],
      ["name", "a"],
      ["list[0]", "1"],
      ["list[1]", "null"],
    ]);
    expect(valuesOf(7)).toEqual([["value", "7"]]);
    expect(valuesOf(null)).toEqual([]);
  });

  it("shows numbers in charts, and nothing else", () => {
    expect([...numbersOf({ a: 1, b: "2", c: { d: 3.5 } })]).toEqual([
      ["a", 1],
      ["c.d", 3.5],
    ]);
  });

  it("is bounded, however much a device sends", () => {
    expect(valuesOf(Array.from({ length: 1_000 }, (_, at) => at))).toHaveLength(200);
    let series: readonly Point[] = [];
    for (let at = 1; at <= 1_000; at++) {
      series = seriesWith(series, at, { a: at });
    }
    expect(series).toHaveLength(300);
    expect(series.at(-1)?.values.get("a")).toBe(1_000);
  });

  it("counts once, however often it is looked at", () => {
    const series = seriesWith([], 5, { a: 1 });
    expect(seriesWith(series, 5, { a: 1 })).toBe(series);
    expect(seriesWith(series, null, null)).toBe(series);
  });
});
