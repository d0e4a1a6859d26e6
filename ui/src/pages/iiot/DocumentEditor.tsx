/** A document that people write, in a form made from its JSON Schema: a profile, a rule, the plan of a rollout. */

import { useCallback, useEffect, useState, type ReactNode } from "react";

import type { DocumentCheck, FormSchema, Problem } from "../../api/schema.ts";
import { Form } from "../../forms/Form.tsx";
import { useSaid } from "../../i18n/said.ts";
import { useTexts } from "../../i18n/texts.tsx";
import type { JsonObject } from "../../model/json.ts";
import { sentence } from "../../model/refusal.ts";
import type { Role } from "../../model/roles.ts";
import type { EditorState } from "../../shell/editor_state.ts";
import { Refusal } from "../../shell/Refusal.tsx";
import { useLoad } from "./load.ts";

const CHECK_AFTER = 300;

export interface DocumentEditorProps {
  readonly state: EditorState;
  /** Path of the JSON Schema. */
  readonly form: string;
  /** Path that checks a document. */
  readonly check: string;
  /** Name of the document in requests. */
  readonly name: "profile" | "rule" | "plan";
  readonly initial: JsonObject;
  /** Whether nobody has written it yet: then what it lacks is not said before something is written. */
  readonly isNew: boolean;
  readonly saveText: string;
  /** Who may save it; others look at it. */
  readonly needs: Role;
  readonly onSave: (document: JsonObject) => Promise<void>;
  /** What stands beside the form and looks at the document as it is now. */
  readonly beside?: (document: JsonObject) => ReactNode;
  /** Buttons beside the one that saves. */
  readonly tools?: ReactNode;
}

export function DocumentEditor({ state, form, check, name, initial, isNew, saveText, needs, onSave, beside, tools }: DocumentEditorProps) {
  const { t } = useTexts();
  const said = useSaid();
  const { client } = state;
  const isReadOnly = !state.may(needs);
  const read = useCallback(() => client.get<FormSchema>(form), [client, form]);
  const schema = useLoad(read);
  const [value, setValue] = useState(initial);
  const [found, setFound] = useState<readonly Problem[]>([]);
  const [isBegun, setBegun] = useState(!isNew);
  const problems = isBegun ? found : [];
  const [refusal, setRefusal] = useState("");
  const [isSaved, setSaved] = useState(false);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => {
      client
        .post<DocumentCheck>(check, { [name]: value })
        .then((checked) => {
          setFound(checked.problems as Problem[]);
        })
        .catch((error: unknown) => {
          setRefusal(sentence(error));
        });
    }, CHECK_AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, [client, check, name, value]);

  const save = (): void => {
    setRefusal("");
    setBegun(true);
    if (found.length > 0) {
      return;
    }
    setBusy(true);
    onSave(value)
      .then(() => {
        setSaved(true);
      })
      .catch((error: unknown) => {
        setRefusal(sentence(error));
      })
      .finally(() => {
        setBusy(false);
      });
  };

  // What has no field of its own in the form is shown beside the button.
  const general = problems.filter((problem) => (problem.field ?? "") === "");
  return (
    <form
      className="document"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="card">
        <Refusal text={schema.failure} />
        {schema.value !== undefined && (
          <Form
            schema={said.schema(schema.value.form as JsonObject)}
            value={value}
            problems={problems}
            isReadOnly={isReadOnly}
            onChange={(changed) => {
              setSaved(false);
              setBegun(true);
              setValue(changed);
            }}
          />
        )}
        {general.map((problem) => (
          <p className="field-problem" key={problem.message}>
            {said.problem(problem)}
          </p>
        ))}
        <Refusal text={refusal} />
        <p className="dialog-buttons">
          <span role="status" className="quiet">
            {isSaved ? t("document.saved") : ""}
          </span>
          <span className="spread" />
          {tools}
          {!isReadOnly && (
            <button type="submit" className="primary" disabled={isBusy || schema.value === undefined || problems.length > 0}>
              {saveText}
            </button>
          )}
        </p>
      </div>
      {beside?.(value)}
    </form>
  );
}
