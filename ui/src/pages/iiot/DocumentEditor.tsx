/** A document that people write, in a form made from its JSON Schema: a profile, a rule, the plan of a rollout. */

import { useCallback, useEffect, useState, type ReactNode } from "react";

import type { Client } from "../../api/client.ts";
import type { DocumentCheck, FormSchema, Problem } from "../../api/schema.ts";
import { Form } from "../../forms/Form.tsx";
import { useSaid } from "../../i18n/said.ts";
import { useTexts } from "../../i18n/texts.tsx";
import type { JsonObject } from "../../model/json.ts";
import { sentence, useLoad } from "./load.ts";
import { Refusal } from "./parts.tsx";

const CHECK_AFTER = 300;

export interface DocumentEditorProps {
  readonly client: Client;
  /** Path of the JSON Schema. */
  readonly form: string;
  /** Path that checks a document. */
  readonly check: string;
  /** Name of the document in requests. */
  readonly name: "profile" | "rule" | "plan";
  readonly initial: JsonObject;
  readonly saveText: string;
  readonly onSave: (document: JsonObject) => Promise<void>;
  /** What stands beside the form and looks at the document as it is now. */
  readonly beside?: (document: JsonObject) => ReactNode;
  /** Buttons beside the one that saves. */
  readonly tools?: ReactNode;
}

export function DocumentEditor({ client, form, check, name, initial, saveText, onSave, beside, tools }: DocumentEditorProps) {
  const { t } = useTexts();
  const said = useSaid();
  const read = useCallback(() => client.get<FormSchema>(form), [client, form]);
  const schema = useLoad(read);
  const [value, setValue] = useState(initial);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [refusal, setRefusal] = useState("");
  const [isSaved, setSaved] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => {
      client
        .post<DocumentCheck>(check, { [name]: value })
        .then((found) => {
          setProblems(found.problems as Problem[]);
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
    onSave(value)
      .then(() => {
        setSaved(true);
      })
      .catch((error: unknown) => {
        setRefusal(sentence(error));
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
            onChange={(changed) => {
              setSaved(false);
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
          <button data-needs="editor" type="submit" className="primary" disabled={problems.length > 0}>
            {saveText}
          </button>
        </p>
      </div>
      {beside?.(value)}
    </form>
  );
}
