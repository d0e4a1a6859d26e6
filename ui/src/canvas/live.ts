/** Live numbers go straight to the page: through the list of nodes they would draw everything anew each second. */

import type { FlowFigures } from "../api/events.ts";
import { short } from "../model/short.ts";
import type { Fate, Status } from "../model/watch.ts";

interface Known {
  at: number;
  received: Map<string, number>;
  sent: Map<string, number>;
}

const known = new Map<string, Known>();
/** What stands on the nodes, by attribute and node: a node that comes into view is drawn without it. */
const standing = new Map<string, string>();
let statuses: ReadonlyMap<string, Status> = new Map();
let way: ReadonlyMap<string, Fate> = new Map();

/** Write what a flow's counters say on the nodes and wires that are drawn. */
export function showFigures(canvas: ParentNode, figures: FlowFigures): void {
  const before = known.get(figures.flow);
  const now: Known = { at: figures.at, received: new Map(before?.received), sent: new Map(before?.sent) };
  const seconds = before === undefined ? 0 : figures.at - before.at;
  for (const [node, [received, errors, waiting]] of Object.entries(figures.nodes)) {
    standing.set(`rate ${node}`, rate(received, before?.received.get(node), seconds));
    standing.set(`errors ${node}`, errors === 0 ? "" : short(errors));
    standing.set(`waiting ${node}`, waiting === 0 ? "" : short(waiting));
    now.received.set(node, received);
  }
  for (const [port, sent] of Object.entries(figures.ports)) {
    now.sent.set(port, sent);
  }
  // By the labels that are drawn, not by the nodes there are: looking for each node on the page costs its square.
  for (const attribute of ["rate", "errors", "waiting"]) {
    for (const label of canvas.querySelectorAll(`[data-${attribute}-of]`)) {
      const node = label.getAttribute(`data-${attribute}-of`) ?? "";
      // Counters that did not change are not sent: what stood there is over.
      if (attribute === "rate" && seconds > 0 && !(node in figures.nodes)) {
        standing.delete(`rate ${node}`);
      }
      write(label, standing.get(`${attribute} ${node}`) ?? "");
    }
  }
  for (const label of canvas.querySelectorAll("[data-rate-of-port]")) {
    const port = label.getAttribute("data-rate-of-port") ?? "";
    const sent = figures.ports[port];
    if (sent !== undefined) {
      write(label, rate(sent, before?.sent.get(port), seconds));
    } else if (seconds > 0) {
      write(label, "");
    }
  }
  known.set(figures.flow, now);
}

/** Forget what was shown, such as when another flow is drawn. */
export function forgetFigures(): void {
  known.clear();
  standing.clear();
  statuses = new Map();
  way = new Map();
}

/** Write what the nodes of the flow show of themselves. */
export function showStatuses(canvas: ParentNode, told: ReadonlyMap<string, Status>): void {
  statuses = told;
  for (const label of canvas.querySelectorAll<HTMLElement>("[data-status-of]")) {
    writeStatus(label, statuses.get(String(label.dataset["statusOf"])));
  }
}

/** Mark the nodes that a message came to. */
export function showWay(canvas: ParentNode, told: ReadonlyMap<string, Fate>): void {
  way = told;
  for (const node of canvas.querySelectorAll<HTMLElement>("[data-node]")) {
    markWay(node);
  }
}

/** Write what is known on a node that was just drawn. */
export function paintLive(node: HTMLElement | null): void {
  const id = node?.dataset["node"];
  if (node == null || id === undefined) {
    return;
  }
  markWay(node);
  for (const label of node.querySelectorAll<HTMLElement>("[data-status-of]")) {
    writeStatus(label, statuses.get(id));
  }
  for (const attribute of ["rate", "errors", "waiting"]) {
    const text = standing.get(`${attribute} ${id}`);
    const label = node.querySelector(`[data-${attribute}-of]`);
    if (text !== undefined && label !== null) {
      label.textContent = text;
    }
  }
}

function writeStatus(label: HTMLElement, status: Status | undefined): void {
  const text = status?.text ?? "";
  if (label.textContent !== text) {
    label.textContent = text;
    label.title = text;
  }
  label.dataset["level"] = status?.level ?? "";
}

function markWay(node: HTMLElement): void {
  const fate = way.get(String(node.dataset["node"]));
  if (fate === undefined) {
    delete node.dataset["way"];
  } else {
    node.dataset["way"] = fate;
  }
}

function write(label: Element, text: string): void {
  if (label.textContent !== text) {
    label.textContent = text;
  }
}

function rate(now: number, before: number | undefined, seconds: number): string {
  if (before === undefined || seconds <= 0 || now <= before) {
    return "";
  }
  return `${short((now - before) / seconds)}/s`;
}
