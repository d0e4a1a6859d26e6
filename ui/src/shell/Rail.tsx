/** The way to the pages: flows first, then what operates them. */

import "./rail.css";

import { useTexts } from "../i18n/texts.tsx";
import { PAGES } from "../pages/pages.ts";
import { Icon } from "../theme/icons.tsx";
import type { EditorState } from "./editor_state.ts";
import { HOME, hrefOf } from "./router.ts";

export interface RailProps {
  readonly state: EditorState;
  readonly page: string;
  readonly flow: string | undefined;
}

export function Rail({ state, page, flow }: RailProps) {
  const { t } = useTexts();
  const entries = [
    { name: HOME, title: t("flows.title"), icon: "sequence", href: hrefOf(HOME, flow === undefined ? [] : [flow]) },
    ...PAGES.filter((one) => state.may(one.role ?? "viewer")).map((one) => ({ name: one.name, title: t(one.title), icon: one.icon, href: hrefOf(one.name) })),
  ];
  return (
    <nav className="rail" aria-label={t("pages.title")}>
      {entries.map((one) => (
        <a key={one.name} href={one.href} aria-current={one.name === page ? "page" : undefined}>
          <Icon name={one.icon} />
          <span>{one.title}</span>
        </a>
      ))}
    </nav>
  );
}
