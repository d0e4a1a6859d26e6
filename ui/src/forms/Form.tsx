/** The settings of a node: a form made from its JSON Schema. */

import type { Problem } from "../api/schema.ts";
import { isObject, withValue, type Json, type JsonObject } from "../model/json.ts";
import { fieldsOf, type FormField } from "./schema.ts";
import { Widget } from "./widgets.tsx";

export interface FormProps {
  readonly schema: JsonObject;
  readonly value: JsonObject;
  readonly problems: readonly Problem[];
  readonly onChange: (value: JsonObject) => void;
}

export function Form({ schema, value, problems, onChange }: FormProps) {
  return (
    <>
      {fieldsOf(schema, schema).map((field) => (
        <Field
          key={field.name}
          field={field}
          root={schema}
          value={value[field.name]}
          problems={problems.filter((problem) => belongs(problem.field, field.name))}
          onChange={(wanted) => {
            const changed = withValue(value, [field.name], wanted);
            onChange(isObject(changed) ? changed : {});
          }}
        />
      ))}
    </>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly root: JsonObject;
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
  readonly onChange: (value: Json | undefined) => void;
}

function Field({ field, root, value, problems, onChange }: FieldProps) {
  const id = `field-${field.name}`;
  return (
    <div className="field" data-field={field.name}>
      <label htmlFor={id}>
        {field.title}
        {field.isRequired && <span aria-hidden="true"> *</span>}
      </label>
      <Widget
        id={id}
        field={field}
        root={root}
        value={value}
        describedBy={`${id}-about`}
        isInvalid={problems.some((problem) => problem.severity !== "warning")}
        onChange={onChange}
      />
      <p className="field-about" id={`${id}-about`}>
        {field.description}
      </p>
      {problems.map((problem) => (
        <p className={`field-problem is-${problem.severity ?? "error"}`} key={problem.code + problem.message}>
          {problem.message}
        </p>
      ))}
    </div>
  );
}

function belongs(place: string | null | undefined, field: string): boolean {
  return place != null && (place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`));
}
