/** Which nodes a message comes to from some nodes, and where the keyboard goes next. */

import { nodesOf, wiresOf, type Flow } from "./document.ts";
import type { Drawing, DrawnNode } from "./drawing.ts";

export type Towards = "upstream" | "downstream" | "both";
export type Heading = "left" | "right" | "up" | "down";

/** The nodes that wires lead to, or come from, with those it begins with. */
export function reached(flow: Flow, from: ReadonlySet<string>, towards: Towards): Set<string> {
  const beside = new Map<string, string[]>();
  const join = (one: string, other: string): void => {
    beside.set(one, [...(beside.get(one) ?? []), other]);
  };
  for (const wire of wiresOf(flow)) {
    if (towards !== "upstream") {
      join(wire.from, wire.to.node);
    }
    if (towards !== "downstream") {
      join(wire.to.node, wire.from);
    }
  }
  const found = new Set([...from].filter((id) => id in nodesOf(flow)));
  const left = [...found];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    for (const next of beside.get(id) ?? []) {
      if (!found.has(next) && next in nodesOf(flow)) {
        found.add(next);
        left.push(next);
      }
    }
  }
  return found;
}

/** The node that an arrow key leads to: along a wire to the left and right, else the nearest that way. */
export function neighbour(drawing: Drawing, from: string, heading: Heading): string | null {
  const nodes = new Map(drawing.nodes.map((node) => [node.id, node]));
  const at = nodes.get(from);
  if (at === undefined) {
    return drawing.nodes[0]?.id ?? null;
  }
  const wired = drawing.wires.flatMap(({ wire }) =>
    heading === "right" && wire.from === from ? [wire.to.node] : heading === "left" && wire.to.node === from ? [wire.from] : [],
  );
  const along = nearest(at, wired.flatMap((id) => nodes.get(id) ?? []));
  if (along !== null) {
    return along;
  }
  const [aheadX, aheadY] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[heading] as [number, number];
  const that = drawing.nodes.filter((node) => {
    const [dx, dy] = apart(at, node);
    const ahead = dx * aheadX + dy * aheadY;
    return ahead > 0 && Math.abs(dx * aheadY) + Math.abs(dy * aheadX) <= ahead * 2;
  });
  return nearest(at, that);
}

function nearest(at: DrawnNode, nodes: readonly DrawnNode[]): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const node of nodes) {
    const far = node.id === at.id ? Infinity : Math.hypot(...apart(at, node));
    if (far < least) {
      [best, least] = [node.id, far];
    }
  }
  return best;
}

function apart(one: DrawnNode, other: DrawnNode): [number, number] {
  return [
    other.x + other.size.width / 2 - one.x - one.size.width / 2,
    other.y + other.size.height / 2 - one.y - one.size.height / 2,
  ];
}
