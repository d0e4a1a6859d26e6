/** What every part of a form is given. */

import type { Problem } from "../../api/schema.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { FormField } from "../schema.ts";

export interface WidgetProps {
  readonly id: string;
  readonly field: FormField;
  /** The whole schema, which references lead into. */
  readonly root: JsonObject;
  /** The value as it is written; `undefined` where the default applies. */
  readonly value: Json | undefined;
  readonly describedBy: string;
  /** What is wrong with the parts in it, with places from here; only for widgets that show them. */
  readonly problems?: readonly Problem[];
  readonly isInvalid: boolean;
  readonly onChange: (value: Json | undefined) => void;
}

/** The value as it is, or the default that applies without one. */
export function shown({ value, field }: WidgetProps): Json | undefined {
  return value ?? field.schema["default"];
}

/** A value as text that can be typed. */
export function written(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}
