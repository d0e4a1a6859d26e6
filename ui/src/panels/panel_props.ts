import type { OpenFlow } from "../model/open_flow.ts";
import type { EditorState } from "../shell/editor_state.ts";

/** What every panel below the canvas gets. */
export interface PanelProps {
  readonly state: EditorState;
  readonly flow: OpenFlow;
  /** Lead to a node, on whatever flow; with a message, to its trace. */
  readonly show: (flow: string, node: string, message?: string) => void;
}
