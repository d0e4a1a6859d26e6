/** The newest values at pinned places, above the messages. */

import { useTexts } from "../i18n/texts.tsx";
import type { Entry } from "../model/event_log.ts";
import { pathText, preview } from "../model/json_path.ts";
import { newestAt, pinName, type Pins } from "../model/pins.ts";
import { useSignal } from "../shell/use_signal.ts";
import { Icon } from "../theme/icons.tsx";
import { clockTime } from "./clock_time.ts";

export function Pinned({ pins, entries }: { pins: Pins; entries: readonly Entry[] }) {
  const { t } = useTexts();
  useSignal(pins.changed);
  return pins.all.length === 0 ? null : (
    <ul className="pinned" aria-label={t("debug.pinned")}>
      {pins.all.map((pin) => {
        const newest = newestAt(pin, entries);
        const path = pathText(pin.path, pin.root);
        return (
          <li key={pinName(pin)} title={newest === undefined ? undefined : clockTime(newest.at)}>
            <span className="pinned-node">{pin.node}</span> <code>{path}</code>{" "}
            <strong>{newest === undefined ? "–" : preview(newest.value, 80)}</strong>
            <button
              type="button"
              className="icon-button"
              aria-label={`${t("debug.unpin")} ${pin.node} ${path}`}
              title={t("debug.unpin")}
              onClick={() => {
                pins.turn(pin);
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
