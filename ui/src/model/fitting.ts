/** Node types that fit what was typed, and a wire that waits for its other end; the best come first. */

import type { NodeTypeDetail } from "../api/schema.ts";

/** Which end of a wire the new node is for: `input` if a wire comes to it, `output` if one leaves it, `splice` both. */
export type Wanting = "any" | "input" | "output" | "splice";

export function takesWire(type: NodeTypeDetail, wanting: Wanting): boolean {
  const gives = type.own_ports || type.ports.length > 0;
  switch (wanting) {
    case "any":
      return true;
    case "input":
      return type.has_input;
    case "output":
      return gives;
    case "splice":
      return type.has_input && gives;
  }
}

export function fitting(types: readonly NodeTypeDetail[], text: string, wanting: Wanting = "any"): NodeTypeDetail[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return types
    .filter((type) => !type.is_resource && takesWire(type, wanting))
    .map((type) => ({ type, rank: rank(type, words) }))
    .filter(({ rank }) => rank >= 0)
    .sort((one, other) => one.rank - other.rank)
    .map(({ type }) => type);
}

/** 0 for a name that begins so, 1 for a name that has it, 2 for a summary that has it, -1 for none. */
function rank(type: NodeTypeDetail, words: readonly string[]): number {
  const name = `${type.name} ${type.label}`.toLowerCase();
  const about = `${name} ${type.summary.toLowerCase()}`;
  if (!words.every((word) => about.includes(word))) {
    return -1;
  }
  if (words.length === 0) {
    return 0;
  }
  const isFirst = words.some((word) => type.name.startsWith(word) || type.label.toLowerCase().startsWith(word));
  return isFirst ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
}
