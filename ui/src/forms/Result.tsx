/** What a field gives on the last real message, below it. */

import { useContext, useEffect } from "react";

import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { ExpressionKind } from "../model/evaluator.ts";
import { isObject, type Json } from "../model/json.ts";
import { preview } from "../model/json_path.ts";
import { useSignal } from "../shell/use_signal.ts";
import { EvaluatorContext } from "./surroundings.ts";
import { kindOf } from "./widgets/value.tsx";

const KINDS: Readonly<Record<string, ExpressionKind>> = {
  "json-path": "json-path",
  jsonata: "jsonata",
  jinja2: "jinja2",
  value: "value",
};
// What is written down as it is needs no result beside it.
const COMPUTED: ReadonlySet<string> = new Set(["path", "jsonata", "template", "state", "env"]);
const MOST = 300;

/** The kind of expression that a field holds; `undefined` where there is nothing to evaluate. */
export function expressionKind(widget: string, value: Json | undefined): ExpressionKind | undefined {
  if (value === undefined || value === null || value === "" || JSON.stringify(value).includes("${")) {
    return undefined;
  }
  const kind = KINDS[widget];
  return kind === "value" && (!isObject(value) || !COMPUTED.has(kindOf(value))) ? undefined : kind;
}

export function Result({ id, kind, content }: { id: string; kind: ExpressionKind; content: Json }) {
  const { t } = useTexts();
  const said = useSaid();
  const evaluator = useContext(EvaluatorContext);
  useSignal(evaluator?.changed);
  const written = JSON.stringify(content);
  useEffect(() => {
    if (evaluator === null) {
      return undefined;
    }
    evaluator.want(id, { kind, content: JSON.parse(written) as Json });
    evaluator.asked.tell();
    return () => {
      evaluator.release(id);
    };
  }, [evaluator, id, kind, written]);
  const result = evaluator?.result(id);
  if (result === undefined) {
    return null;
  }
  if (result.outcome === "failed") {
    return <p className="field-result is-failed">{said.say(result.reason)}</p>;
  }
  const text = result.outcome === "nothing" ? t("result.nothing") : preview(result.value, MOST);
  return (
    <p className={`field-result is-${result.outcome}`} title={t("result.about")}>
      <span aria-hidden="true">→ </span>
      <span className="only-read">{t("result.about")}: </span>
      {text}
    </p>
  );
}
