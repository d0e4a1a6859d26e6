/** The documents of flows that are not open: what subflows look like, and what a search goes through. */

import type { FlowDetail, FlowSummary } from "../api/schema.ts";
import type { Flow } from "./document.ts";

interface Reader {
  get<T>(path: string): Promise<T>;
}

export class Library {
  #kept = new Map<string, { revision: string; flow: Flow }>();

  constructor(readonly server: Reader) {}

  /** Read flows as far as their files are others than those that are known; broken files are left out. */
  async read(flows: readonly FlowSummary[]): Promise<void> {
    const wanted = flows.filter((flow) => flow.revision !== null && this.#kept.get(flow.id)?.revision !== flow.revision);
    await Promise.all(
      wanted.map(async ({ id }) => {
        const { document, revision } = await this.server.get<FlowDetail>(`/flows/${encodeURIComponent(id)}`);
        if (document !== null) {
          this.#kept.set(id, { revision, flow: document });
        }
      }),
    );
  }

  /** Forget the flows that are no longer on disk. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#kept.keys()) {
      if (!ids.has(id)) {
        this.#kept.delete(id);
      }
    }
  }

  flows(): Flow[] {
    return [...this.#kept.values()].map(({ flow }) => flow);
  }
}
