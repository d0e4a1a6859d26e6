/** What is shown where no registry runs: that is a state of things, and no failure. */

import { useTexts } from "../../i18n/texts.tsx";
import { HOME, hrefOf } from "../../shell/router.ts";
import { Icon } from "../../theme/icons.tsx";
import { Page } from "../Page.tsx";

/** What the server says then. */
export const NO_REGISTRY = "no-registry";

export function NoRegistry() {
  const { t } = useTexts();
  return (
    <section className="no-registry" aria-label={t("registry.none")}>
      <Icon name="devices" />
      <h2>{t("registry.none")}</h2>
      <p className="quiet">{t("registry.about")}</p>
      <a href={hrefOf(HOME)}>{t("registry.flows")}</a>
    </section>
  );
}

export function NoRegistryPage({ title }: { title: string }) {
  return (
    <Page title={title}>
      <NoRegistry />
    </Page>
  );
}
