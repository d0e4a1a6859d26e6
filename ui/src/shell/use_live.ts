/** What a flow does while it runs, written on its canvas without drawing any view anew. */

import { useEffect, type RefObject } from "react";

import type { EngineEvent } from "../api/events.ts";
import { forgetFigures, showFigures, showStatuses, showWay } from "../canvas/live.ts";
import { QUIET } from "../model/figures_history.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import type { EditorState } from "./editor_state.ts";

export function useLive(state: EditorState, flow: OpenFlow, surface: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = surface.current;
    if (page === null) {
      return undefined;
    }
    const { watch } = state;
    const figures = (): void => {
      showFigures(page, (line) => watch.history.standing(flow.id, line));
    };
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const counted = (): void => {
      figures();
      clearTimeout(quiet);
      // The engine does not tell that nothing happens.
      quiet = setTimeout(figures, (QUIET + 0.1) * 1000);
    };
    const statuses = (): void => {
      showStatuses(page, watch.statuses(flow.id), (status) => state.texts.status(status));
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
    figures();
    watch.showWay(new Map());
    statuses();
    read();
    state.eventListeners.add(happened);
    const ends = [
      watch.history.changed.subscribe(counted),
      watch.statusChanged.subscribe(statuses),
      state.spoken.subscribe(statuses),
      watch.wayChanged.subscribe(() => {
        showWay(page, watch.way);
      }),
    ];
    return () => {
      clearTimeout(quiet);
      state.eventListeners.delete(happened);
      for (const end of ends) {
        end();
      }
    };
  }, [state, flow, surface]);
}
