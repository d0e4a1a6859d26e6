/** The fields of an object, each with its label, its part of the form, what it is for and what is wrong with it. */

import type { Problem } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { inline } from "../panels/Markdown.tsx";
import { isObject, withValue, type Json, type JsonObject } from "../model/json.ts";
import { fieldsOf, type FieldSchema, type FormField } from "./schema.ts";
import { isWithin, within } from "./problems.ts";
import { showsOwnProblems, Widget } from "./Widget.tsx";

export interface FieldsProps {
  /** What ids of fields begin with. */
  readonly prefix: string;
  readonly schema: FieldSchema;
  readonly root: JsonObject;
  readonly value: JsonObject;
  readonly problems: readonly Problem[];
  /** Whether it is inside another field: then explanations are shown only on demand. */
  readonly isNested?: boolean;
  readonly onChange: (value: JsonObject) => void;
}

export function Fields({ prefix, schema, root, value, problems, isNested = false, onChange }: FieldsProps) {
  // What is fixed, such as the kind of a rule, was chosen already.
  const fields = fieldsOf(schema, root).filter((field) => field.schema["const"] === undefined);
  return (
    <>
      {fields.map((field) => (
          <Field
            key={field.name}
            id={`${prefix}-${field.name}`}
            field={field}
            root={root}
            value={value[field.name]}
            problems={within(problems, field.name)}
            isNested={isNested}
            onChange={(wanted) => {
              const changed = withValue(value, [field.name], wanted);
              onChange(isObject(changed) ? changed : {});
            }}
          />
        ))}
      {isNested && <Told problems={problems.filter((problem) => !fields.some((field) => isWithin(problem, field.name)))} />}
    </>
  );
}

interface FieldProps {
  readonly id: string;
  readonly field: FormField;
  readonly root: JsonObject;
  readonly value: Json | undefined;
  /** What is wrong with it, with places from here. */
  readonly problems: readonly Problem[];
  readonly isNested: boolean;
  readonly onChange: (value: Json | undefined) => void;
}

function Field({ id, field, root, value, problems, isNested, onChange }: FieldProps) {
  const isInline = field.widget === "checkbox";
  const own = problems.filter((problem) => (problem.field ?? "") === "" || !showsOwnProblems(field.widget));
  return (
    <div className={`field${isNested ? " is-nested" : ""}${isInline ? " is-inline" : ""}`} data-field={field.name}>
      <label htmlFor={id} title={isNested ? field.description : undefined}>
        {field.title}
        {field.isRequired && <span aria-hidden="true"> *</span>}
      </label>
      <Widget
        id={id}
        field={field}
        root={root}
        value={value}
        describedBy={`${id}-about`}
        problems={problems.filter((problem) => !own.includes(problem))}
        isInvalid={own.some((problem) => problem.severity !== "warning")}
        onChange={onChange}
      />
      <p className={isNested ? "only-read" : "field-about"} id={`${id}-about`}>
        {inline(field.description)}
      </p>
      <Told problems={own} />
    </div>
  );
}

export function Told({ problems }: { problems: readonly Problem[] }) {
  const said = useSaid();
  return problems.map((problem) => (
    <p className={`field-problem is-${problem.severity ?? "error"}`} key={problem.code + problem.message}>
      {said.problem(problem)}
    </p>
  ));
}
