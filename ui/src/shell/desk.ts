/** What lies on the desk beside the flows: the dialog that is open, the node that is being added, what was copied. */

import type { CanvasView } from "../canvas/view.ts";
import type { Place, Wire } from "../model/document.ts";
import type { Drawing } from "../model/drawing.ts";
import { Signal } from "../model/signal.ts";

/** A dialog, and what it is about. */
export type DialogRequest =
  | { readonly kind: "commands" | "shortcuts" | "new-flow" | "rename-flow" | "delete-flow" | "import" | "subflow-ports" }
  | { readonly kind: "search"; readonly text: string }
  | { readonly kind: "export"; readonly text: string; readonly name: string }
  | { readonly kind: "group"; readonly group: string };

/** What a node that is being added is joined to: a wire's open end, or a wire that it goes into. */
export type Joint =
  | { readonly kind: "after"; readonly node: string; readonly port: string }
  | { readonly kind: "before"; readonly node: string; readonly port: string | null }
  | { readonly kind: "into"; readonly wire: Wire };

export interface Adding {
  readonly place: Place;
  readonly screen: Place;
  readonly joint: Joint | null;
}

/** A menu that was asked for, and on what. */
export interface MenuRequest {
  readonly on: "node" | "wire" | "canvas";
  readonly screen: Place;
}

export class Desk {
  readonly changed = new Signal();
  dialog: DialogRequest | null = null;
  adding: Adding | null = null;
  menu: MenuRequest | null = null;
  /** What was copied last: for where the page may not read the clipboard. */
  clip = "";
  isMapShown = true;
  /** What the bar says of what was done last. */
  notice = "";
  readonly noticed = new Signal();
  #canvas: CanvasView | null = null;
  #drawing: Drawing | null = null;
  #deploy: () => void = () => undefined;

  get canvas(): CanvasView | null {
    return this.#canvas;
  }

  /** What is on the canvas; `null` while no flow is shown. */
  get drawing(): Drawing | null {
    return this.#drawing;
  }

  /** Deploy as the page's button does. */
  deploy(): void {
    this.#deploy();
  }

  deployWith(deploy: () => void): void {
    this.#deploy = deploy;
  }

  viewThrough(canvas: CanvasView | null): void {
    this.#canvas = canvas;
  }

  show(drawing: Drawing | null): void {
    this.#drawing = drawing;
  }

  say(notice: string): void {
    this.notice = notice;
    this.noticed.tell();
  }

  open(dialog: DialogRequest): void {
    this.dialog = dialog;
    this.changed.tell();
  }

  close(): void {
    this.dialog = null;
    this.changed.tell();
  }

  add(adding: Adding | null): void {
    this.adding = adding;
    this.changed.tell();
  }

  askMenu(menu: MenuRequest | null): void {
    this.menu = menu;
    this.changed.tell();
  }

  toggleMap(): void {
    this.isMapShown = !this.isMapShown;
    this.changed.tell();
  }
}
