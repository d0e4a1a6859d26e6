/** Chosen nodes are put on the grid, in line, or at even distances. */

import type { Place } from "./document.ts";
import { GRID, type Size } from "./geometry.ts";

export type Placed = ReadonlyMap<string, Place & Size>;
export type Side = "left" | "centre" | "right" | "top" | "middle" | "bottom";
export type Direction = "across" | "down";

export function snapped(length: number): number {
  return Math.round(length / GRID) * GRID;
}

/** A place beside what stands there already, so that nodes that are added one after another do not hide each other. */
export function freePlace(taken: readonly Place[], wanted: Place): Place {
  const isTaken = ({ x, y }: Place): boolean =>
    taken.some((one) => Math.abs(one.x - x) < 2 * GRID && Math.abs(one.y - y) < 2 * GRID);
  let place = { x: snapped(wanted.x), y: snapped(wanted.y) };
  while (isTaken(place)) {
    place = { x: place.x + 2 * GRID, y: place.y + 5 * GRID };
  }
  return place;
}

/** New places for nodes so that they are in line along a side. */
export function aligned(nodes: Placed, side: Side): Record<string, Place> {
  const all = [...nodes.values()];
  const left = Math.min(...all.map((one) => one.x));
  const right = Math.max(...all.map((one) => one.x + one.width));
  const top = Math.min(...all.map((one) => one.y));
  const bottom = Math.max(...all.map((one) => one.y + one.height));
  return mapped(nodes, (one) => {
    switch (side) {
      case "left":
        return { x: left, y: one.y };
      case "centre":
        return { x: (left + right - one.width) / 2, y: one.y };
      case "right":
        return { x: right - one.width, y: one.y };
      case "top":
        return { x: one.x, y: top };
      case "middle":
        return { x: one.x, y: (top + bottom - one.height) / 2 };
      case "bottom":
        return { x: one.x, y: bottom - one.height };
    }
  });
}

/** New places so that the gaps between neighbours are even; the outermost stay. */
export function distributed(nodes: Placed, direction: Direction): Record<string, Place> {
  const at = direction === "across" ? "x" : "y";
  const size = direction === "across" ? "width" : "height";
  const inOrder = [...nodes].sort(([, one], [, other]) => one[at] - other[at]);
  const first = inOrder[0];
  const last = inOrder.at(-1);
  if (first === undefined || last === undefined || inOrder.length < 3) {
    return {};
  }
  const span = last[1][at] + last[1][size] - first[1][at];
  const filled = inOrder.reduce((sum, [, one]) => sum + one[size], 0);
  const gap = (span - filled) / (inOrder.length - 1);
  let next = first[1][at];
  return Object.fromEntries(
    inOrder.map(([id, one]) => {
      const place = direction === "across" ? { x: next, y: one.y } : { x: one.x, y: next };
      next += one[size] + gap;
      return [id, place];
    }),
  );
}

function mapped(nodes: Placed, place: (one: Place & Size) => Place): Record<string, Place> {
  return Object.fromEntries([...nodes].map(([id, one]) => [id, place(one)]));
}
