import { describe, expect, test } from "vitest";

import { FiguresHistory, linePath, portLine, WHOLE } from "../src/model/figures_history.ts";

function told(at: number, received: number) {
  return { flow: "a", at, account: { received, failed: 0, in_flight: 0 }, nodes: { seen: [received, 0, 3] as const } };
}

describe("the history of figures", () => {
  test("holds rates, and nothing older than it shows", () => {
    const history = new FiguresHistory(10);
    for (let second = 0; second <= 30; second++) {
      history.take(told(second, second * 100));
    }
    const samples = history.samples("a", "seen");
    expect(samples.at(-1)).toEqual({ at: 30, received: 100, errors: 0, waiting: 3 });
    expect(samples.at(0)?.at).toBe(20);
    expect(history.samples("a", WHOLE)).toHaveLength(11);
  });

  test("shows the time in which nothing was told as quiet", () => {
    const history = new FiguresHistory();
    history.take(told(0, 0));
    history.take(told(1, 50));
    history.take(told(60, 150));
    expect(history.samples("a", "seen").map((one) => [one.at, one.received])).toEqual([
      [1, 50],
      [2, 0],
      [59, 0],
      [60, 100],
    ]);
  });

  test("begins anew where a flow did", () => {
    const history = new FiguresHistory();
    history.take(told(0, 500));
    history.take(told(1, 10));
    history.take(told(2, 20));
    expect(history.samples("a", "seen").map((one) => one.received)).toEqual([10]);
  });

  test("is drawn in its box", () => {
    const samples = [
      { at: 0, received: 0, errors: 0, waiting: 0 },
      { at: 10, received: 5, errors: 0, waiting: 0 },
    ];
    const path = linePath(samples, (one) => one.received, { width: 100, height: 10, from: 0, to: 10, most: 5 });
    expect(path).toBe("M0.0 10.0L100.0 0.0");
  });
});

test("what a port sends has a line of its own", () => {
  const history = new FiguresHistory();
  const told = (at: number, sent: number) => ({ flow: "f", at, account: {}, nodes: {}, ports: { "a.out": sent } });
  history.take(told(1, 10));
  history.take(told(2, 30));
  expect(history.samples("f", portLine("a.out"))).toEqual([{ at: 2, received: 20, errors: 0, waiting: 0 }]);
});
