/** The JSON Schema of a configuration, as the server gives it, read for a form. */

import { isObject, type Json, type JsonObject } from "../model/json.ts";

export type FieldSchema = Readonly<Record<string, Json | undefined>>;

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
  return isObject(found) ? { ...found, ...schema } : schema;
}

export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly widget: string;
  readonly isRequired: boolean;
  readonly schema: FieldSchema;
}

/** The fields of an object, in the order of the schema. */
export function fieldsOf(schema: FieldSchema, root: JsonObject): FormField[] {
  const own = resolved(schema, root);
  const properties = own["properties"];
  const required = Array.isArray(own["required"]) ? own["required"] : [];
  if (!isObject(properties)) {
    return [];
  }
  return Object.entries(properties).flatMap(([name, value]) => {
    if (!isObject(value)) {
      return [];
    }
    const field = resolved(value, root);
    return [
      {
        name,
        title: textOf(value["title"]) || textOf(field["title"]) || name,
        description: textOf(value["description"]) || textOf(field["description"]),
        widget: textOf(value["x-widget"]) || textOf(field["x-widget"]) || "json",
        isRequired: required.includes(name),
        schema: field,
      },
    ];
  });
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
