/** With Alt held, a line drawn on the canvas cuts the wires that it crosses. */

import { useReactFlow } from "@xyflow/react";
import { useEffect, useState } from "react";

import type { Wire } from "../model/document.ts";
import { cutBy } from "../model/crossing.ts";
import type { Drawing } from "../model/drawing.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

export function Slicer({ surface, drawing, onSlice }: {
  surface: HTMLElement | null;
  drawing: Drawing;
  onSlice: (wires: readonly Wire[]) => void;
}) {
  const library = useReactFlow();
  const [line, setLine] = useState<readonly [Point, Point] | null>(null);

  useEffect(() => {
    if (surface === null) {
      return undefined;
    }
    const begin = (event: PointerEvent): void => {
      const isFree = event.target instanceof Element && event.target.closest(".react-flow__node, .mini-map, .canvas-tools") === null;
      if (!event.altKey || event.button !== 0 || !isFree) {
        return;
      }
      // Before the canvas library sees it, which would begin to choose nodes.
      event.stopPropagation();
      event.preventDefault();
      const start = { x: event.clientX, y: event.clientY };
      surface.setPointerCapture(event.pointerId);
      const move = (moved: PointerEvent): void => {
        setLine([start, { x: moved.clientX, y: moved.clientY }]);
      };
      const end = (last: PointerEvent): void => {
        surface.removeEventListener("pointermove", move);
        surface.removeEventListener("pointerup", end);
        surface.removeEventListener("pointercancel", end);
        setLine(null);
        const to = { x: last.clientX, y: last.clientY };
        const cut = cutBy(drawing, library.screenToFlowPosition(start), library.screenToFlowPosition(to));
        if (last.type === "pointerup" && cut.length > 0) {
          onSlice(cut.map((one) => one.wire));
        }
      };
      surface.addEventListener("pointermove", move);
      surface.addEventListener("pointerup", end);
      surface.addEventListener("pointercancel", end);
    };
    surface.addEventListener("pointerdown", begin, { capture: true });
    return () => {
      surface.removeEventListener("pointerdown", begin, { capture: true });
    };
  }, [surface, drawing, library, onSlice]);

  if (line === null || surface === null) {
    return null;
  }
  const box = surface.getBoundingClientRect();
  const [from, to] = line;
  return (
    <svg className="slice" aria-hidden="true">
      <line x1={from.x - box.left} y1={from.y - box.top} x2={to.x - box.left} y2={to.y - box.top} />
    </svg>
  );
}
