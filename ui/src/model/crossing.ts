/** Where wires run: which of them a line cuts, and which lies under a node. */

import type { Drawing, DrawnNode, DrawnWire } from "./drawing.ts";
import type { Place, Wire } from "./document.ts";
import { PORT, portTop, type Size } from "./geometry.ts";

const PIECES = 16;
/** How far beside a wire a node still counts as on it, beyond its own half. */
const NEAR = 6;
/** How far a curve bows out, as the canvas draws it. */
const CURVATURE = 0.25;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The wires that a straight line cuts. */
export function cutBy(drawing: Drawing, from: Point, to: Point): DrawnWire[] {
  const nodes = byId(drawing);
  return drawing.wires.filter((wire) => {
    const points = course(wire, nodes);
    return points.some((point, index) => index > 0 && meet(points[index - 1] ?? point, point, from, to));
  });
}

/** The wire that a box lies on, so that what stands there can be put into it; the one nearest to its middle. */
export function wireUnder(drawing: Drawing, box: Place & Size, except: string | null): DrawnWire | null {
  const nodes = byId(drawing);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  let best: DrawnWire | null = null;
  let least = box.height / 2 + NEAR;
  for (const wire of drawing.wires) {
    if (wire.wire.from === except || wire.wire.to.node === except) {
      continue;
    }
    const points = isNear(wire, nodes, middle) ? course(wire, nodes) : [];
    points.forEach((point, index) => {
      const before = points[index - 1];
      const far = before === undefined ? Infinity : distance(middle, before, point);
      if (far < least) {
        [best, least] = [wire, far];
      }
    });
  }
  return best;
}

const known = new WeakMap<Drawing, Map<string, DrawnNode>>();

/** The nodes of a drawing by id, made once: a drag asks with every step. */
function byId(drawing: Drawing): Map<string, DrawnNode> {
  let nodes = known.get(drawing);
  if (nodes === undefined) {
    nodes = new Map(drawing.nodes.map((node) => [node.id, node]));
    known.set(drawing, nodes);
  }
  return nodes;
}

/** Whether a wire may come near a point at all: cheap, so that most wires are not looked at closely. */
function isNear({ wire }: DrawnWire, nodes: ReadonlyMap<string, DrawnNode>, point: Point): boolean {
  const from = nodes.get(wire.from);
  const to = nodes.get(wire.to.node);
  if (from === undefined || to === undefined) {
    return false;
  }
  const top = Math.min(from.y, to.y);
  const bottom = Math.max(from.y + from.size.height, to.y + to.size.height);
  const bow = from.size.width + CURVATURE * 25 * Math.sqrt(Math.abs(to.x - from.x)) + to.size.width;
  const isBeside = point.x < Math.min(from.x, to.x) - bow || point.x > Math.max(from.x, to.x) + bow;
  return !isBeside && point.y >= top && point.y <= bottom;
}

function course({ wire }: DrawnWire, nodes: ReadonlyMap<string, DrawnNode>): Point[] {
  const ends = endsOf(wire, nodes);
  return ends === null ? [] : curve(ends.start, ends.end, PIECES);
}

/** Where a wire is drawn from and to; `null` if a node is not there. */
export function endsOf(wire: Wire, nodes: ReadonlyMap<string, DrawnNode>): { start: Point; end: Point } | null {
  const from = nodes.get(wire.from);
  const to = nodes.get(wire.to.node);
  if (from === undefined || to === undefined) {
    return null;
  }
  const start = {
    x: from.x + from.size.width + PORT / 2,
    y: from.y + portTop(Math.max(from.outputs.indexOf(wire.port), 0), from.outputs.length, from.size.height),
  };
  const end = {
    x: to.x - PORT / 2,
    y: to.y + portTop(Math.max(to.inputs.indexOf(wire.to.port), 0), Math.max(to.inputs.length, 1), to.size.height),
  };
  return { start, end };
}

/** Points along the curve that is drawn between two. */
export function curve(start: Point, end: Point, pieces: number): Point[] {
  const apart = end.x - start.x;
  const bow = apart >= 0 ? apart / 2 : CURVATURE * 25 * Math.sqrt(-apart);
  return Array.from({ length: pieces + 1 }, (_, piece) => {
    const t = piece / pieces;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
    return {
      x: a * start.x + b * (start.x + bow) + c * (end.x - bow) + d * end.x,
      y: (a + b) * start.y + (c + d) * end.y,
    };
  });
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

function side(a: Point, b: Point, c: Point): boolean {
  return (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
}

function distance(point: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / length;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(point.x - a.x - t * dx, point.y - a.y - t * dy);
}
