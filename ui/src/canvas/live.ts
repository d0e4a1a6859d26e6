/** Live numbers go straight to the page: through the list of nodes they would draw everything anew each second. */

import { portLine, type Standing } from "../model/figures_history.ts";
import { short } from "../model/short.ts";
import type { Fate, Status } from "../model/watch.ts";

/** How a node or the line of a port stands. */
export type StandingOf = (line: string) => Standing | undefined;

const nobody: StandingOf = () => undefined;
/** Kept, for a node that comes into view is drawn without what stands on it. */
let standing = nobody;
let statuses: ReadonlyMap<string, Status> = new Map();
/** What a status says, in the language of the page. */
let said = (status: Status): string => status.text;
let way: ReadonlyMap<string, Fate> = new Map();

/** Write how the nodes and wires that are drawn stand. */
export function showFigures(canvas: ParentNode, told: StandingOf): void {
  standing = told;
  // By the labels that are drawn, not by the nodes there are: looking for each node on the page costs its square.
  for (const kind of KINDS) {
    for (const label of canvas.querySelectorAll(`[data-${kind}-of]`)) {
      write(label, text(kind, label.getAttribute(`data-${kind}-of`) ?? ""));
    }
  }
  for (const label of canvas.querySelectorAll("[data-rate-of-port]")) {
    write(label, text("rate", portLine(label.getAttribute("data-rate-of-port") ?? "")));
  }
}

/** Forget what was shown, such as when another flow is drawn. */
export function forgetFigures(): void {
  standing = nobody;
  statuses = new Map();
  way = new Map();
}

/** Write what the nodes of the flow show of themselves. */
export function showStatuses(
  canvas: ParentNode,
  told: ReadonlyMap<string, Status>,
  say: (status: Status) => string = ({ text }) => text,
): void {
  statuses = told;
  said = say;
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
  for (const kind of KINDS) {
    const label = node.querySelector(`[data-${kind}-of]`);
    if (label !== null) {
      write(label, text(kind, id));
    }
  }
}

function writeStatus(label: HTMLElement, status: Status | undefined): void {
  const text = status === undefined ? "" : said(status);
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

const KINDS = ["rate", "errors", "waiting"] as const;

function text(kind: keyof Standing, line: string): string {
  const number = standing(line)?.[kind] ?? 0;
  if (number === 0) {
    return "";
  }
  return kind === "rate" ? `${short(number)}/s` : short(number);
}
