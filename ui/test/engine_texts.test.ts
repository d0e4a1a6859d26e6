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

describe("what is said of how things stand", () => {
  const said = new EngineTexts({
    texts: {},
    sentences: {
      connected: "已连接",
      flow: "流程",
      "{count} devices": "{count} 台设备",
      "waits for Odoo": "正在等待 Odoo",
      "cannot connect: {reason}": "无法连接：{reason}",
      'there is no {kind} "{id}"': "没有{kind}“{id}”",
      "must not be empty": "不能为空",
      "{name} is {role}; this takes {wanted}": "{name} 的角色是{role}；此操作需要{wanted}",
      admin: "管理员",
      viewer: "查看者",
    },
    checks: {},
  });

  test("is in the language, but for what somebody sent or named", () => {
    expect(said.status({ text: "connected" })).toBe("已连接");
    expect(said.status({ text: "connected", is_value: true })).toBe("connected");
    expect(said.say('there is no flow "flow"')).toBe("没有流程“flow”");
    expect(said.say("admin is viewer; this takes admin")).toBe("admin 的角色是查看者；此操作需要管理员");
    expect(said.say("Pump stands still")).toBe("Pump stands still");
  });

  test("may have parts that are said by themselves", () => {
    expect(said.say("20 devices; cannot connect: refused")).toBe("20 台设备; 无法连接：refused");
    expect(said.say("waits for Odoo: maintenance.equipment.write: cannot connect: no route")).toBe(
      "正在等待 Odoo: maintenance.equipment.write: 无法连接：no route",
    );
  });

  test("is told once more as quickly as it was, however much is said", () => {
    for (let count = 0; count < 3000; count++) {
      said.say(`${count} devices`);
    }
    expect(said.say("3 devices")).toBe("3 台设备");
  });

  test("names the place and the first mistake where a request is refused for several", () => {
    const refusal = {
      message: "name: must not be empty (write one)",
      location: "name",
      problems: [{ code: "bad-value", message: "must not be empty", hint: null }],
    };
    expect(said.refusal(refusal)).toBe("name: 不能为空");
    expect(new EngineTexts().refusal(refusal)).toBe("name: must not be empty (write one)");
    expect(said.refusal({ message: 'there is no flow "a"', location: "a" })).toBe("没有流程“a”");
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

  test("says what choices are called beside their values, for one node type otherwise than for others", () => {
    const texts = new EngineTexts({
      texts: { all: "全部", "delay: all": "所有键", Keys: "键的数量", "odoo-in: Keys": "签名密钥" },
      sentences: {},
      checks: {},
    });
    const schema = { properties: { keys: { title: "Keys", enum: ["all", "GET"] } } };
    const labels = (type: string) => texts.schema(schema, type);
    expect(labels("join")).toEqual({
      properties: { keys: { title: "键的数量", enum: ["all", "GET"], "x-labels": { all: "全部" } } },
    });
    expect(labels("delay")).toMatchObject({ properties: { keys: { "x-labels": { all: "所有键" } } } });
    expect(labels("odoo-in")).toMatchObject({ properties: { keys: { title: "签名密钥" } } });
  });
});
