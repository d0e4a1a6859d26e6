/** The parts that forms are made of: one for each kind of field. */

import { createElement, useId, useState, type ComponentType } from "react";

import type { Json, JsonObject } from "../model/json.ts";
import type { FormField } from "./schema.ts";

export interface WidgetProps {
  readonly id: string;
  readonly field: FormField;
  readonly root: JsonObject;
  readonly value: Json | undefined;
  readonly describedBy: string;
  readonly isInvalid: boolean;
  readonly onChange: (value: Json | undefined) => void;
}

/** The part of a form for one field, whatever it is. */
export function Widget(props: WidgetProps) {
  return createElement(WIDGETS[props.field.widget] ?? JsonWidget, props);
}

/** The value as it is, or the default that applies without one. */
function shown({ value, field }: WidgetProps): Json | undefined {
  return value ?? field.schema["default"];
}

function TextWidget(props: WidgetProps) {
  const value = props.value;
  const fallback = props.field.schema["default"];
  return (
    <input
      id={props.id}
      type="text"
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

function NumberWidget(props: WidgetProps) {
  const value = props.value;
  const fallback = props.field.schema["default"];
  return (
    <input
      id={props.id}
      type="text"
      inputMode="decimal"
      value={value === null ? "" : written(value)}
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

function CheckboxWidget(props: WidgetProps) {
  return (
    <input
      id={props.id}
      type="checkbox"
      checked={shown(props) === true}
      aria-describedby={props.describedBy}
      onChange={(event) => {
        const wanted = event.target.checked;
        props.onChange(wanted === props.field.schema["default"] ? undefined : wanted);
      }}
    />
  );
}

function SelectWidget(props: WidgetProps) {
  const options = props.field.schema["enum"];
  const choices = Array.isArray(options) ? options : [];
  const value = shown(props);
  return (
    <select
      id={props.id}
      value={choices.findIndex((one) => one === value)}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      onChange={(event) => {
        const wanted = choices[Number(event.target.value)];
        props.onChange(wanted === props.field.schema["default"] ? undefined : wanted);
      }}
    >
      {choices.map((choice, index) => (
        <option key={JSON.stringify(choice)} value={index}>
          {typeof choice === "string" ? choice : JSON.stringify(choice)}
        </option>
      ))}
    </select>
  );
}

function JsonWidget(props: WidgetProps) {
  const written = props.value === undefined ? "" : JSON.stringify(props.value, null, 2);
  const [text, setText] = useState(written);
  const [known, setKnown] = useState(written);
  const about = useId();
  if (known !== written) {
    setKnown(written);
    setText(written);
  }
  const isBroken = text.trim() !== "" && parsed(text) === undefined;
  return (
    <textarea
      id={props.id}
      className="code"
      rows={Math.min(Math.max(text.split("\n").length, 2), 12)}
      value={text}
      placeholder={JSON.stringify(props.field.schema["default"] ?? "")}
      aria-describedby={`${props.describedBy} ${about}`}
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

/** A value as text that can be typed. */
function written(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const WIDGETS: Record<string, ComponentType<WidgetProps>> = {
  text: TextWidget,
  number: NumberWidget,
  checkbox: CheckboxWidget,
  select: SelectWidget,
  json: JsonWidget,
  duration: TextWidget,
  "json-path": TextWidget,
  "topic-filter": TextWidget,
  topic: TextWidget,
  resource: TextWidget,
  secret: TextWidget,
  cron: TextWidget,
  "time-zone": TextWidget,
};
