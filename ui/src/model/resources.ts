/** The config nodes that all flows share: one document, edited beside the flows. */

import type { CheckResult, Problem, ResourceDocument, ResourcesDetail, ResourcesDocument, Tried } from "../api/schema.ts";
import type { Server } from "./project.ts";
import { Signal } from "./signal.ts";

// Always the same, so that views that compare see no change.
const NONE: Readonly<Record<string, ResourceDocument>> = {};

export class Resources {
  readonly changed = new Signal();
  #detail: ResourcesDetail | null = null;

  constructor(readonly server: Server) {}

  get all(): Readonly<Record<string, ResourceDocument>> {
    return this.#detail?.document?.resources ?? NONE;
  }

  async load(): Promise<void> {
    this.#detail = await this.server.get<ResourcesDetail>("/resources");
    this.changed.tell();
  }

  /** Store a config node, new or changed; it runs at the next deploy. */
  save(id: string, resource: ResourceDocument): Promise<void> {
    return this.#put({ ...this.all, [id]: resource });
  }

  remove(id: string): Promise<void> {
    return this.#put(Object.fromEntries(Object.entries(this.all).filter(([one]) => one !== id)));
  }

  /** What lint says of a config node as it would be. */
  async check(id: string, resource: ResourceDocument): Promise<Problem[]> {
    const document = { ...this.#document, resources: { ...this.all, [id]: resource } };
    const result = await this.server.post<CheckResult>("/check/resources", { document });
    return result.problems.filter((problem) => problem.node === id);
  }

  /** Let the engine start a config node as it would be, apart from what runs, and say what happens. */
  attempt(id: string, resource: ResourceDocument): Promise<Tried> {
    const document = { ...this.#document, resources: { ...this.all, [id]: resource } };
    return this.server.post<Tried>(`/resources/${encodeURIComponent(id)}/try`, { document });
  }

  get #document(): ResourcesDocument {
    return this.#detail?.document ?? { flowengine: 1 };
  }

  async #put(resources: Record<string, ResourceDocument>): Promise<void> {
    const base = this.#detail?.revision ?? "";
    const document = { ...this.#document, resources };
    this.#detail = await this.server.put<ResourcesDetail>("/resources", { base, document });
    this.changed.tell();
  }
}
