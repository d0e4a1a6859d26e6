/** Parameters that a JSON Schema of somebody's own describes, such as those of a device's action. */

import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { blank, fieldsOf, type FieldSchema } from "./schema.ts";

/** Whether a form can be made for every property. */
export function isFormable(schema: JsonObject): boolean {
  const fields = fieldsOf(schema, schema);
  return fields.length > 0 && fields.every((field) => field.widget !== "json");
}

/** The schema for a form: what must be there has no default, for it is written down in any case. */
export function forForm(schema: JsonObject): JsonObject {
  const required = requiredOf(schema);
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const changed = Object.fromEntries(
    Object.entries(properties).map(([name, property]): [string, Json] => {
      if (!isObject(property)) {
        return [name, property];
      }
      const { default: fallback, ...rest } = property;
      const kept = fallback === undefined || required.includes(name) ? {} : { default: fallback };
      return [name, { ...rest, ...kept, description: aboutOf(property) }];
    }),
  );
  return { ...schema, properties: changed };
}

/** The first example; else an object with what must be in it. */
export function exampleOf(schema: JsonObject | null): JsonObject {
  const examples = schema?.["examples"];
  const [example] = Array.isArray(examples) ? examples : [];
  if (isObject(example)) {
    return example;
  }
  const properties = isObject(schema?.["properties"]) ? schema["properties"] : {};
  return Object.fromEntries(requiredOf(schema ?? {}).map((name) => [name, firstOf(properties[name], schema ?? {})]));
}

function firstOf(property: Json | undefined, root: JsonObject): Json {
  return isObject(property) ? (property["default"] ?? blank(property, root)) : null;
}

function requiredOf(schema: JsonObject): string[] {
  return Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
}

/** What a property is for, with its bounds. */
function aboutOf(property: FieldSchema): string {
  const text = typeof property["description"] === "string" ? property["description"] : "";
  const { minimum, maximum } = property;
  const bounds =
    typeof minimum === "number" && typeof maximum === "number" ? `${minimum} … ${maximum}`
    : typeof minimum === "number" ? `≥ ${minimum}`
    : typeof maximum === "number" ? `≤ ${maximum}`
    : "";
  return [text, bounds].filter(Boolean).join(" ");
}
