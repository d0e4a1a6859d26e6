/** All commands with their keys, which can be changed. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import { chordOf, shownChord } from "../../model/shortcuts.ts";
import type { Command, Section } from "../commands/command.ts";
import { COMMANDS } from "../commands/table.ts";
import { Dialog } from "../Dialog.tsx";
import { IS_MAC, KEYS } from "../keys.ts";
import { useSignal } from "../use_signal.ts";

const SECTIONS: readonly Section[] = ["general", "flow", "edit", "choose", "view", "arrange"];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const [changing, setChanging] = useState("");
  useSignal(KEYS.changed);
  return (
    <Dialog title={t("shortcuts.title")} className="is-wide" onClose={onClose}>
      <p className="quiet">{t("shortcuts.about")}</p>
      <div className="keys">
        <table>
          {SECTIONS.map((section) => (
            <tbody key={section}>
              <tr>
                <th colSpan={2} scope="rowgroup">
                  {t(`section.${section}`)}
                </th>
              </tr>
              {COMMANDS.filter((command) => command.section === section).map((command) => (
                <tr key={command.id}>
                  <td>{t(command.text)}</td>
                  <td>
                    <Keys command={command} isChanging={changing === command.id} onChanging={setChanging} />
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </Dialog>
  );
}

interface KeysProps {
  readonly command: Command;
  readonly isChanging: boolean;
  readonly onChanging: (id: string) => void;
}

function Keys({ command, isChanging, onChanging }: KeysProps) {
  const { t } = useTexts();
  const name = t(command.text);
  const chords = KEYS.keysOf(command.id).map((key) => shownChord(key, IS_MAC));
  const shown = chords.map((chord) => [<kbd key={chord}>{chord}</kbd>, " "]);
  if (command.isNative === true) {
    return shown;
  }
  return (
    <>
      {KEYS.isChosen(command.id) && !isChanging && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            KEYS.reset(command.id);
          }}
        >
          {t("shortcuts.reset")}
        </button>
      )}
      <button
        type="button"
        // Whoever speaks to the computer says what is to be seen.
        aria-label={`${t("shortcuts.change", { name })} ${isChanging ? t("shortcuts.press") : chords.join(" ")}`}
        onClick={() => {
          onChanging(isChanging ? "" : command.id);
        }}
        onBlur={() => {
          onChanging("");
        }}
        onKeyDown={(event) => {
          if (!isChanging || event.key === "Tab") {
            return;
          }
          event.preventDefault();
          event.stopPropagation();
          const chord = chordOf(event);
          if (chord === null) {
            return;
          }
          if (chord !== "Escape") {
            KEYS.choose(command.id, chord === "Backspace" ? [] : [chord]);
          }
          onChanging("");
        }}
      >
        {isChanging ? <span className="quiet">{t("shortcuts.press")}</span> : shown.length === 0 ? <span className="quiet">—</span> : shown}
      </button>
    </>
  );
}
