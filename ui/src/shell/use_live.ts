/** What a flow does while it runs, written on its canvas without drawing any view anew. */

import { useEffect, type RefObject } from "react";

import type { EngineEvent, FlowFigures } from "../api/events.ts";
import { forgetFigures, showFigures, showStatuses, showWay } from "../canvas/live.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import type { EditorState } from "./editor_state.ts";

export function useLive(state: EditorState, flow: OpenFlow, surface: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = surface.current;
    if (page === null) {
      return undefined;
    }
    const { watch } = state;
    const figures = (told: FlowFigures): void => {
      if (told.flow === flow.id) {
        showFigures(page, told);
      }
    };
    const statuses = (): void => {
      showStatuses(page, watch.statuses(flow.id));
    };
    const read = (): void => {
      // A flow that does not run has none.
      void state.readStatuses(flow.id).catch(() => undefined);
    };
    const happened = (events: readonly EngineEvent[]): void => {
      if (events.some((event) => event.kind === "deploy")) {
        read();
      }
    };
    forgetFigures();
    watch.showWay(new Map());
    statuses();
    read();
    state.figureListeners.add(figures);
    state.eventListeners.add(happened);
    const ends = [
      watch.statusChanged.subscribe(statuses),
      watch.wayChanged.subscribe(() => {
        showWay(page, watch.way);
      }),
    ];
    return () => {
      state.figureListeners.delete(figures);
      state.eventListeners.delete(happened);
      for (const end of ends) {
        end();
      }
    };
  }, [state, flow, surface]);
}
