/** A field that takes values of several kinds, such as "no", "yes" or how exactly. */

import { useTexts } from "../../i18n/texts.tsx";
import type { TextKey } from "../../i18n/en.ts";
import { isObject, type Json } from "../../model/json.ts";
import { alternatives, blank, isOptional, kindOfValue, textOf, type FieldSchema } from "../schema.ts";
import { useReadOnly } from "../surroundings.ts";
import { Variants } from "./many.tsx";
import { NumberWidget, TextWidget } from "./simple.tsx";
import { shown, type WidgetProps } from "./widget.ts";

interface Choice {
  readonly name: string;
  readonly text: TextKey;
  readonly schema: FieldSchema;
  /** What it begins with. */
  readonly first: Json | undefined;
}

export function KindsWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const choices = choicesOf(props);
  const value = shown(props);
  const name = nameOf(value);
  const chosen = choices.find((one) => one.name === name);
  return (
    <div className="kinds-field">
      <select
        disabled={isReadOnly}
        id={props.id}
        value={name}
        aria-describedby={props.describedBy}
        aria-invalid={props.isInvalid}
        onChange={(event) => {
          const wanted = choices.find((one) => one.name === event.target.value)?.first;
          props.onChange(wanted === props.field.schema["default"] ? undefined : wanted);
        }}
      >
        {chosen === undefined && <option value={name}>{name === "text" ? t("value.env") : ""}</option>}
        {choices.map((one) => (
          <option key={one.name} value={one.name}>
            {t(one.text)}
          </option>
        ))}
      </select>
      {name === "number" && <NumberWidget {...props} id={`${props.id}-value`} label={props.field.title} />}
      {name === "text" && <TextWidget {...props} id={`${props.id}-value`} label={props.field.title} />}
      {name === "object" && chosen !== undefined && (
        <div className="group-field">
          <Variants
            id={props.id}
            schema={chosen.schema}
            root={props.root}
            value={isObject(value) ? value : {}}
            problems={props.problems ?? []}
            onChange={props.onChange}
          />
        </div>
      )}
    </div>
  );
}

function choicesOf({ field, root }: WidgetProps): Choice[] {
  const found = alternatives(field.schema, root).flatMap((schema): Choice[] => {
    switch (kindOfValue(schema)) {
      case "boolean":
        return [
          { name: "no", text: "form.no", schema, first: false },
          { name: "yes", text: "form.yes", schema, first: true },
        ];
      case "number":
        return [{ name: "number", text: "value.number", schema, first: 0 }];
      case "text":
        return [{ name: "text", text: "value.text", schema, first: textOf(field.schema["default"]) }];
      case "object":
        return [{ name: "object", text: "form.exactly", schema, first: blank(schema, root) }];
      default:
        return [];
    }
  });
  const none: Choice[] = isOptional(field.schema) ? [{ name: "", text: "form.leftOut", schema: {}, first: undefined }] : [];
  // Whole numbers and others are one kind for a person.
  return [...none, ...found].filter((one, index, all) => all.findIndex((other) => other.name === one.name) === index);
}

function nameOf(value: Json | undefined): string {
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (typeof value === "number" || typeof value === "string") {
    return typeof value === "number" ? "number" : "text";
  }
  return isObject(value) ? "object" : "";
}
