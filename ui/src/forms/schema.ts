/** The JSON Schema of a configuration, as the server gives it, read for a form. */

import { LABELS } from "../model/engine_texts.ts";
import { isObject, sameJson, type Json, type JsonObject } from "../model/json.ts";

export type FieldSchema = Readonly<Record<string, Json | undefined>>;

/** One kind of value that a field may have, where there are several. */
export interface Variant {
  readonly label: string;
  readonly schema: FieldSchema;
}

export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly widget: string;
  readonly isRequired: boolean;
  readonly schema: FieldSchema;
}

/** A schema with a reference into the same document followed. */
export function resolved(schema: FieldSchema, root: JsonObject): FieldSchema {
  const reference = schema["$ref"];
  if (typeof reference !== "string") {
    return schema;
  }
  const found = reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), root);
  const { $ref: _reference, ...own } = schema;
  return isObject(found) ? { ...resolved(found, root), ...own } : own;
}

/** The kinds of value that a schema allows, `null` left out. */
export function alternatives(schema: FieldSchema, root: JsonObject): FieldSchema[] {
  const list = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(list)) {
    return [schema];
  }
  return list
    .filter(isObject)
    .map((one) => resolved(one, root))
    .filter((one) => one["type"] !== "null");
}

/** Whether a schema allows `null`, so that a value can be left out. */
export function isOptional(schema: FieldSchema): boolean {
  const list = schema["anyOf"];
  return Array.isArray(list) && list.some((one) => isObject(one) && one["type"] === "null");
}

/** The fields of an object, in the order of the schema. */
export function fieldsOf(schema: FieldSchema, root: JsonObject): FormField[] {
  const own = resolved(schema, root);
  const properties = own["properties"];
  const required = Array.isArray(own["required"]) ? own["required"] : [];
  if (!isObject(properties)) {
    return [];
  }
  return Object.entries(properties).flatMap(([name, value]) =>
    isObject(value) ? [fieldOf(name, value, root, required.includes(name))] : [],
  );
}

export function fieldOf(name: string, value: FieldSchema, root: JsonObject, isRequired: boolean): FormField {
  const field = resolved(value, root);
  const [only, ...others] = alternatives(field, root);
  const widget = textOf(value["x-widget"]) || textOf(field["x-widget"]);
  return {
    name,
    title: textOf(value["title"]) || textOf(field["title"]) || name,
    description: textOf(value["description"]) || textOf(field["description"]),
    widget: widget || (others.length === 0 ? textOf(only?.["x-widget"]) : "") || plainWidget([only ?? {}, ...others], root),
    isRequired,
    schema: field,
  };
}

/** The widget for a schema that names none, such as that of the parameters of a command. */
function plainWidget(kinds: readonly FieldSchema[], root: JsonObject): string {
  const [only = {}, ...others] = kinds;
  if (kinds.every((one) => one["enum"] !== undefined || one["const"] !== undefined)) {
    return "select";
  }
  if (kinds.every((one) => isObject(one["properties"]))) {
    return "group";
  }
  if (others.length > 0) {
    return kinds.every((one) => kindOfValue(one) !== "") ? "kinds" : "json";
  }
  if (only["type"] === "array") {
    return isObject(only["items"]) && fieldOf("", only["items"], root, true).widget !== "json" ? "list" : "json";
  }
  if (only["type"] === "object") {
    return isObject(only["additionalProperties"]) ? "map" : "json";
  }
  return { boolean: "checkbox", integer: "number", number: "number", string: "text" }[textOf(only["type"])] ?? "json";
}

/** What a person would call one of several kinds of value; empty where no part of a form is for it. */
export function kindOfValue(schema: FieldSchema): "" | "boolean" | "number" | "text" | "object" {
  switch (schema["type"]) {
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "string":
      return "text";
    default:
      return isObject(schema["properties"]) ? "object" : "";
  }
}

/** The kinds of object that an item may be, each with a word that tells it from the others. */
export function variantsOf(schema: FieldSchema, root: JsonObject): Variant[] {
  const kinds = alternatives(resolved(schema, root), root).filter((one) => isObject(one["properties"]));
  return kinds.flatMap((one) => {
    const choices = discriminating(one, kinds);
    return choices.length === 0 ? [{ label: ownKey(one, kinds), schema: one }] : choices;
  });
}

/** Which of the variants a value is; -1 for none. */
export function variantOf(value: Json | undefined, variants: readonly Variant[]): number {
  if (!isObject(value)) {
    return variants.length === 0 ? -1 : 0;
  }
  return variants.findIndex(({ schema }) => {
    const properties = isObject(schema["properties"]) ? schema["properties"] : {};
    const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
    return (
      required.every((name) => name in value || fixed(properties[name]) === undefined) &&
      Object.keys(value).every((name) => name in properties) &&
      Object.entries(properties).every(([name, one]) => {
        const wanted = fixed(one);
        return wanted === undefined || sameJson(value[name], wanted);
      }) &&
      hasOwnKey(value, required, variants)
    );
  });
}

/** A value to begin with: what a schema fixes and what it cannot do without. */
export function blank(schema: FieldSchema, root: JsonObject): Json {
  const own = resolved(schema, root);
  const properties = own["properties"];
  if (isObject(properties)) {
    const required = Array.isArray(own["required"]) ? own["required"].map(String) : [];
    return Object.fromEntries(
      required.flatMap((name) => {
        const field = properties[name];
        return isObject(field) ? [[name, fixed(field) ?? blank(field, root)]] : [];
      }),
    );
  }
  const options = own["enum"];
  if (Array.isArray(options) && options[0] !== undefined) {
    return options[0];
  }
  switch (alternatives(own, root)[0]?.["type"]) {
    case "number":
    case "integer":
      return 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return "";
  }
}

/** One variant for each value of the field that is fixed in some kinds, such as `when` of a switch's rules. */
function discriminating(schema: FieldSchema, kinds: readonly FieldSchema[]): Variant[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const name = Object.keys(properties).find((key) =>
    kinds.some((kind) => isObject(kind["properties"]) && fixed(kind["properties"][key]) !== undefined),
  );
  if (name === undefined) {
    return [];
  }
  const field = properties[name];
  const values = fixed(field) ?? (isObject(field) ? field["enum"] : undefined);
  return (Array.isArray(values) ? values : [values]).flatMap((value) =>
    value === undefined || !isObject(field)
      ? []
      : [{ label: labelOf(field, value), schema: withFixed(schema, properties, name, field, value) }],
  );
}

function withFixed(schema: FieldSchema, properties: JsonObject, name: string, field: JsonObject, value: Json): FieldSchema {
  return { ...schema, properties: { ...properties, [name]: { ...field, const: value } } };
}

/** The required key that no other kind requires, such as `set` of a change's rules. */
function ownKey(schema: FieldSchema, kinds: readonly FieldSchema[]): string {
  const required = (one: FieldSchema): string[] => (Array.isArray(one["required"]) ? one["required"].map(String) : []);
  const own = required(schema).find((name) => kinds.every((kind) => kind === schema || !required(kind).includes(name)));
  const field = own === undefined || !isObject(schema["properties"]) ? undefined : schema["properties"][own];
  const title = isObject(field) ? textOf(field["title"]).toLowerCase() : "";
  return title || (own ?? (textOf(schema["title"]) || "object"));
}

function hasOwnKey(value: JsonObject, required: readonly string[], variants: readonly Variant[]): boolean {
  return variants.length === 1 || required.length === 0 || required.some((name) => name in value);
}

/** What a value that a field may have is called. */
export function labelOf(field: FieldSchema, value: Json): string {
  const labels = field[LABELS];
  const written = typeof value === "string" ? value : JSON.stringify(value);
  return (isObject(labels) ? textOf(labels[written]) : "") || (written === "" ? JSON.stringify(value) : written);
}

function fixed(field: Json | undefined): Json | undefined {
  return isObject(field) ? field["const"] : undefined;
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
