/** How the engine is doing. */

import { useTexts } from "../i18n/texts.tsx";
import { Page } from "./Page.tsx";

export default function HealthPage() {
  const { t } = useTexts();
  return (
    <Page title={t("pages.health")}>
      <p />
    </Page>
  );
}
