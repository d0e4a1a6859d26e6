/** The tests of the flow: run on what is drawn, and looked into where something is other than expected. */

import { useEffect, useMemo, useState } from "react";

import type { FlowTested, FlowTestsDetail, TestedCase } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import { casesOf, withCase, type TestCase } from "../model/test_case.ts";
import type { Fate } from "../model/watch.ts";
import { ASKING } from "../shell/asking.ts";
import { duration } from "./clock_time.ts";
import { JsonEditor } from "./JsonEditor.tsx";
import { MessageByHand } from "./MessageByHand.tsx";
import { Notice } from "./Notice.tsx";
import type { PanelProps } from "./panel_props.ts";
import { useRead, useTask } from "./use_read.ts";
import { ValueTree } from "./ValueTree.tsx";
import { WindowedList } from "./WindowedList.tsx";

const BY_HAND = " by hand";

export function TestsPanel({ state, flow }: PanelProps) {
  const { t } = useTexts();
  const said = useSaid();
  const path = `/flows/${encodeURIComponent(flow.id)}/tests`;
  const { value: tests, failure, again } = useRead<FlowTestsDetail>(state, path);
  const [report, setReport] = useState<FlowTested | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [picked, setPicked] = useState<string | null>(null);
  const task = useTask();
  const { client, watch } = state;
  const cases = casesOf(tests?.document);
  const results = useMemo(() => new Map((report?.cases ?? []).map((one) => [one.name, one])), [report]);
  const shown = picked === null ? undefined : results.get(picked);

  useEffect(() => {
    watch.showWay(fatesOf(shown));
    return () => {
      watch.showWay(new Map());
    };
  }, [watch, shown]);

  const run = (names: readonly string[] | null): void => {
    setRunning(true);
    task.run(async () => {
      try {
        const told = await client.post<FlowTested>(path, { cases: names, flow: flow.sheet.flow });
        const others = names === null ? [] : (report?.cases ?? []).filter((one) => !names.includes(one.name));
        setReport({ ...told, cases: [...others, ...told.cases] });
        return told.problems.map((problem) => said.problem(problem)).join(" ");
      } finally {
        setRunning(false);
      }
    });
  };
  const save = (name: string, made: TestCase | null): void => {
    task.run(async () => {
      await client.put(path, { base: tests?.revision ?? null, document: withCase(tests?.document, name, made) });
      setPicked(made?.name ?? null);
      again();
      return "";
    });
  };
  const one = cases.find((found) => found.name === picked);
  const rows = [...cases.map((found) => found.name), BY_HAND];
  return (
    <div className="panel-body">
      <div className="panel-tools">
        <button
          data-needs="editor"
          type="button"
          className="primary"
          disabled={isRunning || cases.length === 0}
          onClick={() => {
            run(null);
          }}
        >
          {isRunning ? t("tests.running") : t("tests.run")}
        </button>
        {report !== null && report.nodes > 0 && (
          <span className="quiet">
            {t("tests.reached", { reached: report.reached, nodes: report.nodes })}
            {report.missed.length > 0 && ` · ${t("tests.missed", { nodes: report.missed.join(", ") })}`}
          </span>
        )}
        <span className="spread" />
        <button type="button" onClick={again}>
          {t("panel.refresh")}
        </button>
      </div>
      <Notice
        text={task.notice || failure || (tests?.problems ?? []).map((problem) => said.problem(problem)).join(" ")}
        isError={task.isError || failure !== "" || (tests?.problems.length ?? 0) > 0}
      />
      {tests !== null && cases.length === 0 && <p className="quiet panel-none">{t("tests.none")}</p>}
      <div className="split">
        <WindowedList
          items={rows}
          label={t("tests.list")}
          keyOf={(name) => name}
          chosen={picked}
          onChoose={setPicked}
          rowClass={(name) => {
            const outcome = results.get(name)?.outcome;
            return outcome === undefined ? "is-new" : outcome === "passed" ? "" : "is-error";
          }}
          row={(name) => {
            const result = results.get(name);
            return name === BY_HAND ? (
              <span className="row-node">{t("inject.title")}</span>
            ) : (
              <>
                <span className="row-mark">{t(result === undefined ? "tests.new" : `tests.${result.outcome}`)}</span>
                <span className="row-text">{name}</span>
                <span className="row-quiet">{result !== undefined && duration(result.seconds)}</span>
              </>
            );
          }}
        />
        {picked === BY_HAND ? (
          <MessageByHand state={state} flow={flow} />
        ) : one === undefined ? (
          <p className="quiet split-detail">{t("tests.pick")}</p>
        ) : (
          <Case
            key={one.name}
            test={one}
            result={shown}
            isRunning={isRunning}
            onRun={() => {
              run([one.name]);
            }}
            onSave={(made) => {
              save(one.name, made);
            }}
          />
        )}
      </div>
    </div>
  );
}

interface CaseProps {
  readonly test: TestCase;
  readonly result: TestedCase | undefined;
  readonly isRunning: boolean;
  readonly onRun: () => void;
  readonly onSave: (made: TestCase | null) => void;
}

function Case({ test, result, isRunning, onRun, onSave }: CaseProps) {
  const { t } = useTexts();
  const [isEdited, setEdited] = useState(false);
  return (
    <section className="split-detail" aria-label={test.name}>
      <div className="detail-tools">
        <button data-needs="editor" type="button" disabled={isRunning} onClick={onRun}>
          {t("tests.runOne")}
        </button>
        <button
          data-needs="editor"
          type="button"
          onClick={() => {
            setEdited(true);
          }}
        >
          {t("tests.edit")}
        </button>
        <button
          data-needs="editor"
          type="button"
          onClick={() => {
            ASKING.whenSure(t("tests.sureDelete", { name: test.name }), t("tests.delete"), () => {
              onSave(null);
            });
          }}
        >
          {t("tests.delete")}
        </button>
      </div>
      {isEdited ? (
        <JsonEditor
          value={test}
          label={t("tests.edit")}
          save={t("tests.save")}
          isObject
          onSave={(made) => {
            setEdited(false);
            onSave(made as unknown as TestCase);
          }}
          onCancel={() => {
            setEdited(false);
          }}
        />
      ) : (
        <>
          {result !== undefined && <Differences result={result} />}
          <ValueTree value={test} />
        </>
      )}
    </section>
  );
}

function Differences({ result }: { result: TestedCase }) {
  const { t } = useTexts();
  const said = useSaid();
  return (
    <>
      {result.differences.map((one) => (
        <div key={`${one.path} ${one.message}`} className="difference">
          <code>{one.path}</code>
          {one.has_values ? (
            <>
              <p>
                {t("tests.expected")} <ins>{JSON.stringify(one.expected)}</ins>
              </p>
              <p>
                {t("tests.got")} <del>{JSON.stringify(one.got)}</del>
              </p>
            </>
          ) : (
            <p className="detail-error">{said.say(one.message)}</p>
          )}
        </div>
      ))}
      {result.problems.length > 0 && (
        <>
          <h3>{t("tests.problems")}</h3>
          {result.problems.map((problem) => (
            <p className="detail-error" key={problem.message}>
              {said.problem(problem)} <code>{problem.code}</code>
            </p>
          ))}
        </>
      )}
      {result.log.length > 0 && (
        <>
          <h3>{t("tests.log")}</h3>
          <pre className="test-log">{result.log.join("\n")}</pre>
        </>
      )}
    </>
  );
}

/** Where messages came while a case ran, and where something was other than expected. */
function fatesOf(result: TestedCase | undefined): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>(Object.keys(result?.arrivals ?? {}).map((node) => [node, "came"]));
  for (const one of result?.differences ?? []) {
    const node = /^expect\.(?:messages|counts|outbox|statuses|tries)\.([\w/-]+)/.exec(one.path)?.[1];
    if (node !== undefined) {
      fates.set(node, "differed");
    }
  }
  return fates;
}

