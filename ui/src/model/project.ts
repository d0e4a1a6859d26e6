/** All flows of the engine as one editor sees them: which are open, what is changed, what is deployed. */

import type {
  CheckResult,
  Deployed,
  Difference,
  FlowDetail,
  FlowList,
  FlowSummary,
  NodeTypeDetail,
  Palette,
} from "../api/schema.ts";
import { type Sheet } from "./document.ts";
import { OpenFlow } from "./open_flow.ts";
import { Resources } from "./resources.ts";
import { Signal } from "./signal.ts";

/** What the project asks of the server. */
export interface Server {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
}

export class Project {
  readonly changed = new Signal();
  flows: readonly FlowSummary[] = [];
  types: ReadonlyMap<string, NodeTypeDetail> = new Map();
  palette: Palette = { categories: [], types: [] };
  deployed = "";
  /** The flow on the canvas. */
  current: OpenFlow | null = null;
  readonly resources: Resources;
  readonly #open = new Map<string, OpenFlow>();

  constructor(readonly server: Server) {
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
    this.palette = palette;
    this.types = new Map(palette.types.map((type) => [type.name, type]));
    this.#take(list);
  }

  async refresh(): Promise<void> {
    this.#take(await this.server.get<FlowList>("/flows"));
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

  close(id: string): void {
    this.#open.delete(id);
    if (this.current?.id === id) {
      this.current = null;
    }
    this.changed.tell();
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
    for (const flow of this.#open.values()) {
      const sheet: Sheet = flow.sheet;
      const path = `/flows/${encodeURIComponent(flow.id)}`;
      if (flow.isFlowChanged) {
        const saved = await this.server.put<FlowDetail>(path, { base: flow.base, document: sheet.flow });
        flow.wasSaved(saved.revision, { ...flow.saved, flow: sheet.flow }, saved.problems);
      }
      if (flow.isLayoutChanged) {
        await this.server.put(`${path}/layout`, { layout: sheet.layout });
        flow.wasSaved(flow.base ?? "", { ...flow.saved, layout: sheet.layout }, flow.problems);
      }
    }
  }

  /** What the next deploy would change, of what is on disk. */
  difference(): Promise<Difference> {
    return this.server.get<Difference>("/difference");
  }

  /** Save everything and make it what runs. */
  async deploy(): Promise<Deployed> {
    await this.save();
    const report = await this.server.post<Deployed>("/deploy", { base: this.deployed });
    await this.refresh();
    return report;
  }

  #add(flow: OpenFlow): OpenFlow {
    this.#open.set(flow.id, flow);
    flow.changed.subscribe(() => {
      this.changed.tell();
    });
    return flow;
  }

  #take(list: FlowList): void {
    this.flows = list.flows;
    this.deployed = list.deployed;
    this.changed.tell();
  }
}
