/** The file of an edited flow has changed on disk: compare, take theirs, or keep mine. */

import "./deploy.css";

import { lazy, Suspense, useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import type { OpenFlow } from "../model/open_flow.ts";
import type { Project } from "../model/project.ts";

const ConflictDialog = lazy(() => import("./dialogs/ConflictDialog.tsx"));

export function DiskBar({ project, flow }: { project: Project; flow: OpenFlow }) {
  const { t } = useTexts();
  const [isComparing, setComparing] = useState(false);
  const detail = flow.disk?.detail;
  if (flow.disk === null) {
    return null;
  }
  return (
    <div className="draft disk" role="alert">
      <span>{t(detail == null ? "disk.gone" : "disk.changed")}</span>
      <span className="spread" />
      <button
        data-needs="editor"
        type="button"
        className="primary"
        onClick={() => {
          setComparing(true);
        }}
      >
        {t("disk.compare")}
      </button>
      {detail != null && (
        <button
          type="button"
          onClick={() => {
            flow.reload(detail);
          }}
        >
          {t("disk.theirs")}
        </button>
      )}
      <button
        data-needs="editor"
        type="button"
        onClick={() => {
          flow.rebase(flow.sheet.flow, t("conflict.edit"));
        }}
      >
        {t("disk.mine")}
      </button>
      {isComparing && (
        <Suspense>
          <ConflictDialog
            project={project}
            flow={flow}
            onDone={() => undefined}
            onClose={() => {
              setComparing(false);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
