/** Edits of an earlier visit, which never came to disk: take them up again or let them go. */

import { useTexts } from "../i18n/texts.tsx";
import type { OpenFlow } from "../model/open_flow.ts";

export function DraftOffer({ flow }: { flow: OpenFlow }) {
  const { t, language } = useTexts();
  if (flow.draft === null) {
    return null;
  }
  const time = new Date(flow.draft.at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <div className="draft" role="status">
      <span>{t(flow.draft.base === flow.base ? "draft.offer" : "draft.offerStale", { time })}</span>
      <span className="spread" />
      <button
        type="button"
        onClick={() => {
          flow.dropDraft();
        }}
      >
        {t("draft.discard")}
      </button>
      <button
        type="button"
        className="primary"
        onClick={() => {
          flow.takeUpDraft(t("draft.take"));
        }}
      >
        {t("draft.take")}
      </button>
    </div>
  );
}
