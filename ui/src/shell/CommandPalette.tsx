/** Every command with its keys: type a few letters, take one. What cannot be done now is shown last. */

import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { shownChord } from "../model/shortcuts.ts";
import { COMMANDS } from "./commands/table.ts";
import type { Surroundings } from "./commands/command.ts";
import { Dialog } from "./Dialog.tsx";
import { Chooser } from "./dialogs/Chooser.tsx";
import { IS_MAC, KEYS } from "./keys.ts";

export function CommandPalette({ around }: { around: Surroundings }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = COMMANDS.filter((command) => {
    const name = `${t(command.text)} ${t(`section.${command.section}`)}`.toLowerCase();
    return command.id !== "commands" && words.every((word) => name.includes(word));
  });
  const possible = fitting.filter((command) => command.isPossible(around));
  const inOrder = [...possible, ...fitting.filter((command) => !possible.includes(command))];
  const close = (): void => {
    around.desk.close();
  };
  return (
    <Dialog title={t("commands.title")} className="is-top" isBare onClose={close}>
      <Chooser
        label={t("commands.search")}
        text={text}
        onText={setText}
        none={t("commands.none")}
        choices={inOrder.map((command) => ({
          id: command.id,
          isPossible: possible.includes(command),
          content: (
            <>
              <span className="chooser-text">{t(command.text)}</span>
              <span className="chooser-beside">{t(`section.${command.section}`)}</span>
              {KEYS.keysOf(command.id).slice(0, 1).map((key) => (
                <kbd key={key}>{shownChord(key, IS_MAC)}</kbd>
              ))}
            </>
          ),
        }))}
        onChoose={(id) => {
          close();
          COMMANDS.find((command) => command.id === id)?.run(around);
        }}
      />
    </Dialog>
  );
}
