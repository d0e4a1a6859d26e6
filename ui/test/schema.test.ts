import { describe, expect, test } from "vitest";

import { blank, fieldsOf, isOptional, variantOf, variantsOf } from "../src/forms/schema.ts";
import type { JsonObject } from "../src/model/json.ts";

const ROOT: JsonObject = {
  $defs: {
    Set: { type: "object", title: "Set", required: ["set", "to"], properties: { set: { type: "string" }, to: {} } },
    Delete: { type: "object", title: "Delete", required: ["delete"], properties: { delete: { type: "string" } } },
    Equal: {
      type: "object",
      required: ["port", "when"],
      properties: { port: { type: "string" }, when: { type: "string", enum: ["eq", "neq"] }, value: {} },
    },
    Else: { type: "object", required: ["port", "when"], properties: { port: { type: "string" }, when: { const: "else" } } },
    Tls: { type: "object", properties: { ca: { type: "string" } } },
  },
  type: "object",
  required: ["topic"],
  properties: {
    topic: { type: "string", title: "Topic", description: "Where.", "x-widget": "topic" },
    tls: { anyOf: [{ $ref: "#/$defs/Tls" }, { type: "null" }], "x-widget": "group" },
  },
};

describe("the fields of a schema", () => {
  test("have their titles, widgets and whether they are needed", () => {
    const [topic, tls] = fieldsOf(ROOT, ROOT);
    expect(topic).toMatchObject({ title: "Topic", description: "Where.", widget: "topic", isRequired: true });
    expect(tls).toMatchObject({ title: "tls", widget: "group", isRequired: false });
    expect(tls && isOptional(tls.schema)).toBe(true);
  });
});

describe("kinds of objects", () => {
  test("are told apart by the key that only one of them needs", () => {
    const kinds = variantsOf({ anyOf: [{ $ref: "#/$defs/Set" }, { $ref: "#/$defs/Delete" }] }, ROOT);
    expect(kinds.map((one) => one.label)).toEqual(["set", "delete"]);
    expect(variantOf({ delete: "$.payload" }, kinds)).toBe(1);
    expect(variantOf({ set: "$.payload", to: 1 }, kinds)).toBe(0);
    expect(variantOf({ other: 1 }, kinds)).toBe(-1);
  });

  test("are told apart by the value that is fixed, one kind for each value", () => {
    const kinds = variantsOf({ anyOf: [{ $ref: "#/$defs/Equal" }, { $ref: "#/$defs/Else" }] }, ROOT);
    expect(kinds.map((one) => one.label)).toEqual(["eq", "neq", "else"]);
    expect(variantOf({ port: "a", when: "neq", value: 1 }, kinds)).toBe(1);
    expect(variantOf({ port: "a", when: "else" }, kinds)).toBe(2);
  });

  test("begin with what they cannot do without", () => {
    const [equal] = variantsOf({ anyOf: [{ $ref: "#/$defs/Equal" }, { $ref: "#/$defs/Else" }] }, ROOT);
    expect(equal && blank(equal.schema, ROOT)).toEqual({ port: "", when: "eq" });
  });
});
