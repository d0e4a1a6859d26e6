/** A JSON value as text that can be changed; what is no JSON is said, and not taken. */

import { useId, useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { isObject, type Json } from "../model/json.ts";

interface JsonEditorProps {
  readonly value: Json;
  readonly label: string;
  readonly save: string;
  readonly isObject?: boolean;
  readonly onSave: (value: Json) => void;
  readonly onCancel: () => void;
}

export function JsonEditor(props: JsonEditorProps) {
  const { t } = useTexts();
  const id = useId();
  const [text, setText] = useState(() => JSON.stringify(props.value, null, 2));
  const [wrong, setWrong] = useState("");
  const take = (): void => {
    try {
      props.onSave(parsed(text, props.isObject === true));
    } catch (error) {
      setWrong(t(props.isObject === true ? "letters.notJson" : "state.notJson", { reason: String(error) }));
    }
  };
  return (
    <div className="json-editor">
      <textarea
        aria-label={props.label}
        aria-invalid={wrong !== ""}
        aria-describedby={wrong === "" ? undefined : id}
        className="code"
        rows={10}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setWrong("");
        }}
      />
      {wrong !== "" && (
        <p id={id} className="detail-error">
          {wrong}
        </p>
      )}
      <div className="detail-tools">
        <button type="button" className="primary" onClick={take}>
          {props.save}
        </button>
        <button type="button" onClick={props.onCancel}>
          {t("letters.cancel")}
        </button>
      </div>
    </div>
  );
}

/** Read a text as JSON; throws what is wrong with it. */
export function parsed(text: string, wantsObject: boolean): Json {
  const value = JSON.parse(text) as Json;
  if (wantsObject && !isObject(value)) {
    throw new TypeError(text.slice(0, 40));
  }
  return value;
}
