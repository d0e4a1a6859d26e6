import { getViewportForBounds, type Viewport } from "@xyflow/react";

import type { Drawing } from "../model/drawing.ts";

/** A large flow is not shown smaller than this at first. */
const LEAST_FIRST_ZOOM = 0.7;
const MARGIN = 40;

/**
 * What is shown of a flow first: all of it, or its beginning where all of it would be too small to read.
 *
 * Said before anything is drawn, so that nothing is drawn twice.
 */
export function firstView(drawing: Drawing, surface: HTMLElement): Viewport {
  if (drawing.nodes.length === 0) {
    return { x: 0, y: 0, zoom: 1 };
  }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, size } of drawing.nodes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + size.width);
    bottom = Math.max(bottom, y + size.height);
  }
  const { clientWidth, clientHeight } = surface;
  const bounds = { x: left, y: top, width: right - left, height: bottom - top };
  const view = getViewportForBounds(bounds, clientWidth, clientHeight, LEAST_FIRST_ZOOM, 1, 0.1);
  const isWhole = bounds.width * view.zoom <= clientWidth && bounds.height * view.zoom <= clientHeight;
  return isWhole ? view : { x: MARGIN - left * view.zoom, y: MARGIN - top * view.zoom, zoom: view.zoom };
}
