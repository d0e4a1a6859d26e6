import { describe, expect, test } from "vitest";

import { FiguresHistory, linePath, portLine, WHOLE } from "../src/model/figures_history.ts";

function told(at: number, received: number, waiting = 3) {
  return { flow: "a", at, account: { received, failed: 0, in_flight: 0 }, nodes: { seen: [received, 0, waiting] as const }, ports: {} };
}

/** A history whose clock stands, an hour behind the engine's, until it is told something or moved. */
function toldTo(seconds?: number) {
  const clock = { now: 0 };
  const history = new FiguresHistory(() => clock.now - 3600, seconds);
  return {
    history,
    clock,
    take: (counters: ReturnType<typeof told>) => {
      clock.now = counters.at;
      history.take(counters);
    },
    rates: (line = "seen") => history.samples("a", line).map((one) => [one.at, one.received]),
  };
}

describe("the history of figures", () => {
  test("holds rates, and nothing older than it shows but where its line comes from", () => {
    const { history, take } = toldTo(10);
    for (let second = 0; second <= 30; second++) {
      take(told(second, second * 100));
    }
    const samples = history.samples("a", "seen");
    expect(samples.at(-1)).toEqual({ at: 30, received: 100, errors: 0, waiting: 3 });
    expect(samples.at(0)?.at).toBe(20);
    expect(history.samples("a", WHOLE)).toHaveLength(11);
  });

  test("shows the time in which nothing was told as quiet", () => {
    const { take, rates } = toldTo();
    take(told(0, 0));
    take(told(1, 50));
    take(told(60, 150));
    expect(rates()).toEqual([
      [0, 0],
      [1, 50],
      [2, 0],
      [59, 0],
      [60, 100],
    ]);
  });

  test("goes on with the time when nothing more is told: rates fall, what waits stays", () => {
    const { history, clock, take, rates } = toldTo();
    take(told(0, 0));
    take(told(1, 50));
    expect(history.standing("a", "seen")).toEqual({ rate: 50, errors: 0, waiting: 3 });
    clock.now = 3;
    expect(rates().at(-1)).toEqual([1, 50]);
    clock.now = 20;
    expect(history.now).toBe(20);
    expect(rates().slice(-2)).toEqual([
      [2, 0],
      [20, 0],
    ]);
    expect(history.samples("a", "seen").at(-1)?.waiting).toBe(3);
    expect(history.standing("a", "seen")).toEqual({ rate: 0, errors: 0, waiting: 3 });
    clock.now = 2_000;
    expect(rates()).toEqual([
      [2, 0],
      [2_000, 0],
    ]);
  });

  test("has no rate for a node that was not told of with the others", () => {
    const { history, take } = toldTo();
    take(told(0, 0));
    take(told(1, 50));
    take({ ...told(2, 60), nodes: {} as never });
    expect(history.standing("a", "seen")?.rate).toBe(0);
    expect(history.standing("a", WHOLE)?.rate).toBe(10);
    expect(history.standing("a", "other")).toBeUndefined();
  });

  test("spreads what happened while nobody looked over that time", () => {
    const { history, take, rates } = toldTo();
    take(told(0, 0));
    history.cut();
    take(told(100, 1_000));
    take(told(101, 1_020));
    expect(rates()).toEqual([
      [0, 0],
      [100, 10],
      [101, 20],
    ]);
  });

  test("begins anew where a flow did", () => {
    const { take, rates } = toldTo();
    take(told(0, 500));
    take(told(1, 10));
    take(told(2, 20));
    expect(rates()).toEqual([
      [0, 0],
      [1, 0],
      [2, 10],
    ]);
  });

  test("is drawn in its box", () => {
    const samples = [
      { at: 0, received: 0, errors: 0, waiting: 0 },
      { at: 10, received: 5, errors: 0, waiting: 0 },
    ];
    const path = linePath(samples, (one) => one.received, { width: 100, height: 10, from: 0, to: 10, most: 5 });
    expect(path).toBe("M0.0 10.0L100.0 0.0");
  });

  test("draws a line for the first rate that is known", () => {
    const { history, take } = toldTo(10);
    take(told(9, 0));
    take(told(10, 5));
    const box = { width: 100, height: 10, from: 0, to: 10, most: 5 };
    expect(linePath(history.samples("a", "seen"), (one) => one.received, box)).toBe("M90.0 10.0L100.0 0.0");
  });
});

test("what a port sends has a line of its own", () => {
  const { history, take } = toldTo();
  const sent = (at: number, count: number) => ({ ...told(at, 0), ports: { "a.out": count } });
  take(sent(1, 10));
  take(sent(2, 30));
  expect(history.samples("a", portLine("a.out")).at(-1)).toEqual({ at: 2, received: 20, errors: 0, waiting: 0 });
});
