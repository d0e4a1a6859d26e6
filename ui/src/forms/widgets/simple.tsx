/** Fields of one value: text, numbers, yes or no, one of several, any JSON. */

import { useState } from "react";

import type { Json } from "../../model/json.ts";
import { alternatives, labelOf } from "../schema.ts";
import { useReadOnly } from "../surroundings.ts";
import { shown, written, type WidgetProps } from "./widget.ts";

/** A widget whose label is elsewhere on the page, and so is said here. */
interface LabelledProps extends WidgetProps {
  readonly label?: string;
}

export function TextWidget(props: LabelledProps) {
  const isReadOnly = useReadOnly();
  const value = props.value;
  const fallback = props.field.schema["default"];
  return (
    <input
      id={props.id}
      type="text"
      readOnly={isReadOnly}
      aria-label={props.label}
      value={written(value)}
      placeholder={typeof fallback === "string" ? fallback : ""}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      spellCheck={false}
      onChange={(event) => {
        props.onChange(event.target.value === "" ? undefined : event.target.value);
      }}
    />
  );
}

export function NumberWidget(props: LabelledProps) {
  const isReadOnly = useReadOnly();
  const value = props.value;
  const fallback = props.field.schema["default"];
  return (
    <input
      id={props.id}
      type="text"
      readOnly={isReadOnly}
      aria-label={props.label}
      inputMode="decimal"
      value={written(value)}
      placeholder={typeof fallback === "number" ? String(fallback) : ""}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      onChange={(event) => {
        const text = event.target.value.trim();
        // What is no number, such as a reference to a variable, is kept as it was written.
        props.onChange(text === "" ? undefined : text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
      }}
    />
  );
}

export function CheckboxWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  // A reference to a variable is neither yes nor no.
  if (typeof props.value === "string") {
    return <TextWidget {...props} />;
  }
  return (
    <input
      id={props.id}
      type="checkbox"
      disabled={isReadOnly}
      checked={shown(props) === true}
      aria-describedby={props.describedBy}
      onChange={(event) => {
        const wanted = event.target.checked;
        props.onChange(wanted === props.field.schema["default"] ? undefined : wanted);
      }}
    />
  );
}

export function SelectWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { schema } = props.field;
  const found = alternatives(schema, props.root).flatMap((one) => {
    const options = one["enum"] ?? (one["const"] === undefined ? [] : [one["const"]]);
    return Array.isArray(options) ? options.map((choice) => ({ choice, label: labelOf(one, choice) })) : [];
  });
  const choices = found.map(({ choice }) => choice);
  const value = shown(props);
  return (
    <select
      disabled={isReadOnly}
      id={props.id}
      value={choices.findIndex((one) => one === value)}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      onChange={(event) => {
        const wanted = choices[Number(event.target.value)];
        props.onChange(wanted === props.field.schema["default"] ? undefined : wanted);
      }}
    >
      {!choices.includes(value ?? null) && <option value={-1}>{written(value)}</option>}
      {found.map(({ choice, label }, index) => (
        <option key={JSON.stringify(choice)} value={index}>
          {label}
        </option>
      ))}
    </select>
  );
}

export function JsonWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const kept = props.value === undefined ? "" : JSON.stringify(props.value, null, 2);
  const [text, setText] = useState(kept);
  const [known, setKnown] = useState(kept);
  if (known !== kept) {
    setKnown(kept);
    setText(kept);
  }
  const isBroken = text.trim() !== "" && parsed(text) === undefined;
  return (
    <textarea
      id={props.id}
      className="code"
      readOnly={isReadOnly}
      rows={Math.min(Math.max(text.split("\n").length, 2), 12)}
      value={text}
      placeholder={JSON.stringify(props.field.schema["default"] ?? "")}
      aria-describedby={props.describedBy}
      aria-invalid={isBroken || props.isInvalid}
      spellCheck={false}
      onChange={(event) => {
        setText(event.target.value);
        const value = parsed(event.target.value);
        if (event.target.value.trim() === "") {
          setKnown("");
          props.onChange(undefined);
        } else if (value !== undefined) {
          setKnown(JSON.stringify(value, null, 2));
          props.onChange(value);
        }
      }}
    />
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
