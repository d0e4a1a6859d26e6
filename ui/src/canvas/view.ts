/** What the rest of the editor may ask of the canvas. */

import type { Place } from "../model/document.ts";

export interface CanvasView {
  zoomIn(): void;
  zoomOut(): void;
  /** Draw nodes in their true size. */
  zoomToOne(): void;
  /** Show all nodes, or those that are named. */
  fit(nodes?: ReadonlySet<string>): void;
  /** Bring a node into view and give it the focus of the keyboard. */
  reveal(node: string): void;
  /** Give a node the focus, and move the view only if it is outside. */
  focus(node: string): void;
  /** The node that has the focus of the keyboard, or had it last. */
  focused(): string | null;
  /** Where a new node goes: at the pointer if it is on the canvas, else in the middle of what is shown. */
  middle(): { place: Place; screen: Place };
  /** Where the pointer is in the flow; `null` while it is elsewhere. */
  pointer(): Place | null;
  /** The pointer is, or counts as being, at a point of the screen; `null` for elsewhere. */
  pointerAt(screen: Place | null): void;
}
