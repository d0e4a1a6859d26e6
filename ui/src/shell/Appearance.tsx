/** How the page looks: its language, and light or dark. In the bar where there is room, else in a menu. */

import { useTexts } from "../i18n/texts.tsx";
import { Icon } from "../theme/icons.tsx";
import { switchTheme } from "../theme/theme.ts";

export function Appearance({ isInMenu = false }: { isInMenu?: boolean }) {
  const { t, language, choose } = useTexts();
  return (
    <div className={isInMenu ? "appearance is-in-menu" : "appearance"}>
      <button
        type="button"
        onClick={() => {
          choose(language === "en" ? "zh" : "en");
        }}
      >
        {t("language.switch")}
      </button>
      <button
        type="button"
        className={isInMenu ? "" : "icon-button"}
        aria-label={t("theme.switch")}
        title={t("theme.switch")}
        onClick={switchTheme}
      >
        <Icon name="theme" /> {isInMenu && t("theme.switch")}
      </button>
    </div>
  );
}
