/** A value that is written down, or says where it comes from. */

import { useTexts } from "../../i18n/texts.tsx";
import type { TextKey } from "../../i18n/en.ts";
import { isObject, type Json } from "../../model/json.ts";
import { useReadOnly } from "../surroundings.ts";
import { written, type WidgetProps } from "./widget.ts";

const KINDS = ["text", "number", "boolean", "path", "jsonata", "template", "state", "env", "literal"] as const;
type Kind = (typeof KINDS)[number];

const LABELS: Record<Kind, TextKey> = {
  text: "value.text",
  number: "value.number",
  boolean: "value.boolean",
  path: "value.path",
  jsonata: "value.jsonata",
  template: "value.template",
  state: "value.state",
  env: "value.env",
  literal: "value.literal",
};

export function kindOf(value: Json | undefined): Kind {
  if (isObject(value)) {
    return KINDS.find((kind) => kind in value) ?? "literal";
  }
  switch (typeof value) {
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "string":
    case "undefined":
      return "text";
    default:
      return "literal";
  }
}

/** The same content as another kind of value, as far as that makes sense. */
export function asKind(kind: Kind, value: Json | undefined): Json {
  const text = contentOf(value);
  switch (kind) {
    case "text":
      return text;
    case "number":
      return Number.isFinite(Number(text)) ? Number(text) : 0;
    case "boolean":
      return text === "true";
    case "literal":
      return { literal: parsed(text) ?? text };
    case "path":
      return { path: text.startsWith("$") ? text : "$.payload" };
    default:
      return { [kind]: text };
  }
}

export function ValueWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const kind = kindOf(props.value);
  return (
    <div className="value-field">
      <select
        disabled={isReadOnly}
        aria-label={t("value.kind")}
        value={kind}
        onChange={(event) => {
          props.onChange(asKind(event.target.value as Kind, props.value));
        }}
      >
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {t(LABELS[one])}
          </option>
        ))}
      </select>
      <Content {...props} kind={kind} />
    </div>
  );
}

function Content({ kind, ...props }: WidgetProps & { kind: Kind }) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const value = props.value;
  if (kind === "boolean") {
    return (
      <select
        disabled={isReadOnly}
        id={props.id}
        value={value === true ? "true" : "false"}
        onChange={(event) => {
          props.onChange(event.target.value === "true");
        }}
      >
        <option value="true">{t("form.yes")}</option>
        <option value="false">{t("form.no")}</option>
      </select>
    );
  }
  const text = contentOf(value);
  const change = (typed: string): void => {
    if (kind === "text") {
      props.onChange(typed === "" && !props.field.isRequired ? undefined : typed);
    } else if (kind === "number") {
      props.onChange(typed.trim() !== "" && Number.isFinite(Number(typed)) ? Number(typed) : typed);
    } else if (kind === "literal") {
      props.onChange({ literal: parsed(typed) ?? typed });
    } else {
      props.onChange({ ...(isObject(value) ? value : {}), [kind]: typed });
    }
  };
  const rows = kind === "template" || kind === "jsonata" || kind === "literal" ? Math.max(text.split("\n").length, 2) : 1;
  return rows > 1 ? (
    <textarea
      readOnly={isReadOnly}
      id={props.id}
      className="code"
      rows={Math.min(rows, 10)}
      value={text}
      spellCheck={false}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      onChange={(event) => {
        change(event.target.value);
      }}
    />
  ) : (
    <input
      id={props.id}
      type="text"
      readOnly={isReadOnly}
      className={kind === "text" || kind === "number" ? "" : "code"}
      value={text}
      spellCheck={false}
      aria-describedby={props.describedBy}
      aria-invalid={props.isInvalid}
      onChange={(event) => {
        change(event.target.value);
      }}
    />
  );
}

function contentOf(value: Json | undefined): string {
  if (isObject(value)) {
    const kind = KINDS.find((one) => one in value);
    const content = kind === undefined ? value : value[kind];
    return typeof content === "string" ? content : JSON.stringify(content, null, 2);
  }
  return written(value);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
