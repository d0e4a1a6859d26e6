/** The deploy button, with what restarts beside it, and the dialogs that may come between. */

import "./deploy.css";

import { lazy, Suspense, useImperativeHandle, useState, type Ref } from "react";

import type { Preview } from "../api/schema.ts";
import { useTexts, type Translate } from "../i18n/texts.tsx";
import { deploy, errorsOf, isMode, type Mode } from "../model/deploying.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { sentence } from "../model/refusal.ts";
import { Icon } from "../theme/icons.tsx";
import type { EditorState } from "./editor_state.ts";
import { useComing } from "./use_coming.ts";
import { useSignal } from "./use_signal.ts";

const ReviewDialog = lazy(() => import("./dialogs/ReviewDialog.tsx"));
const ConflictDialog = lazy(() => import("./dialogs/ConflictDialog.tsx"));
const KEPT = "flowengine.deploy";
const NARROW = "(max-width: 1000px)";

type Between = { readonly kind: "review"; readonly reason: string } | { readonly kind: "conflict"; readonly flow: OpenFlow } | null;

export interface DeployControlProps {
  readonly state: EditorState;
  readonly onNotice: (text: string) => void;
  /** Lets the keyboard deploy too. */
  readonly handle: Ref<{ deploy: () => void }>;
}

export function DeployControl({ state, onNotice, handle }: DeployControlProps) {
  const { t } = useTexts();
  const { project } = state;
  useSignal(project.changed);
  const [mode, setMode] = useState<Mode>(() => {
    const kept = localStorage.getItem(KEPT);
    return isMode(kept) ? kept : "nodes";
  });
  const [between, setBetween] = useState<Between>(null);
  const [isBusy, setBusy] = useState(false);

  const isChanged =
    mode === "all" ||
    project.opened().some((one) => one.isFlowChanged || one.isLayoutChanged) ||
    project.flows.some((one) => one.changed);

  const coming = useComing(project, mode, isChanged && state.may("editor"));

  const review = (): void => {
    setBetween({ kind: "review", reason: "" });
  };
  /** What restarts stands beside the button; where there is no room for it, it is shown first. */
  const begin = (): void => {
    if (matchMedia(NARROW).matches) {
      review();
    } else {
      run();
    }
  };

  const run = (): void => {
    if (isBusy) {
      return;
    }
    setBusy(true);
    onNotice("");
    deploy(project, mode)
      .then((outcome) => {
        switch (outcome.kind) {
          case "done":
            setBetween(null);
            onNotice(t("deploy.done"));
            break;
          case "errors":
            setBetween({ kind: "review", reason: t("deploy.blocked") });
            break;
          case "stale":
            setBetween({ kind: "review", reason: t("deploy.stale") });
            break;
          case "conflict":
            setBetween({ kind: "conflict", flow: outcome.flow });
        }
      })
      .catch((error: unknown) => {
        onNotice(t("deploy.refused", { reason: sentence(error) }));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  useImperativeHandle(handle, () => ({ deploy: begin }));

  if (!state.may("editor")) {
    return null;
  }
  return (
    <>
      {coming !== null && (
        <button type="button" className="icon-button deploy-coming" title={t("deploy.review")} onClick={review}>
          {inShort(coming, t)}
        </button>
      )}
      <span className="deploy-buttons">
        <button type="button" className="primary" disabled={!isChanged || isBusy} title={t(`deploy.mode.${mode}.about`)} onClick={begin}>
          <Icon name="deploy" /> {t("deploy.button")}
        </button>
        <button
          type="button"
          className="primary"
          aria-label={t("deploy.options")}
          title={t("deploy.options")}
          onClick={review}
        >
          <Icon name="down" />
        </button>
      </span>
      <Suspense>
        {between?.kind === "review" && (
          <ReviewDialog
            project={project}
            mode={mode}
            reason={between.reason}
            isBusy={isBusy}
            onMode={(chosen) => {
              localStorage.setItem(KEPT, chosen);
              setMode(chosen);
            }}
            onDeploy={run}
            onClose={() => {
              setBetween(null);
            }}
          />
        )}
        {between?.kind === "conflict" && (
          <ConflictDialog
            project={project}
            flow={between.flow}
            onDone={run}
            onClose={() => {
              setBetween(null);
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function inShort(coming: Preview, t: Translate): string {
  const errors = errorsOf(coming).length;
  if (errors > 0) {
    return t("deploy.coming.errors", { count: errors });
  }
  const nodes = Object.values(coming.restarted).reduce((sum, some) => sum + some.length, 0);
  const parts = [
    nodes > 0 ? t("deploy.coming.nodes", { count: nodes }) : "",
    coming.started.length > 0 ? t("deploy.coming.starts", { count: coming.started.length }) : "",
    coming.stopped.length > 0 ? t("deploy.coming.stops", { count: coming.stopped.length }) : "",
    coming.restarted_resources.length > 0 ? t("deploy.coming.resources", { count: coming.restarted_resources.length }) : "",
  ].filter(Boolean);
  return parts.length === 0 ? t("deploy.noRestarts") : parts.join(" · ");
}
