/** What lint says of the flow; a click leads to the node. */

import { useSaid } from "../i18n/said.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { OpenFlow } from "../model/open_flow.ts";

export function Problems({ flow }: { flow: OpenFlow }) {
  const { t } = useTexts();
  const said = useSaid();
  return (
    <section className="problems" aria-label={t("problems.title")}>
      <h2>
        {t("problems.title")} <span className="count">{flow.problems.length}</span>
      </h2>
      {flow.problems.length === 0 && <p className="quiet">{t("problems.none")}</p>}
      <ul>
        {flow.problems.map((problem, index) => (
          <li key={index} className={`is-${problem.severity ?? "error"}`}>
            <button
              type="button"
              onClick={() => {
                if (problem.node != null) {
                  flow.select(new Set([problem.node]));
                }
              }}
            >
              <strong>{[problem.node, problem.field].filter(Boolean).join(" › ")}</strong> {said.problem(problem)}{" "}
              <code>{problem.code}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
