/** What a deploy would change and restart, and how much is to restart. */

import { useEffect, useState } from "react";

import type { Preview } from "../../api/schema.ts";
import { useSaid } from "../../i18n/said.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { errorsOf, MODES, preview, type Mode } from "../../model/deploying.ts";
import type { Project } from "../../model/project.ts";
import { sentence } from "../../model/refusal.ts";
import { Dialog } from "../Dialog.tsx";
import { useSignal } from "../use_signal.ts";

export interface ReviewDialogProps {
  readonly project: Project;
  readonly mode: Mode;
  /** Why this is shown, if the person did not ask for it. */
  readonly reason: string;
  readonly isBusy: boolean;
  readonly onMode: (mode: Mode) => void;
  readonly onDeploy: () => void;
  readonly onClose: () => void;
}

export default function ReviewDialog({ project, mode, reason, isBusy, onMode, onDeploy, onClose }: ReviewDialogProps) {
  const { t } = useTexts();
  const said = useSaid();
  useSignal(project.changed);
  const [shown, setShown] = useState<Preview | null>(null);
  const [failure, setFailure] = useState("");
  const { deployed } = project;

  useEffect(() => {
    let isWanted = true;
    preview(project, mode)
      .then((found) => {
        if (isWanted) {
          setShown(found);
        }
      })
      .catch((error: unknown) => {
        setFailure(sentence(error));
      });
    return () => {
      isWanted = false;
    };
  }, [project, mode, deployed]);

  const errors = shown === null ? [] : errorsOf(shown);
  const warnings = shown === null ? 0 : shown.problems.length - errors.length;
  const nameOf = (id: string): string => project.flows.find((one) => one.id === id)?.name ?? id;
  return (
    <Dialog title={t("deploy.review")} className="is-wide" onClose={onClose}>
      <div className="review">
        {reason !== "" && <p role="alert">{reason}</p>}
        {failure !== "" && (
          <p className="field-problem" role="alert">
            {failure}
          </p>
        )}
        <fieldset className="modes">
          <legend>{t("deploy.mode")}</legend>
          {MODES.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="deploy-mode"
                checked={one === mode}
                onChange={() => {
                  onMode(one);
                }}
              />
              <span>
                <strong>{t(`deploy.mode.${one}`)}</strong> <span className="quiet">{t(`deploy.mode.${one}.about`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {errors.length > 0 && (
          <section>
            <h3>{t("deploy.errors")}</h3>
            <ul className="review-errors">
              {errors.map((problem, index) => (
                <li key={index}>
                  <strong>{[problem.flow, problem.node, problem.field].filter(Boolean).join(" › ")}</strong> {said.problem(problem)} <code>{problem.code}</code>
                </li>
              ))}
            </ul>
          </section>
        )}
        {shown !== null && (
          <>
            <section aria-label={t("deploy.changes")}>
              <h3>{t("deploy.changes")}</h3>
              {shown.flows.length + shown.resources.length === 0 && <p className="quiet">{t("deploy.noChanges")}</p>}
              <ul>
                {shown.flows.map((one) => (
                  <li key={one.id}>
                    <strong>{nameOf(one.id)}</strong> <span className="quiet">{t(`change.${one.kind}`)}</span>
                    <ul className="review-paths">
                      {one.changes.map((change) => (
                        <li key={change.path.join("/")}>
                          <code>{change.path.join(" › ")}</code> <span className="quiet">{t(`change.${change.kind}`)}</span>
                        </li>
                      ))}
                    </ul>
                  </li>
                ))}
                {shown.resources.map((one) => (
                  <li key={`resource ${one.id}`}>
                    {t("deploy.restartsResource", { name: one.id })} <span className="quiet">{t(`change.${one.kind}`)}</span>
                  </li>
                ))}
              </ul>
            </section>
            <section aria-label={t("deploy.restarts")}>
              <h3>{t("deploy.restarts")}</h3>
              {Object.keys(shown.restarted).length + shown.started.length + shown.stopped.length + shown.restarted_resources.length === 0 && (
                <p className="quiet">{t("deploy.noRestarts")}</p>
              )}
              <ul>
                {shown.started.map((id) => (
                  <li key={id}>{t("deploy.starts", { flow: nameOf(id) })}</li>
                ))}
                {shown.stopped.map((id) => (
                  <li key={id}>{t("deploy.stops", { flow: nameOf(id) })}</li>
                ))}
                {Object.entries(shown.restarted)
                  .filter(([, nodes]) => nodes.length > 0)
                  .map(([id, nodes]) => (
                    <li key={id}>{t("deploy.restartsNodes", { flow: nameOf(id), nodes: nodes.join(", ") })}</li>
                  ))}
                {shown.restarted_resources.map((name) => (
                  <li key={`resource ${name}`}>{t("deploy.restartsResource", { name })}</li>
                ))}
              </ul>
            </section>
            {warnings > 0 && <p className="quiet">{t("deploy.warnings")}</p>}
          </>
        )}
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          {t("dialog.cancel")}
        </button>
        <button type="button" className="primary" disabled={shown === null || errors.length > 0 || isBusy} onClick={onDeploy}>
          {t("deploy.now")}
        </button>
      </footer>
    </Dialog>
  );
}
