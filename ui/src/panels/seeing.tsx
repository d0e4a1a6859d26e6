/** The panels about what runs, loaded when the first of them is opened. */

import { useTexts } from "../i18n/texts.tsx";
import type { Tab } from "./BottomPanel.tsx";
import { DebugPanel } from "./DebugPanel.tsx";
import { FiguresPanel } from "./FiguresPanel.tsx";
import { LettersPanel } from "./LettersPanel.tsx";
import { OutboxPanel } from "./OutboxPanel.tsx";
import type { PanelProps } from "./panel_props.ts";
import { StatePanel } from "./StatePanel.tsx";
import { TestsPanel } from "./TestsPanel.tsx";
import { TracePanel } from "./TracePanel.tsx";

export interface SeeingProps extends PanelProps {
  /** The message whose trace is shown. */
  readonly message: string | null;
  readonly onMessage: (message: string | null) => void;
}

export default function Seeing({ tab, ...rest }: SeeingProps & { readonly tab: Exclude<Tab, "problems"> }) {
  const { t } = useTexts();
  const { watch } = rest.state;
  switch (tab) {
    case "debug":
      return <DebugPanel key="debug" flow={rest.flow} show={rest.show} log={watch.messages} none={t("debug.none")} pins={watch.pins} />;
    case "log":
      return <DebugPanel key="log" flow={rest.flow} show={rest.show} log={watch.log} none={t("log.none")} />;
    case "trace":
      return <TracePanel {...rest} />;
    case "letters":
      return <LettersPanel {...rest} />;
    case "outbox":
      return <OutboxPanel {...rest} />;
    case "state":
      return <StatePanel {...rest} />;
    case "figures":
      return <FiguresPanel {...rest} />;
    case "tests":
      return <TestsPanel {...rest} />;
  }
}
