/** Buttons on the canvas, for those who look for them: zoom, fit, map. */

import { useTexts } from "../i18n/texts.tsx";
import type { TextKey } from "../i18n/en.ts";
import { shownChord } from "../model/shortcuts.ts";
import { Icon } from "../theme/icons.tsx";
import type { Desk } from "./desk.ts";
import { IS_MAC, KEYS } from "./keys.ts";
import { useSignal } from "./use_signal.ts";

export function CanvasTools({ desk }: { desk: Desk }) {
  const { t } = useTexts();
  useSignal(KEYS.changed);
  const tools: readonly { id: string; icon: string; text: TextKey; run: () => void }[] = [
    { id: "zoom-out", icon: "minus", text: "command.zoomOut", run: () => desk.canvas?.zoomOut() },
    { id: "zoom-in", icon: "add", text: "command.zoomIn", run: () => desk.canvas?.zoomIn() },
    { id: "fit", icon: "fit", text: "command.fit", run: () => desk.canvas?.fit() },
    {
      id: "map",
      icon: "map",
      text: "command.map",
      run: () => {
        desk.toggleMap();
      },
    },
    {
      id: "commands",
      icon: "menu",
      text: "command.commands",
      run: () => {
        desk.open({ kind: "commands" });
      },
    },
  ];
  return (
    <div className="canvas-tools" role="toolbar" aria-label={t("canvas.tools")}>
      {tools.map(({ id, icon, text, run }) => {
        const [key] = KEYS.keysOf(id);
        return (
          <button
            key={id}
            type="button"
            className="icon-button"
            aria-label={t(text)}
            title={key === undefined ? t(text) : `${t(text)} (${shownChord(key, IS_MAC)})`}
            onClick={run}
          >
            <Icon name={icon} />
          </button>
        );
      })}
    </div>
  );
}
