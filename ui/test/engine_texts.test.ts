import { describe, expect, test } from "vitest";

import { EngineTexts } from "../src/model/engine_texts.ts";

const TEXTS = new EngineTexts({
  texts: { Topic: "主题", "Where it goes.": "发往哪里。" },
  sentences: {
    "must be {expected}, not {value}": "必须是{expected}，而不是{value}",
    "a whole number": "整数",
    "there is no node {name}": "没有节点 {name}",
    "there is no node {name} in this flow": "此流程中没有节点 {name}",
    'did you mean {name}?': "是否想写 {name}？",
  },
  checks: { "unknown-target": "连线指向不存在的节点" },
});

describe("sentences of the engine", () => {
  test("take over what stands in their holes, in the language where it is known", () => {
    expect(TEXTS.sentence('must be a whole number, not "many"')).toBe('必须是整数，而不是"many"');
  });

  test("are the ones that say most", () => {
    expect(TEXTS.sentence('there is no node "a" in this flow')).toBe('此流程中没有节点 "a"');
  });

  test("that no catalogue has are told with what is wrong in general", () => {
    const problem = { code: "unknown-target", message: "something new", hint: 'did you mean "b"?' };
    expect(TEXTS.problem(problem)).toBe('连线指向不存在的节点: something new – 是否想写 "b"？');
    expect(new EngineTexts().problem(problem)).toBe('something new – did you mean "b"?');
  });
});

describe("a schema", () => {
  test("speaks the language, but keeps the values that somebody gave", () => {
    const schema = {
      properties: { title: { title: "Topic", description: "Where it goes.", default: { title: "Topic" } } },
    };
    expect(TEXTS.schema(schema)).toEqual({
      properties: { title: { title: "主题", description: "发往哪里。", default: { title: "Topic" } } },
    });
  });
});
