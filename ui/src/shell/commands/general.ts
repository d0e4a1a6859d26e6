/** Commands on the editor and on flows as a whole. */

import { copied, exported } from "../../model/clipboard.ts";
import { nodesOf } from "../../model/document.ts";
import { isSubflow } from "../../model/subflows.ts";
import { switchTheme } from "../../theme/theme.ts";
import { go, HOME } from "../router.ts";
import { onFlow, type Command, type Surroundings } from "./command.ts";

const always = (): boolean => true;

/** Show the open flow so many tabs further; the last is followed by the first. */
function turnTab({ state, flow }: Surroundings, by: number): void {
  const tabs = state.project.opened();
  const at = tabs.findIndex((one) => one === flow);
  const next = tabs.at((at + by) % tabs.length);
  if (next !== undefined) {
    go(HOME, [next.id]);
  }
}

export const GENERAL: readonly Command[] = [
  {
    id: "commands",
    section: "general",
    text: "command.commands",
    keys: ["Mod+K", "Mod+Shift+P"],
    where: "anywhere",
    isPossible: always,
    run: ({ desk }) => {
      desk.open({ kind: "commands" });
    },
  },
  {
    id: "shortcuts",
    section: "general",
    text: "command.shortcuts",
    keys: ["?"],
    where: "not-typing",
    isPossible: always,
    run: ({ desk }) => {
      desk.open({ kind: "shortcuts" });
    },
  },
  {
    id: "search",
    section: "general",
    text: "command.search",
    keys: ["Mod+F"],
    where: "anywhere",
    isPossible: always,
    run: ({ desk }) => {
      desk.open({ kind: "search", text: "" });
    },
  },
  {
    id: "deploy",
    section: "general",
    text: "command.deploy",
    keys: ["Mod+S"],
    where: "anywhere",
    isPossible: always,
    run: ({ deploy }) => {
      deploy();
    },
  },
  {
    id: "theme",
    section: "general",
    text: "command.theme",
    keys: [],
    where: "not-typing",
    isPossible: always,
    run: () => {
      switchTheme();
    },
  },
  {
    id: "new-flow",
    section: "flow",
    text: "command.newFlow",
    keys: ["Alt+N"],
    where: "not-typing",
    isPossible: always,
    run: ({ desk }) => {
      desk.open({ kind: "new-flow" });
    },
  },
  onFlow("flow", { id: "rename-flow", text: "command.renameFlow", keys: ["F2"] }, ({ desk }) => {
    desk.open({ kind: "rename-flow" });
  }),
  onFlow("flow", { id: "toggle-flow", text: "command.toggleFlow" }, ({ flow, t }) => {
    flow.edit(t("command.toggleFlow"), ({ flow: { disabled, ...rest }, layout }) => ({
      flow: disabled === true ? rest : { ...rest, disabled: true },
      layout,
    }));
  }),
  onFlow("flow", { id: "delete-flow", text: "command.deleteFlow" }, ({ desk }) => {
    desk.open({ kind: "delete-flow" });
  }),
  onFlow("flow", { id: "close-flow", text: "command.closeFlow", keys: ["Alt+W"] }, ({ state, flow }) => {
    state.project.close(flow.id);
    go(HOME, state.project.current === null ? [] : [state.project.current.id]);
  }),
  onFlow(
    "flow",
    { id: "next-flow", text: "command.nextFlow", keys: ["Alt+PageDown"] },
    (around) => {
      turnTab(around, 1);
    },
    ({ state }) => state.project.opened().length > 1,
  ),
  onFlow(
    "flow",
    { id: "previous-flow", text: "command.previousFlow", keys: ["Alt+PageUp"] },
    (around) => {
      turnTab(around, -1);
    },
    ({ state }) => state.project.opened().length > 1,
  ),
  onFlow("flow", { id: "subflow-ports", text: "command.subflowPorts" }, ({ desk }) => {
    desk.open({ kind: "subflow-ports" });
  }),
  onFlow(
    "flow",
    { id: "subflow-uses", text: "command.subflowUses" },
    ({ desk, flow }) => {
      desk.open({ kind: "search", text: `type:subflow:${flow.id}` });
    },
    ({ flow }) => isSubflow(flow.sheet.flow),
  ),
  onFlow("flow", { id: "export", text: "command.export", keys: ["Mod+E"] }, ({ desk, flow }) => {
    const text = flow.selection.size === 0 ? exported(flow.sheet) : copied(flow.sheet, flow.selection);
    desk.open({ kind: "export", text, name: flow.id });
  }),
  {
    id: "import",
    section: "flow",
    text: "command.import",
    keys: ["Mod+I"],
    where: "not-typing",
    isPossible: always,
    run: ({ desk }) => {
      desk.open({ kind: "import" });
    },
  },
  onFlow(
    "flow",
    { id: "undo", text: "command.undo", keys: ["Mod+Z"] },
    ({ flow }) => {
      flow.history.undo();
      keepChosen(flow);
    },
    ({ flow }) => flow.history.canUndo,
  ),
  onFlow(
    "flow",
    { id: "redo", text: "command.redo", keys: ["Mod+Shift+Z", "Mod+Y"] },
    ({ flow }) => {
      flow.history.redo();
      keepChosen(flow);
    },
    ({ flow }) => flow.history.canRedo,
  ),
];

/** Nodes that are no longer there are not chosen either. */
function keepChosen(flow: NonNullable<Surroundings["flow"]>): void {
  const nodes = nodesOf(flow.sheet.flow);
  flow.select(new Set([...flow.selection].filter((id) => id in nodes)), flow.wireSelection);
}
