/** A flow that was edited here and changed on disk: mine, theirs and what both began with, value by value. */

import { useMemo, useState } from "react";

import { useTexts, type Translate } from "../../i18n/texts.tsx";
import type { Flow } from "../../model/document.ts";
import type { Json } from "../../model/json.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import type { Project } from "../../model/project.ts";
import { divergences, merged, pathText, suggested, type Divergence, type Side } from "../../model/three_way.ts";
import { Dialog } from "../Dialog.tsx";

export interface ConflictDialogProps {
  readonly project: Project;
  readonly flow: OpenFlow;
  /** The flow can be saved now. */
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export default function ConflictDialog({ project, flow, onDone, onClose }: ConflictDialogProps) {
  const { t } = useTexts();
  const theirs = flow.disk?.detail ?? null;
  const mine = flow.sheet.flow;
  const base = flow.base === null ? null : flow.saved.flow;
  const found = useMemo(() => (theirs?.document == null ? [] : divergences(base, mine, theirs.document)), [base, mine, theirs]);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());

  const settle = (result: Flow): void => {
    flow.rebase(result, t("conflict.edit"));
    onClose();
    onDone();
  };
  const choose = (wanted: readonly Divergence[], side: Side): void => {
    setChoices(new Map([...choices, ...wanted.map((one) => [pathText(one.path), side] as const)]));
  };

  return (
    <Dialog title={t("conflict.title", { flow: mine.name ?? flow.id })} className="is-conflict" onClose={onClose}>
      <p className="quiet">{t(theirs === null ? "conflict.gone" : "conflict.about")}</p>
      {theirs !== null && (
        <div className="conflict-frame">
          {found.length === 0 && <p className="quiet">{t("conflict.none")}</p>}
          <table className="conflict">
            <thead>
              <tr>
                <th scope="col">{t("conflict.where")}</th>
                <th scope="col">{t("conflict.base")}</th>
                <th scope="col">{t("conflict.mine")}</th>
                <th scope="col">{t("conflict.theirs")}</th>
              </tr>
            </thead>
            <tbody>
              {found.map((one) => {
                const id = pathText(one.path);
                const chosen = choices.get(id) ?? suggested(one);
                return (
                  <tr key={id} className={one.by === "both" ? "is-both" : undefined}>
                    <th scope="row">
                      {one.path.join(" › ")}
                      {one.by === "both" && <span className="conflict-mark">{t("conflict.both")}</span>}
                    </th>
                    <td>
                      <code>{valueText(one.base, t)}</code>
                    </td>
                    {(["mine", "theirs"] as const).map((side) => (
                      <td key={side} className={chosen === side ? "is-chosen" : undefined}>
                        <label>
                          <input
                            type="radio"
                            name={`choice ${id}`}
                            aria-label={`${one.path.join(" ")}: ${t(`conflict.${side}`)}`}
                            checked={chosen === side}
                            onChange={() => {
                              choose([one], side);
                            }}
                          />
                          <code>{valueText(one[side], t)}</code>
                        </label>
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {theirs === null ? (
        <footer>
          <button
            type="button"
            onClick={() => {
              project.drafts?.discard(flow.id);
              project.close(flow.id);
              onClose();
            }}
          >
            {t("conflict.giveUp")}
          </button>
          <button
            type="button"
            className="primary"
            onClick={() => {
              settle(mine);
            }}
          >
            {t("conflict.keep")}
          </button>
        </footer>
      ) : (
        <footer>
          <button
            type="button"
            onClick={() => {
              choose(found, "mine");
            }}
          >
            {t("conflict.allMine")}
          </button>
          <button
            type="button"
            onClick={() => {
              choose(found, "theirs");
            }}
          >
            {t("conflict.allTheirs")}
          </button>
          <span className="spread" />
          <button type="button" onClick={onClose}>
            {t("dialog.cancel")}
          </button>
          <button
            type="button"
            className="primary"
            onClick={() => {
              settle(merged(mine, found, choices));
            }}
          >
            {t("conflict.take")}
          </button>
        </footer>
      )}
    </Dialog>
  );
}

function valueText(value: Json | undefined, t: Translate): string {
  return value === undefined ? t("change.nothing") : typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
