/** Nodes make way for wires: after an automatic layout, no wire should run behind a node that it does not belong to. */

import { curve, endsOf, type Point } from "./crossing.ts";
import type { Flow, Place } from "./document.ts";
import type { Drawing } from "./drawing.ts";
import { GRID, type Size } from "./geometry.ts";
import { framesOf } from "./groups.ts";

/** How far a wire keeps away from a node. */
const CLEAR = 8;
/** How far a node that makes way keeps away from others. */
const GAP = 20;
/** What a wire behind a node weighs against the way that nodes move and wires climb. */
const HIDDEN = 20_000;
const PIECES = 48;
/** How much is looked at in all, so that a large flow is not waited for: what is left stays as it is. */
const MOST_LOOKS = 10_000_000;
const LOOKS_AT_A_TIME = 50_000;

type Box = Place & Size;
type Moves = ReadonlyMap<string, number>;

interface Line {
  readonly from: string;
  readonly to: string;
  /** How far its ends are below the tops of their nodes. */
  readonly leaves: number;
  readonly enters: number;
  /** The nodes that it may run behind. */
  readonly passages: Passage[];
}

/**
 * A wire where it is above, behind or below a node.
 *
 * As nodes move up and down only, what part of its climb a wire has behind it at the node's sides stays the same.
 */
interface Passage {
  readonly line: Line;
  readonly node: string;
  readonly parts: readonly [number, number];
}

/**
 * Places at which nodes are out of the way of wires, as far as such are found: some nodes move up or down.
 *
 * @param pause Waits while others have their turn: a large flow takes seconds.
 */
export async function cleared(
  drawing: Drawing,
  places: Record<string, Place>,
  groups: Flow["groups"],
  pause: () => Promise<void>,
): Promise<Record<string, Place>> {
  const scene = new Scene(drawing, places, groups ?? {});
  await settled(scene, pause);
  for (let isBetter = true; isBetter; ) {
    isBetter = false;
    for (const passage of scene.hidden()) {
      isBetter = (await isFreed(scene, passage, pause)) || isBetter;
    }
  }
  return scene.places();
}

/** Move nodes as long as a single move makes it better. */
async function settled(scene: Scene, pause: () => Promise<void>): Promise<void> {
  for (let isBetter = true; isBetter; ) {
    isBetter = false;
    for (const passage of scene.passages) {
      if (scene.isHidden(passage)) {
        const best = scene.isTired ? undefined : scene.ways(passage).find(({ gain, moves }) => gain > 0 && scene.keepsFrames(moves));
        if (best !== undefined) {
          scene.move(best.moves);
          isBetter = true;
        }
        if (scene.mayRest()) {
          await pause();
        }
      }
    }
  }
}

/** Bring a wire and a node apart where it takes several moves, of which the first makes it worse. */
async function isFreed(scene: Scene, passage: Passage, pause: () => Promise<void>): Promise<boolean> {
  const before = scene.hidden().length;
  const boxes = scene.boxes;
  for (const { moves } of scene.isHidden(passage) ? scene.ways(passage) : []) {
    if (!scene.isTired && scene.keepsFrames(moves)) {
      scene.move(moves);
      await settled(scene, pause);
      if (scene.hidden().length < before) {
        return true;
      }
      scene.boxes = boxes;
    }
  }
  return false;
}

class Scene {
  looks = 0;
  #rested = 0;
  readonly passages: Passage[] = [];
  boxes: ReadonlyMap<string, Box>;
  readonly #inColumn = new Map<string, string[]>();
  readonly #linesOf = new Map<string, Line[]>();
  readonly #passagesOf = new Map<string, Passage[]>();
  readonly #flow: Flow;

  constructor(drawing: Drawing, places: Record<string, Place>, groups: NonNullable<Flow["groups"]>) {
    this.#flow = { flowengine: 1, id: "", nodes: {}, groups };
    const nodes = new Map(drawing.nodes.map((node) => [node.id, { ...node, ...places[node.id] }]));
    const boxes = [...nodes].map(([id, { x, y, size }]) => [id, { x, y, ...size }] as const);
    this.boxes = new Map(boxes);
    for (const [id, { x, width }] of boxes) {
      const beside = boxes.filter(([other, box]) => other !== id && x < box.x + box.width + GAP && box.x < x + width + GAP);
      this.#inColumn.set(
        id,
        beside.map(([other]) => other),
      );
    }
    for (const { wire } of drawing.wires) {
      const ends = endsOf(wire, nodes);
      if (ends !== null) {
        const { start, end } = ends;
        const { from, to } = { from: wire.from, to: wire.to.node };
        const line = { from, to, leaves: start.y - this.#top(from), enters: end.y - this.#top(to), passages: [] };
        this.#addLine(line, curve({ x: start.x, y: 0 }, { x: end.x, y: 1 }, PIECES));
      }
    }
  }

  /** Whether it has looked enough. */
  get isTired(): boolean {
    return this.looks > MOST_LOOKS;
  }

  /** Whether it has looked for a while since the last rest. */
  mayRest(): boolean {
    const isDue = this.looks - this.#rested > LOOKS_AT_A_TIME;
    this.#rested = isDue ? this.looks : this.#rested;
    return isDue;
  }

  places(): Record<string, Place> {
    return Object.fromEntries([...this.boxes].map(([id, { x, y }]) => [id, { x, y }]));
  }

  isHidden(passage: Passage, moves?: Moves): boolean {
    this.looks++;
    const [top, bottom] = this.#span(passage, moves);
    const box = this.boxes.get(passage.node);
    const y = this.#top(passage.node, moves);
    return box !== undefined && top < y + box.height + CLEAR && bottom > y - CLEAR;
  }

  hidden(): Passage[] {
    return this.passages.filter((passage) => this.isHidden(passage));
  }

  /** Moves that bring a node and a wire apart, what helps most first. */
  ways(passage: Passage): { moves: Moves; gain: number }[] {
    const { line, node } = passage;
    const [top, bottom] = this.#span(passage);
    const y = this.#top(node);
    const down = snappedOut(bottom + CLEAR - y);
    const up = snappedOut(top - CLEAR - y - (this.boxes.get(node)?.height ?? 0));
    return [down, up]
      .flatMap((way) => [
        { ids: [node], by: way },
        { ids: [line.from, line.to], by: -way },
        // The middle of a wire moves half as far as one of its ends.
        ...[line.from, line.to].flatMap((end) => [-way, -2 * way].map((by) => ({ ids: [end], by }))),
      ])
      .map(({ ids, by }) => this.#pushed(ids, by))
      .map((moves) => ({ moves, gain: this.#gain(moves) }))
      .sort((one, other) => other.gain - one.gain);
  }

  move(moves: Moves): void {
    this.boxes = new Map([...this.boxes, ...this.#moved(moves)]);
  }

  #addLine(line: Line, points: readonly Point[]): void {
    for (const id of new Set([line.from, line.to])) {
      listed(this.#linesOf, id).push(line);
    }
    const across = points.map(({ x }) => x);
    const [left, right] = [Math.min(...across), Math.max(...across)];
    for (const [node, { x, width }] of this.boxes) {
      const isAside = x > right || x + width < left || node === line.from || node === line.to;
      const parts = isAside ? null : partsBetween(points, x, x + width);
      if (parts !== null) {
        const passage = { line, node, parts };
        this.passages.push(passage);
        line.passages.push(passage);
        listed(this.#passagesOf, node).push(passage);
      }
    }
  }

  #top(id: string, moves?: Moves): number {
    return (this.boxes.get(id)?.y ?? 0) + (moves?.get(id) ?? 0);
  }

  /** Between which heights a wire is where it passes a node. */
  #span({ line, parts }: Passage, moves?: Moves): readonly [number, number] {
    const start = this.#top(line.from, moves) + line.leaves;
    const climb = this.#top(line.to, moves) + line.enters - start;
    const [one, other] = [start + parts[0] * climb, start + parts[1] * climb];
    return one < other ? [one, other] : [other, one];
  }

  /** How far which nodes move when some do and push those in front of them. */
  #pushed(ids: readonly string[], by: number): Moves {
    const moves = new Map(ids.map((id) => [id, by]));
    const left = [...ids];
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const box = this.boxes.get(id);
      for (const other of this.#inColumn.get(id) ?? []) {
        const beside = this.boxes.get(other);
        this.looks++;
        if (box === undefined || beside === undefined || (middle(beside) - middle(box)) * by < 0) {
          continue;
        }
        const y = this.#top(id, moves);
        const there = this.#top(other, moves);
        if (y < there + beside.height + GAP && there < y + box.height + GAP) {
          moves.set(other, snappedOut(by > 0 ? y + box.height + GAP - beside.y : y - GAP - beside.height - beside.y));
          left.push(other);
        }
      }
    }
    return moves;
  }

  /** How much better it is with some moves: fewer wires that are hidden, and less way. */
  #gain(moves: Moves): number {
    const lines = new Set([...moves.keys()].flatMap((id) => this.#linesOf.get(id) ?? []));
    const passages = new Set([...moves.keys()].flatMap((id) => this.#passagesOf.get(id) ?? []));
    let gain = 0;
    for (const line of lines) {
      gain += this.#climb(line) - this.#climb(line, moves);
      for (const passage of line.passages) {
        passages.add(passage);
      }
    }
    for (const passage of passages) {
      gain += HIDDEN * (Number(this.isHidden(passage)) - Number(this.isHidden(passage, moves)));
    }
    for (const by of moves.values()) {
      gain -= Math.abs(by);
    }
    return gain;
  }

  #climb(line: Line, moves?: Moves): number {
    return Math.abs(this.#top(line.to, moves) + line.enters - this.#top(line.from, moves) - line.leaves);
  }

  #moved(moves: Moves): Map<string, Box> {
    const boxes = new Map<string, Box>();
    for (const [id, by] of moves) {
      const box = this.boxes.get(id);
      if (box !== undefined) {
        boxes.set(id, { ...box, y: box.y + by });
      }
    }
    return boxes;
  }

  /** Whether all frames have room, and nothing but what belongs to them. */
  keepsFrames(moves: Moves): boolean {
    const moved = this.#moved(moves);
    const boxes = new Map([...this.boxes, ...moved]);
    const frames = framesOf({ flow: this.#flow, layout: { flowengine: 1 } }, boxes);
    return frames.every((frame) => {
      const inside = new Set(frame.nodes);
      const grows = frame.nodes.some((id) => moved.has(id));
      this.looks += grows ? boxes.size : moved.size;
      return (
        frames.every((other) => !grows || other === frame || !overlap(frame, other)) &&
        [...(grows ? boxes : moved)].every(([id, box]) => inside.has(id) || !overlap(frame, box))
      );
    });
  }
}

/** Which parts of its climb a wire has behind it between two sides; `null` if it is not there. */
function partsBetween(points: readonly Point[], left: number, right: number): [number, number] | null {
  const found: number[] = [];
  points.forEach((point, index) => {
    const before = points[index - 1] ?? point;
    if (point.x >= left && point.x <= right) {
      found.push(point.y);
    }
    for (const side of [left, right]) {
      if (before.x < side !== point.x < side) {
        found.push(before.y + ((point.y - before.y) * (side - before.x)) / (point.x - before.x));
      }
    }
  });
  return found.length === 0 ? null : [Math.min(...found), Math.max(...found)];
}

function listed<V>(lists: Map<string, V[]>, key: string): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function middle(box: Box): number {
  return box.y + box.height / 2;
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
  );
}

/** A way that is on the grid, and no shorter. */
function snappedOut(length: number): number {
  return Math.sign(length) * Math.ceil(Math.abs(length) / GRID) * GRID;
}
