/** One flow in the editor: its sheet with the edits, what is on disk, and what lint says. */

import type { FlowDetail, Problem } from "../api/schema.ts";
import { changedNodes } from "./changed_nodes.ts";
import { nodesOf, placeOf, withPlaces, type Flow, type FlowNode, type Layout, type Place, type Sheet } from "./document.ts";
import type { Draft } from "./draft_store.ts";
import { History } from "./history.ts";
import { sameJson, type Json } from "./json.ts";
import { Signal } from "./signal.ts";

export const EMPTY_LAYOUT: Layout = { flowengine: 1 };

export class OpenFlow {
  readonly id: string;
  readonly history: History<Sheet>;
  readonly changed = new Signal();
  /** Revision of the file that the edits are based on; `null` for a flow that is on no disk yet. */
  base: string | null;
  /** The flow and the layout as the file has them. */
  saved: Sheet;
  problems: readonly Problem[] = [];
  /** Chosen nodes. */
  selection: ReadonlySet<string> = new Set();
  /** Chosen wires, by their ids. */
  wireSelection: ReadonlySet<string> = new Set();
  /** Edits of an earlier visit that can be taken up again. */
  draft: Draft | null = null;
  /** Whether whoever looks at it may not change it. */
  isReadOnly = false;
  /** What the file holds now, where it is other than what the edits are based on; no detail if it is gone. */
  disk: { readonly detail: FlowDetail | null } | null = null;
  #wasLaidOut: boolean;
  /** Revision of the file that `saved` is; `null` where it is no flow. */
  #savedAs: string | null;

  constructor(detail: Pick<FlowDetail, "id" | "revision" | "document" | "layout" | "problems">, base: string | null) {
    this.id = detail.id;
    this.base = base;
    this.saved = sheetOf(detail.id, detail.document, detail.layout);
    this.#savedAs = detail.document === null ? null : base;
    this.problems = detail.problems;
    this.history = new History(this.saved);
    this.#wasLaidOut = detail.layout !== null;
    this.history.subscribe(() => {
      this.changed.tell();
    });
  }

  get sheet(): Sheet {
    return this.history.value;
  }

  /** Whether somebody has said where the nodes stand. */
  get isLaidOut(): boolean {
    return this.#wasLaidOut;
  }

  /** Whether the flow differs from the file. */
  get isFlowChanged(): boolean {
    return this.base === null || !sameJson(this.sheet.flow as unknown as Json, this.saved.flow as unknown as Json);
  }

  get isLayoutChanged(): boolean {
    return !sameJson(this.sheet.layout, this.saved.layout);
  }

  /** What a save has to send: the nodes that changed, or `null` where it takes the whole flow. */
  nodesToSave(): Record<string, FlowNode | null> | null {
    return this.base === null || this.base !== this.#savedAs ? null : changedNodes(this.saved.flow, this.sheet.flow);
  }

  /** Where nodes stand that no layout says anything of; it is no edit of anybody's, and undoes none made meanwhile. */
  place(places: Record<string, Place>): void {
    this.#wasLaidOut = true;
    const placed = (sheet: Sheet): Sheet => {
      const isNowhere = (id: string): boolean => id in nodesOf(sheet.flow) && placeOf(sheet.layout, id) === undefined;
      return withPlaces(sheet, Object.fromEntries(Object.entries(places).filter(([id]) => isNowhere(id))));
    };
    this.saved = placed(this.saved);
    this.history.amend(placed);
  }

  /**
   * Put nodes where a layout has them, if all that it was asked for is still as it was.
   *
   * @param asked What it was asked for; it came later.
   * @returns Whether the layout was taken: what somebody did meanwhile goes before it.
   */
  arrange(label: string, asked: Sheet, places: Record<string, Place>): boolean {
    const isAsAsked = sameJson(laidOutPart(asked), laidOutPart(this.sheet));
    if (isAsAsked) {
      this.edit(label, (sheet) => withPlaces(sheet, places));
    }
    return isAsAsked;
  }

  edit(label: string, change: (sheet: Sheet) => Sheet): void {
    if (!this.isReadOnly) {
      this.history.edit(label, change);
    }
  }

  select(chosen: ReadonlySet<string>, wires: ReadonlySet<string> = new Set()): void {
    this.selection = chosen;
    this.wireSelection = wires;
    this.changed.tell();
  }

  /** Go on with the edits of an earlier visit; they can be undone. */
  takeUpDraft(label: string): void {
    const { draft } = this;
    if (draft !== null) {
      this.draft = null;
      // Where the file has changed since, the next save says so instead of writing over it.
      this.base = draft.base;
      this.history.edit(label, () => draft.sheet);
    }
  }

  dropDraft(): void {
    this.draft = null;
    this.changed.tell();
  }

  /** What the file holds after it was saved. */
  wasSaved(revision: string, sheet: Sheet, problems: readonly Problem[]): void {
    this.base = revision;
    this.disk = null;
    this.saved = sheet;
    this.#savedAs = revision;
    this.problems = problems;
    this.changed.tell();
  }

  setDisk(disk: { readonly detail: FlowDetail | null }): void {
    this.disk = disk;
    this.changed.tell();
  }

  /** Go on from what the file holds now, with a flow that takes both into account; undo leads back to the edits. */
  rebase(flow: Flow, label: string): void {
    const detail = this.disk?.detail ?? null;
    this.disk = null;
    if (detail === null) {
      // The file is gone: it is made again.
      this.base = null;
    } else {
      this.base = detail.revision;
      this.saved = sheetOf(detail.id, detail.document, detail.layout ?? this.saved.layout);
      this.#savedAs = detail.document === null ? null : detail.revision;
    }
    const places = { ...this.saved.layout.nodes, ...this.sheet.layout.nodes };
    this.history.edit(label, (sheet) => ({ flow, layout: { ...sheet.layout, nodes: places } }));
    this.changed.tell();
  }

  showProblems(problems: readonly Problem[]): void {
    this.problems = problems;
    this.changed.tell();
  }

  /** Take over what the file holds now; edits are given up. */
  reload(detail: FlowDetail): void {
    this.base = detail.revision;
    this.disk = null;
    this.problems = detail.problems;
    const sheet = sheetOf(detail.id, detail.document, detail.layout);
    // Where nothing says where nodes stand, they stay where they are drawn.
    this.saved = detail.layout === null ? { ...sheet, layout: this.sheet.layout } : sheet;
    this.#savedAs = detail.document === null ? null : detail.revision;
    this.history.reset(this.saved);
  }
}

/** What of a sheet a layout follows from, and where nodes stand before it. */
function laidOutPart({ flow, layout }: Sheet): Json {
  const wires = Object.entries(nodesOf(flow)).map(([id, node]) => [id, node.wires ?? {}] as const);
  return { wires: Object.fromEntries(wires), groups: (flow.groups ?? {}) as Json, places: layout.nodes ?? {} };
}

function sheetOf(id: string, flow: Flow | null, layout: Layout | null): Sheet {
  return { flow: flow ?? { flowengine: 1, id }, layout: layout ?? EMPTY_LAYOUT };
}
