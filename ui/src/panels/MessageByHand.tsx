/** A message written by hand: sent into a node, or tried without anything happening outside. */

import { useId, useState } from "react";

import type { FlowTested, Injected } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import { nodesOf } from "../model/document.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { ASKING } from "../shell/asking.ts";
import { parsed } from "./JsonEditor.tsx";
import { Notice } from "./Notice.tsx";
import type { PanelProps } from "./panel_props.ts";
import { useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";

const NAME = "by hand";

export function MessageByHand({ state, flow }: Pick<PanelProps, "state" | "flow">) {
  const { t } = useTexts();
  const said = useSaid();
  const id = useId();
  const { client, project } = state;
  const nodes = Object.entries(nodesOf(flow.sheet.flow))
    .filter(([, node]) => project.types.get(node.type)?.has_input === true)
    .map(([name]) => name);
  const [chosen] = flow.selection;
  const [wanted, setWanted] = useState<string | null>(null);
  const node = wanted ?? nodes.find((one) => one === chosen) ?? nodes[0] ?? "";
  const [text, setText] = useState('{\n  "payload": 1\n}');
  const [tried, setTried] = useState<Record<string, unknown[]> | null>(null);
  const task = useTask();
  const path = `/flows/${encodeURIComponent(flow.id)}`;

  const message = (): JsonObject => {
    try {
      return parsed(text, true) as JsonObject;
    } catch (error) {
      throw new Error(t("inject.notJson", { reason: String(error) }), { cause: error });
    }
  };
  const send = (): void => {
    task.run(async () => {
      const fields = message();
      if (!(await ASKING.sure(t("inject.sure", { node }), t("inject.send")))) {
        return "";
      }
      setTried(null);
      await client.post<Injected>(`${path}/inject`, { node, message: fields });
      return t("inject.sent");
    });
  };
  const tryOut = (): void => {
    task.run(async () => {
      const tests = {
        flowengine: 1,
        cases: [{ name: NAME, given: [{ into: node, message: message() }], expect: { counts: { [node]: 1 } } }],
      };
      const told = await client.post<FlowTested>(`${path}/tests`, { tests, flow: flow.sheet.flow });
      const [result] = told.cases;
      const problems = [...told.problems, ...(result?.problems ?? [])].map((problem) => said.problem(problem));
      setTried(result?.arrivals ?? null);
      const others = (result?.differences ?? []).map((one) => `${one.path}: ${said.say(one.message)}`);
      return [...problems, ...(problems.length === 0 ? [t("inject.tried")] : []), ...others].join(" ");
    });
  };
  return (
    <section data-needs="operator" className="split-detail" aria-label={t("inject.title")}>
      <div className="detail-tools">
        <label htmlFor={`${id}-node`}>{t("inject.node")}</label>
        <select
          id={`${id}-node`}
          value={node}
          onChange={(event) => {
            setWanted(event.target.value);
          }}
        >
          {nodes.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </div>
      <textarea
        aria-label={t("inject.message")}
        className="code"
        rows={5}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <div className="detail-tools">
        <button data-needs="editor" type="button" className="primary" onClick={tryOut}>
          {t("inject.try")}
        </button>
        <button data-needs="operator" type="button" onClick={send}>
          {t("inject.send")}
        </button>
      </div>
      <Notice text={task.notice} isError={task.isError} />
      {tried !== null && (
        <>
          <h3>{t("inject.came")}</h3>
          {Object.entries(tried).map(([one, messages]) => (
            <ValueTree key={`${one} ${JSON.stringify(messages)}`} root={one} value={messages as Json} />
          ))}
        </>
      )}
    </section>
  );
}
