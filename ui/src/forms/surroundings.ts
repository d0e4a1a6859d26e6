/** What a form knows beyond its own values: what a field may refer to. */

import { createContext, use } from "react";

import type { Evaluator } from "../model/evaluator.ts";

export interface Surroundings {
  /** Config nodes: id, node type, name. */
  readonly resources: readonly { id: string; type: string; name: string }[];
  /** Ids of the nodes of the flow. */
  readonly nodes: readonly string[];
  /** Names of entrances that link-in nodes open. */
  readonly links: readonly string[];
  /** Make or change a config node. */
  readonly editResource: (id: string | null, types: readonly string[]) => void;
  /** Find all nodes that refer to something by its name; `null` where that cannot be shown. */
  readonly findUses: ((name: string) => void) | null;
}

const NOTHING: Surroundings = { resources: [], nodes: [], links: [], editResource: () => undefined, findUses: null };

export const SurroundingsContext = createContext<Surroundings>(NOTHING);

export function useSurroundings(): Surroundings {
  return use(SurroundingsContext);
}

/** Whether a form is only to be read: its fields can be looked at and copied from. */
export const ReadOnlyContext = createContext(false);

export function useReadOnly(): boolean {
  return use(ReadOnlyContext);
}

/** Evaluates what fields hold on the last real message; `null` where there are no messages. */
export const EvaluatorContext = createContext<Evaluator | null>(null);
