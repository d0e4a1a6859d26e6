/** The grid behind the flow: only moved while the flow is, so that nothing is laid out or painted anew. */

import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";

import { GRID } from "../model/geometry.ts";

const GAP = GRID * 2;

export function Dots() {
  const store = useStoreApi();
  const dots = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let [zoom, x, y] = [0, 0, 0];
    const move = (): void => {
      const element = dots.current;
      const [left, top, now] = store.getState().transform;
      if (element === null || (left === x && top === y && now === zoom)) {
        return;
      }
      const gap = GAP * now;
      if (now !== zoom) {
        element.style.backgroundSize = `${gap}px ${gap}px`;
        element.style.margin = `${-gap}px`;
      }
      [zoom, x, y] = [now, left, top];
      // A dot stands in the middle of its tile, and at the corner of the grid.
      const at = (length: number): number => (((length - gap / 2) % gap) + gap) % gap;
      element.style.transform = `translate(${at(left)}px, ${at(top)}px)`;
    };
    move();
    return store.subscribe(move);
  }, [store]);
  return <div className="dots" ref={dots} />;
}
