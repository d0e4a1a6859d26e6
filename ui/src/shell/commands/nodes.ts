/** Commands on nodes and wires: take, put, change, choose. */

import { copied } from "../../model/clipboard.ts";
import { nodesOf } from "../../model/document.ts";
import { grouped, groupsWith, ungrouped } from "../../model/groups.ts";
import { reached, type Towards } from "../../model/reach.ts";
import { subflowId } from "../../model/subflows.ts";
import * as actions from "../actions.ts";
import { go, HOME } from "../router.ts";
import { onFlow, type Command, type FlowSurroundings } from "./command.ts";

const hasNodes = ({ flow }: FlowSurroundings): boolean => flow.selection.size > 0;
const hasAny = ({ flow }: FlowSurroundings): boolean => flow.selection.size + flow.wireSelection.size > 0;
const hasOne = ({ flow }: FlowSurroundings): boolean => flow.selection.size === 1;

/** Take the chosen nodes onto the clipboard: the browser's where it may be written, and always our own. */
export function copy({ flow, desk }: FlowSurroundings): string {
  desk.clip = copied(flow.sheet, flow.selection);
  return desk.clip;
}

function write(text: string): void {
  // Pages that came over plain HTTP have no clipboard to write to.
  void (navigator.clipboard as Clipboard | undefined)?.writeText(text).catch(() => undefined);
}

async function clip({ desk }: FlowSurroundings): Promise<string> {
  try {
    return (await (navigator.clipboard as Clipboard | undefined)?.readText()) ?? desk.clip;
  } catch {
    return desk.clip;
  }
}

function choosing(id: string, text: Command["text"], towards: Towards, keys: readonly string[]): Command {
  return onFlow(
    "choose",
    { id, text, keys },
    ({ flow }) => {
      flow.select(reached(flow.sheet.flow, flow.selection, towards));
    },
    hasNodes,
  );
}

/** After an edit took away what had the focus, the keyboard stays with the flow. */
function remove(around: FlowSurroundings, heal: boolean): void {
  actions.removeChosen(around.flow, around.t, heal);
}

export const NODES: readonly Command[] = [
  onFlow("edit", { id: "add-node", text: "command.addNode", keys: ["A", "Insert"], where: "canvas" }, ({ desk }) => {
    const middle = desk.canvas?.middle();
    if (middle !== undefined) {
      desk.add({ ...middle, joint: null });
    }
  }),
  onFlow(
    "edit",
    { id: "add-after", text: "command.addAfter", keys: ["Mod+Enter"] },
    ({ desk, flow, drawing }) => {
      const node = drawing.nodes.find((one) => flow.selection.has(one.id));
      const port = node?.outputs[0];
      const middle = desk.canvas?.middle();
      if (node !== undefined && port !== undefined && middle !== undefined) {
        const place = { x: node.x + node.size.width + 60, y: node.y };
        desk.add({ place, screen: middle.screen, joint: { kind: "after", node: node.id, port } });
      }
    },
    hasOne,
  ),
  onFlow(
    "edit",
    { id: "open", text: "command.open", keys: ["Enter"], where: "canvas" },
    ({ flow, desk }) => {
      const id = desk.canvas?.focused() ?? [...flow.selection][0];
      if (id !== undefined) {
        openNode(flow, id);
      }
    },
    ({ flow, desk }) => hasOne({ flow } as FlowSurroundings) || desk.canvas?.focused() != null,
  ),
  onFlow(
    "edit",
    { id: "copy", text: "command.copy", keys: ["Mod+C"], isNative: true },
    (around) => {
      write(copy(around));
    },
    hasNodes,
  ),
  onFlow(
    "edit",
    { id: "cut", text: "command.cut", keys: ["Mod+X"], isNative: true },
    (around) => {
      write(copy(around));
      remove(around, false);
    },
    hasNodes,
  ),
  onFlow("edit", { id: "paste", text: "command.paste", keys: ["Mod+V"], isNative: true }, (around) => {
    void clip(around).then((text) => {
      actions.pasteText(around.flow, text, around.t);
    });
  }),
  onFlow(
    "edit",
    { id: "duplicate", text: "command.duplicate", keys: ["Mod+D"] },
    ({ flow, t }) => {
      actions.pasteText(flow, copied(flow.sheet, flow.selection), t);
    },
    hasNodes,
  ),
  onFlow(
    "edit",
    { id: "delete", text: "command.delete", keys: ["Delete", "Backspace"] },
    (around) => {
      remove(around, false);
    },
    hasAny,
  ),
  onFlow(
    "edit",
    { id: "delete-heal", text: "command.deleteHeal", keys: ["Shift+Delete", "Mod+Delete", "Mod+Backspace"] },
    (around) => {
      remove(around, true);
    },
    hasNodes,
  ),
  onFlow(
    "edit",
    { id: "toggle", text: "command.toggle", keys: ["D"], where: "canvas" },
    ({ flow, t }) => {
      actions.toggleChosen(flow, t);
    },
    hasNodes,
  ),
  onFlow(
    "edit",
    { id: "wire", text: "command.wire", keys: ["W"], where: "canvas" },
    ({ flow, drawing, t }) => {
      actions.wireChosen(flow, drawing, t);
    },
    ({ flow }) => flow.selection.size > 1,
  ),
  onFlow(
    "edit",
    { id: "group", text: "command.group", keys: ["Mod+Shift+G", "Mod+G"] },
    ({ flow, desk, t }) => {
      let group = "";
      flow.edit(t("edit.group"), (sheet) => {
        const made = grouped(sheet, flow.selection, "");
        group = made.id;
        return made.sheet;
      });
      desk.open({ kind: "group", group });
    },
    hasNodes,
  ),
  onFlow(
    "edit",
    { id: "ungroup", text: "command.ungroup", keys: ["Mod+Shift+U"] },
    ({ flow, t }) => {
      flow.edit(t("edit.ungroup"), (sheet) => ungrouped(sheet, groupsWith(sheet.flow, flow.selection)));
    },
    ({ flow }) => groupsWith(flow.sheet.flow, flow.selection).length > 0,
  ),
  onFlow(
    "edit",
    { id: "edit-group", text: "command.editGroup" },
    ({ flow, desk }) => {
      const [group] = groupsWith(flow.sheet.flow, flow.selection);
      if (group !== undefined) {
        desk.open({ kind: "group", group });
      }
    },
    ({ flow }) => groupsWith(flow.sheet.flow, flow.selection).length > 0,
  ),
  onFlow(
    "edit",
    { id: "open-subflow", text: "command.openSubflow", keys: ["Shift+Enter"], where: "canvas" },
    ({ flow }) => {
      const [id] = flow.selection;
      const subflow = id === undefined ? null : subflowId(nodesOf(flow.sheet.flow)[id]?.type ?? "");
      if (subflow !== null) {
        go(HOME, [subflow]);
      }
    },
    ({ flow }) => [...flow.selection].some((id) => subflowId(nodesOf(flow.sheet.flow)[id]?.type ?? "") !== null),
  ),
  onFlow("choose", { id: "choose-all", text: "command.chooseAll", keys: ["Mod+A"] }, ({ flow }) => {
    flow.select(new Set(Object.keys(nodesOf(flow.sheet.flow))));
  }),
  onFlow(
    "choose",
    { id: "choose-none", text: "command.chooseNone", keys: ["Escape"] },
    ({ flow }) => {
      flow.select(new Set());
    },
    hasAny,
  ),
  onFlow(
    "choose",
    { id: "choose-focused", text: "command.chooseFocused", keys: ["Space"], where: "canvas" },
    ({ flow, desk }) => {
      const id = desk.canvas?.focused();
      if (id != null) {
        const chosen = new Set(flow.selection);
        if (!chosen.delete(id)) {
          chosen.add(id);
        }
        flow.select(chosen);
      }
    },
    ({ desk }) => desk.canvas?.focused() != null,
  ),
  choosing("choose-connected", "command.chooseConnected", "both", ["Mod+Shift+A"]),
  choosing("choose-upstream", "command.chooseUpstream", "upstream", ["Mod+Shift+ArrowLeft"]),
  choosing("choose-downstream", "command.chooseDownstream", "downstream", ["Mod+Shift+ArrowRight"]),
];

/** Choose a node and put the keyboard into its form. */
export function openNode(flow: FlowSurroundings["flow"], id: string): void {
  flow.select(new Set([id]));
  // The form is there once the choice has been drawn.
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(".node-panel :is(input, select, textarea, button)")?.focus();
  });
}
