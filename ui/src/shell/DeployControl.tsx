/** The deploy button, with what restarts beside it, and the dialogs that may come between. */

import "./deploy.css";

import { lazy, Suspense, useImperativeHandle, useState, type Ref } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { deploy, isMode, type Mode } from "../model/deploying.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { Icon } from "../theme/icons.tsx";
import type { EditorState } from "./editor_state.ts";
import { useSignal } from "./use_signal.ts";

const ReviewDialog = lazy(() => import("./dialogs/ReviewDialog.tsx"));
const ConflictDialog = lazy(() => import("./dialogs/ConflictDialog.tsx"));
const KEPT = "flowengine.deploy";

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
        onNotice(t("deploy.refused", { reason: error instanceof Error ? error.message : String(error) }));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  useImperativeHandle(handle, () => ({ deploy: run }));

  if (!state.may("editor")) {
    return null;
  }
  return (
    <>
      <span className="deploy-buttons">
        <button type="button" className="primary" disabled={!isChanged || isBusy} title={t(`deploy.mode.${mode}.about`)} onClick={run}>
          <Icon name="deploy" /> {t("deploy.button")}
        </button>
        <button
          type="button"
          className="primary"
          aria-label={t("deploy.options")}
          title={t("deploy.options")}
          onClick={() => {
            setBetween({ kind: "review", reason: "" });
          }}
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
