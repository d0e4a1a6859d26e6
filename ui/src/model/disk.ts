/** The files on disk are the truth: what changes there shows in the flows that are open. */

import type { FlowDetail } from "../api/schema.ts";
import { sameJson } from "./json.ts";
import type { OpenFlow } from "./open_flow.ts";
import type { Project } from "./project.ts";

export class Disk {
  #isLooking = false;
  #again: Set<string> | null = null;

  constructor(readonly project: Project) {}

  /**
   * Compare the open flows with the list of files. One without edits follows its file; one with edits says that there
   * is something to decide.
   *
   * @param layouts Flows whose layout file changed: no revision tells of that.
   */
  async look(layouts: ReadonlySet<string> = new Set()): Promise<void> {
    if (this.#isLooking) {
      this.#again = new Set([...(this.#again ?? []), ...layouts]);
      return;
    }
    this.#isLooking = true;
    try {
      await this.project.refresh();
      for (const flow of this.project.opened()) {
        await this.#compare(flow, layouts.has(flow.id));
      }
    } finally {
      this.#isLooking = false;
    }
    const again = this.#again;
    if (again !== null) {
      this.#again = null;
      await this.look(again);
    }
  }

  #isAhead(): boolean {
    return this.project.isSaving;
  }

  async #compare(flow: OpenFlow, hasOtherLayout: boolean): Promise<void> {
    const { project } = this;
    const revision = project.flows.find((one) => one.id === flow.id)?.revision ?? null;
    // While we save, the file is ahead of what we know of it.
    if (this.#isAhead() || flow.base === null || (revision === flow.base && !hasOtherLayout)) {
      return;
    }
    if (revision === null) {
      if (flow.isFlowChanged) {
        flow.setDisk({ detail: null });
      } else {
        project.close(flow.id);
      }
      return;
    }
    const detail = await project.server.get<FlowDetail>(`/flows/${encodeURIComponent(flow.id)}`);
    const isOther = detail.revision !== flow.base;
    // Another look: we may have begun to save while the server answered.
    if (this.#isAhead() || (!isOther && sameJson(detail.layout, flow.saved.layout))) {
      return;
    }
    if (!flow.isFlowChanged && !flow.isLayoutChanged) {
      flow.reload(detail);
    } else if (isOther && flow.disk?.detail?.revision !== detail.revision) {
      flow.setDisk({ detail });
    }
  }
}
