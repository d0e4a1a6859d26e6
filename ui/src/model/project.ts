/** All flows of the engine as one editor sees them: which are open, what is changed, what is deployed. */

import type {
  CheckResult,
  Deployed,
  FlowDetail,
  FlowList,
  FlowSummary,
  NodeTypeDetail,
  Palette,
  SavedFlow,
} from "../api/schema.ts";
import type { Flow, Sheet } from "./document.ts";
import type { DraftStore } from "./draft_store.ts";
import type { EngineTexts } from "./engine_texts.ts";
import { Library } from "./library.ts";
import { sameJson, type Json } from "./json.ts";
import { OpenFlow } from "./open_flow.ts";
import { Resources } from "./resources.ts";
import { Signal } from "./signal.ts";
import { isSubflow, SUBFLOW, SUBFLOW_CATEGORY, typeOf } from "./subflows.ts";

/** What the project asks of the server. */
export interface Server {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
}

/** A flow cannot be saved: its file is no longer the one that the edits are based on. */
export class FlowConflict extends Error {
  constructor(
    readonly flow: OpenFlow,
    /** The file as it is now; `null` if it is gone. */
    readonly theirs: FlowDetail | null,
    message: string,
  ) {
    super(message);
    this.name = "FlowConflict";
  }
}

export class Project {
  /** Whether whoever is signed in may only look. */
  isReadOnly = false;
  /** Whether files are being written: then they are ahead of what we know of them. */
  isSaving = false;
  readonly changed = new Signal();
  flows: readonly FlowSummary[] = [];
  /** All node types, with the subflows. */
  types: ReadonlyMap<string, NodeTypeDetail> = new Map();
  palette: Palette = { categories: [], types: [] };
  /** Subflows by the node type that they are, as they are being edited. */
  subflows: ReadonlyMap<string, Flow> = new Map();
  deployed = "";
  /** The flow on the canvas. */
  current: OpenFlow | null = null;
  readonly resources: Resources;
  readonly #open = new Map<string, OpenFlow>();
  readonly #library: Library;
  /** What was kept last of each flow. */
  readonly #kept = new Map<string, Sheet>();
  #english: Palette = { categories: [], types: [] };
  /** The node types without the subflows, in the language of whoever reads. */
  #plain: Palette = { categories: [], types: [] };

  constructor(
    readonly server: Server,
    readonly drafts: DraftStore | null = null,
  ) {
    this.#library = new Library(server);
    this.resources = new Resources(server);
    this.resources.changed.subscribe(() => {
      this.changed.tell();
    });
  }

  async load(): Promise<void> {
    const [palette, list] = await Promise.all([
      this.server.get<Palette>("/node-types"),
      this.server.get<FlowList>("/flows"),
      this.resources.load(),
    ]);
    this.#english = palette;
    this.#plain = palette;
    this.palette = palette;
    this.types = new Map(palette.types.map((type) => [type.name, type]));
    await this.#take(list);
    this.#restoreUnsaved();
  }

  /** Let node types speak another language. */
  speak(texts: EngineTexts): void {
    this.#plain = texts.palette(this.#english);
    this.#findSubflows();
    this.changed.tell();
  }

  async refresh(): Promise<void> {
    await this.#take(await this.server.get<FlowList>("/flows"));
  }

  /** The documents of all flows: as they are being edited where they are open, else as they are on disk. */
  async documents(): Promise<Flow[]> {
    await this.#library.read(this.flows);
    return this.#known();
  }

  opened(): readonly OpenFlow[] {
    return [...this.#open.values()];
  }

  /** Open a flow, or return it as it is already open, and show it. */
  async show(id: string): Promise<OpenFlow> {
    let flow = this.#open.get(id);
    if (flow === undefined) {
      const detail = await this.server.get<FlowDetail>(`/flows/${encodeURIComponent(id)}`);
      // Another call may have opened it while this one waited.
      flow = this.#open.get(id) ?? this.#add(new OpenFlow(detail, detail.revision));
    }
    this.current = flow;
    this.changed.tell();
    return flow;
  }

  /** Begin a flow that is on no disk yet. */
  create(id: string, name: string): OpenFlow {
    const document = name === "" ? { flowengine: 1 as const, id } : { flowengine: 1 as const, id, name };
    const flow = this.#add(new OpenFlow({ id, revision: "", document, layout: { flowengine: 1 }, problems: [] }, null));
    this.current = flow;
    this.changed.tell();
    return flow;
  }

  /** Close a flow; edits that are not on disk stay as a draft. The flow beside it is shown. */
  close(id: string): void {
    const order = [...this.#open.keys()];
    const at = order.indexOf(id);
    this.#open.delete(id);
    if (this.current?.id === id) {
      this.current = this.#open.get(order[at + 1] ?? order[at - 1] ?? "") ?? null;
    }
    this.changed.tell();
  }

  /** Put an open flow before or after another in the order of the tabs: where the other stands. */
  moveTab(id: string, to: string): void {
    const order = [...this.#open.values()];
    const from = order.findIndex((flow) => flow.id === id);
    const at = order.findIndex((flow) => flow.id === to);
    const [moved] = from < 0 || at < 0 ? [] : order.splice(from, 1);
    if (moved !== undefined) {
      order.splice(at, 0, moved);
      this.#open.clear();
      for (const flow of order) {
        this.#open.set(flow.id, flow);
      }
      this.changed.tell();
    }
  }

  /** Keep what is not on disk as drafts; a draft that was offered stays until it is taken or dropped. */
  keepDrafts(): void {
    for (const flow of this.#open.values()) {
      if (this.#kept.get(flow.id) === flow.sheet && flow.draft === null) {
        continue;
      }
      if (flow.isFlowChanged || flow.isLayoutChanged) {
        this.drafts?.keep(flow.id, flow.sheet, flow.base);
      } else if (flow.draft === null) {
        this.drafts?.discard(flow.id);
      }
      this.#kept.set(flow.id, flow.sheet);
    }
  }

  /** Remove a flow from disk, or give up one that is on none; what runs stays until the next deploy. */
  async remove(id: string): Promise<void> {
    const base = this.#open.get(id)?.base ?? this.flows.find((flow) => flow.id === id)?.revision ?? null;
    if (base !== null) {
      await this.server.delete(`/flows/${encodeURIComponent(id)}?base=${encodeURIComponent(base)}`);
    }
    this.drafts?.discard(id);
    this.close(id);
    await this.refresh();
  }

  /** Have lint look at a flow as it is now. */
  async check(flow: OpenFlow): Promise<void> {
    const document = flow.sheet.flow;
    const result = await this.server.post<CheckResult>("/check/flow", { document });
    if (flow.sheet.flow === document) {
      flow.showProblems(result.problems);
      this.changed.tell();
    }
  }

  /** Write what is changed to disk: the flows first, so that a layout has its flow. */
  async save(): Promise<void> {
    this.isSaving = true;
    try {
      await this.#save();
    } finally {
      this.isSaving = false;
    }
  }

  async #save(): Promise<void> {
    for (const flow of this.#open.values()) {
      const sheet: Sheet = flow.sheet;
      const path = `/flows/${encodeURIComponent(flow.id)}`;
      if (flow.isFlowChanged) {
        const saved = await this.#put(flow, path);
        flow.wasSaved(saved.revision, { ...flow.saved, flow: sheet.flow }, saved.problems);
      }
      if (flow.isLayoutChanged) {
        await this.server.put(`${path}/layout`, { layout: sheet.layout });
        flow.wasSaved(flow.base ?? "", { ...flow.saved, layout: sheet.layout }, flow.problems);
      }
      this.drafts?.discard(flow.id);
      flow.draft = null;
    }
  }

  /** Save everything and make it what runs. */
  async deploy(restart: "nodes" | "flows" | "all" = "nodes"): Promise<Deployed> {
    await this.save();
    const report = await this.server.post<Deployed>("/deploy", { base: this.deployed, restart });
    await this.refresh();
    return report;
  }

  async #put(flow: OpenFlow, path: string): Promise<SavedFlow> {
    const nodes = flow.nodesToSave();
    try {
      // Of a large flow, it is the nodes that did not change that take the time.
      return nodes === null
        ? await this.server.put<FlowDetail>(path, { base: flow.base, document: flow.sheet.flow })
        : await this.server.patch<SavedFlow>(path, { base: flow.base, nodes });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "stale-revision" && "detail" in error) {
        const { current } = error.detail as { current: FlowDetail | null };
        throw new FlowConflict(flow, current, error.message);
      }
      throw error;
    }
  }

  #add(flow: OpenFlow): OpenFlow {
    flow.isReadOnly = this.isReadOnly;
    this.#open.set(flow.id, flow);
    const draft = this.drafts?.get(flow.id) ?? null;
    if (draft !== null && !sameJson(draft.sheet as unknown as Json, flow.saved as unknown as Json)) {
      flow.draft = draft;
    }
    flow.history.subscribe(() => {
      if (isSubflow(flow.sheet.flow) || this.subflows.has(SUBFLOW + flow.id)) {
        this.#findSubflows();
      }
    });
    flow.changed.subscribe(() => {
      this.changed.tell();
    });
    return flow;
  }

  async #take(list: FlowList): Promise<void> {
    this.flows = list.flows;
    this.deployed = list.deployed;
    this.#library.keepOnly(new Set(list.flows.map((flow) => flow.id)));
    await this.#library.read(list.flows.filter((flow) => flow.state === "subflow"));
    this.#findSubflows();
    this.changed.tell();
  }

  #known(): Flow[] {
    const open = this.opened().map((flow) => flow.sheet.flow);
    return [...open, ...this.#library.flows().filter((flow) => !this.#open.has(flow.id))];
  }

  #findSubflows(): void {
    const subflows = this.#known().filter(isSubflow);
    this.subflows = new Map(subflows.map((flow) => [SUBFLOW + flow.id, flow]));
    const types = [...this.#plain.types, ...subflows.map(typeOf)];
    const category = { name: SUBFLOW_CATEGORY, types: subflows.map((flow) => SUBFLOW + flow.id) };
    this.palette = { categories: subflows.length === 0 ? this.#plain.categories : [...this.#plain.categories, category], types };
    this.types = new Map(types.map((type) => [type.name, type]));
  }

  /** Flows that never were on disk live in their drafts alone: they are opened again without asking. */
  #restoreUnsaved(): void {
    for (const id of this.drafts?.ids() ?? []) {
      const draft = this.drafts?.get(id);
      if (draft?.base === null && !this.flows.some((flow) => flow.id === id)) {
        const { flow: document, layout } = draft.sheet;
        this.#add(new OpenFlow({ id, revision: "", document, layout, problems: [] }, null));
      }
    }
  }
}
