import { describe, expect, test } from "vitest";

import type { Evaluation } from "../src/api/schema.ts";
import { Evaluator, sentTheSame, type Question } from "../src/model/evaluator.ts";

function answer(...values: unknown[]): Evaluation {
  return { trace: "m1", at: 5, node: "a", results: values.map((value) => ({ outcome: "value", value, reason: "" })) };
}

describe("an evaluator", () => {
  test("asks for all fields at once, and gives each its own", async () => {
    const asked: Question[] = [];
    const evaluator = new Evaluator("f", ["a", "b"], (question) => {
      asked.push(question);
      return Promise.resolve(answer({ payload: 1 }, 1, "x"));
    });
    evaluator.want("one", { kind: "json-path", content: "$.payload" });
    evaluator.want("two", { kind: "jinja2", content: "x" });
    await evaluator.look();
    expect(asked.map((one) => [one.nodes, one.expressions.length])).toEqual([[["a", "b"], 3]]);
    expect(evaluator.message).toEqual({ payload: 1 });
    expect([evaluator.result("one")?.value, evaluator.result("two")?.value]).toEqual([1, "x"]);
    evaluator.release("one");
    expect(evaluator.result("one")).toBeUndefined();
  });

  test("leaves an answer that a later question has overtaken", async () => {
    const answers: ((told: Evaluation) => void)[] = [];
    const evaluator = new Evaluator("f", ["a"], () => new Promise((resolve) => answers.push(resolve)));
    evaluator.want("one", { kind: "json-path", content: "$" });
    const looks = [evaluator.look(), evaluator.look()];
    answers[1]?.(answer(null, "new"));
    answers[0]?.(answer(null, "old"));
    await Promise.all(looks);
    expect(evaluator.result("one")?.value).toBe("new");
  });
});

test("those that a wire brings the same messages to are told from the others", () => {
  const flow = {
    flowengine: 1 as const,
    id: "f",
    nodes: {
      source: { type: "inject", wires: { out: ["new", "old"], other: ["far"] } },
      new: { type: "change" },
      old: { type: "change" },
      far: { type: "change" },
    },
  };
  expect(sentTheSame(flow, "new")).toEqual(["new", "old"]);
});
