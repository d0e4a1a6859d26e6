/** Small charts of the last minutes: of the flow, and of the chosen nodes. */

import { useTexts } from "../i18n/texts.tsx";
import { WHOLE } from "../model/figures_history.ts";
import { Chart } from "./Chart.tsx";
import type { PanelProps } from "./panel_props.ts";

const MOST_NODES = 12;

export function FiguresPanel({ state, flow }: Pick<PanelProps, "state" | "flow">) {
  const { t } = useTexts();
  const { history } = state.watch;
  const nodes = [...flow.selection].slice(0, MOST_NODES);
  return (
    <div className="panel-body figures">
      {[WHOLE, ...nodes].map((node) => {
        const shown = { history, flow: flow.id, line: node };
        const title = node === WHOLE ? t("figures.whole") : node;
        return (
          <div className="figures-row" key={node} role="group" aria-label={title}>
            <strong className="figures-name">{title}</strong>
            <Chart name={t("figures.rate")} {...shown} value={(one) => one.received} kind="rate" />
            <Chart name={t("figures.errors")} {...shown} value={(one) => one.errors} kind="error" />
            <Chart
              name={t(node === WHOLE ? "figures.inFlight" : "figures.waiting")}
              {...shown}
              value={(one) => one.waiting}
              kind="waiting"
            />
          </div>
        );
      })}
      {nodes.length === 0 && <p className="quiet panel-none">{t("figures.pick")}</p>}
    </div>
  );
}
