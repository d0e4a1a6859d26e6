/** A deploy: looked at before, saved, done, or kept from being done. */

import type { Preview, Problem } from "../api/schema.ts";
import { FlowConflict, type Project } from "./project.ts";
import type { OpenFlow } from "./open_flow.ts";

/** What restarts: the nodes that changed, the flows that changed as a whole, or everything. */
export const MODES = ["nodes", "flows", "all"] as const;
export type Mode = (typeof MODES)[number];

export function isMode(text: string | null): text is Mode {
  return (MODES as readonly (string | null)[]).includes(text);
}

export type Outcome =
  | { readonly kind: "done" }
  /** Lint errors in what would be deployed. */
  | { readonly kind: "errors"; readonly preview: Preview }
  /** A file is other than the one that was edited. */
  | { readonly kind: "conflict"; readonly flow: OpenFlow }
  /** Somebody else has deployed meanwhile: look again. */
  | { readonly kind: "stale" };

/** What a deploy would do now: with the edits of all open flows. */
export function preview(project: Project, mode: Mode): Promise<Preview> {
  const flows = project
    .opened()
    .filter((flow) => flow.isFlowChanged)
    .map((flow) => flow.sheet.flow);
  return project.server.post<Preview>("/deploy/preview", { flows, restart: mode });
}

export function errorsOf(shown: Preview): Problem[] {
  return shown.problems.filter((problem) => (problem.severity ?? "error") === "error");
}

/** Save and deploy, if nothing speaks against it. */
export async function deploy(project: Project, mode: Mode): Promise<Outcome> {
  const decide = project.opened().find((flow) => flow.disk !== null && flow.isFlowChanged);
  if (decide !== undefined) {
    return { kind: "conflict", flow: decide };
  }
  const shown = await preview(project, mode);
  if (errorsOf(shown).length > 0) {
    return { kind: "errors", preview: shown };
  }
  try {
    await project.deploy(mode);
    return { kind: "done" };
  } catch (error) {
    if (error instanceof FlowConflict) {
      error.flow.setDisk({ detail: error.theirs });
      return { kind: "conflict", flow: error.flow };
    }
    if (error instanceof Error && "code" in error && error.code === "stale-revision") {
      await project.refresh();
      return { kind: "stale" };
    }
    throw error;
  }
}
