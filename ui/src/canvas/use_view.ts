/** The view of a flow, for commands and panels. */

import { useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";

import type { Place } from "../model/document.ts";
import type { Drawing } from "../model/drawing.ts";
import type { CanvasView } from "./view.ts";

const DURATION = 150;

export function useView(
  drawing: Drawing,
  surface: HTMLElement | null,
  stop: string | null,
  setFocused: (node: string) => void,
): CanvasView {
  const library = useReactFlow();
  const now = useRef({ drawing, stop });
  const pointer = useRef<Place | null>(null);
  useEffect(() => {
    now.current = { drawing, stop };
  }, [drawing, stop]);

  return useMemo(() => {
    const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : DURATION;
    const isInView = (id: string): boolean => {
      const element = surface?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
      const box = surface?.getBoundingClientRect();
      return (
        element !== undefined &&
        box !== undefined &&
        element.left >= box.left &&
        element.right <= box.right &&
        element.top >= box.top &&
        element.bottom <= box.bottom
      );
    };
    const focus = (id: string): void => {
      setFocused(id);
      // A node outside the view is drawn only after the view has moved.
      requestAnimationFrame(() => {
        requestAnimationFrame(() => {
          surface?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
        });
      });
    };
    const centre = (id: string): void => {
      const node = now.current.drawing.nodes.find((one) => one.id === id);
      if (node !== undefined) {
        const zoom = Math.max(library.getZoom(), 0.7);
        void library.setCenter(node.x + node.size.width / 2, node.y + node.size.height / 2, { zoom });
      }
    };
    return {
      zoomIn: () => void library.zoomIn({ duration }),
      zoomOut: () => void library.zoomOut({ duration }),
      zoomToOne: () => void library.zoomTo(1, { duration }),
      fit: (nodes) =>
        void library.fitView({
          padding: 0.2,
          maxZoom: 1,
          duration,
          ...(nodes === undefined ? {} : { nodes: [...nodes].map((id) => ({ id })) }),
        }),
      reveal: (id) => {
        centre(id);
        focus(id);
      },
      focus: (id) => {
        if (!isInView(id)) {
          centre(id);
        }
        focus(id);
      },
      focused: () => {
        const active = document.activeElement?.closest(".react-flow__node")?.getAttribute("data-id");
        return active ?? (document.activeElement?.closest(".canvas-surface") != null ? now.current.stop : null);
      },
      middle: () => {
        const box = surface?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
        const screen = pointer.current ?? { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        return { place: library.screenToFlowPosition(screen), screen };
      },
      pointer: () => (pointer.current === null ? null : library.screenToFlowPosition(pointer.current)),
      pointerAt: (screen) => {
        pointer.current = screen;
      },
    };
  }, [library, surface, setFocused]);
}
