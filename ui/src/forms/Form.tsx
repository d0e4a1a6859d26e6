/** The settings of a node: a form made from its JSON Schema. */

import "./forms.css";

import type { Problem } from "../api/schema.ts";
import type { JsonObject } from "../model/json.ts";
import { Fields } from "./Fields.tsx";
import { ReadOnlyContext } from "./surroundings.ts";

export interface FormProps {
  readonly schema: JsonObject;
  readonly value: JsonObject;
  readonly problems: readonly Problem[];
  /** Whether it is only to be read. */
  readonly isReadOnly?: boolean;
  readonly onChange: (value: JsonObject) => void;
}

export function Form({ schema, value, problems, isReadOnly = false, onChange }: FormProps) {
  return (
    <ReadOnlyContext value={isReadOnly}>
      <Fields prefix="field" schema={schema} root={schema} value={value} problems={problems} onChange={onChange} />
    </ReadOnlyContext>
  );
}
