/** The panels about what runs, loaded when the first of them is opened. */

import { useTexts } from "../i18n/texts.tsx";
import type { Tab } from "./BottomPanel.tsx";
import { DebugPanel } from "./DebugPanel.tsx";
import type { PanelProps } from "./panel_props.ts";

export interface SeeingProps extends PanelProps {
  readonly tab: Tab;
  /** The message whose trace is shown. */
  readonly message: string | null;
  readonly onMessage: (message: string | null) => void;
  readonly onTab: (tab: Tab) => void;
}

export default function Seeing({ tab, ...rest }: SeeingProps) {
  const { t } = useTexts();
  const { watch } = rest.state;
  switch (tab) {
    case "debug":
      return <DebugPanel key="debug" flow={rest.flow} show={rest.show} log={watch.messages} none={t("debug.none")} />;
    case "log":
      return <DebugPanel key="log" flow={rest.flow} show={rest.show} log={watch.log} none={t("log.none")} />;
    default:
      return null;
  }
}
