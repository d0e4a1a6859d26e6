/** Commands and the dialogs that they open, over whichever page is shown. */

import { useCallback, useEffect } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { CommandPalette } from "./CommandPalette.tsx";
import { ContextMenu } from "./ContextMenu.tsx";
import type { Surroundings } from "./commands/command.ts";
import { Export, Import } from "./dialogs/Exchange.tsx";
import { DeleteFlow, NewFlow, RenameFlow } from "./dialogs/FlowDialogs.tsx";
import { GroupDialog } from "./dialogs/GroupDialog.tsx";
import { SearchDialog } from "./dialogs/SearchDialog.tsx";
import { Shortcuts } from "./dialogs/Shortcuts.tsx";
import { SubflowPorts } from "./dialogs/SubflowPorts.tsx";
import type { EditorState } from "./editor_state.ts";
import { KEYS } from "./keys.ts";
import { useCommands } from "./use_commands.ts";
import { useSignal } from "./use_signal.ts";

export function Commands({ state, deploy }: { state: EditorState; deploy: () => void }) {
  const { t } = useTexts();
  const { desk, project } = state;
  useSignal(desk.changed);
  useEffect(() => {
    desk.deployWith(deploy);
  }, [desk, deploy]);

  const around = useCallback(
    (): Surroundings => ({
      state,
      desk,
      t,
      flow: desk.drawing === null ? null : project.current,
      drawing: desk.drawing,
      deploy: () => {
        desk.deploy();
      },
    }),
    [state, desk, project, t],
  );
  useCommands(KEYS, around);

  const { dialog, menu } = desk;
  if (dialog === null) {
    return menu === null ? null : <ContextMenu around={around()} request={menu} key={`${menu.screen.x} ${menu.screen.y}`} />;
  }
  const now = around();
  const close = (): void => {
    desk.close();
  };
  switch (dialog.kind) {
    case "commands":
      return <CommandPalette around={now} />;
    case "shortcuts":
      return <Shortcuts onClose={close} />;
    case "search":
      return <SearchDialog state={state} desk={desk} first={dialog.text} key={dialog.text} />;
    case "new-flow":
      return <NewFlow project={project} onClose={close} />;
    case "import":
      return <Import project={project} flow={now.flow} onClose={close} />;
    case "export":
      return <Export text={dialog.text} name={dialog.name} onClose={close} />;
  }
  if (now.flow === null || now.drawing === null) {
    return null;
  }
  switch (dialog.kind) {
    case "rename-flow":
      return <RenameFlow flow={now.flow} onClose={close} />;
    case "delete-flow":
      return <DeleteFlow project={project} flow={now.flow} onClose={close} />;
    case "group":
      return <GroupDialog flow={now.flow} drawing={now.drawing} group={dialog.group} onClose={close} />;
    case "subflow-ports":
      return <SubflowPorts flow={now.flow} drawing={now.drawing} onClose={close} />;
  }
}
