/** Live numbers go straight to the page: through the list of nodes they would draw everything anew each second. */

import type { FlowFigures } from "../api/events.ts";

interface Known {
  at: number;
  received: Map<string, number>;
  sent: Map<string, number>;
}

const known = new Map<string, Known>();

/** Write what a flow's counters say on the nodes and wires that are drawn. */
export function showFigures(canvas: ParentNode, figures: FlowFigures): void {
  const before = known.get(figures.flow);
  const now: Known = { at: figures.at, received: new Map(before?.received), sent: new Map(before?.sent) };
  const seconds = before === undefined ? 0 : figures.at - before.at;
  for (const [node, [received, errors, waiting]] of Object.entries(figures.nodes)) {
    write(canvas, `[data-rate-of="${CSS.escape(node)}"]`, rate(received, before?.received.get(node), seconds));
    write(canvas, `[data-errors-of="${CSS.escape(node)}"]`, errors === 0 ? "" : short(errors));
    write(canvas, `[data-waiting-of="${CSS.escape(node)}"]`, waiting === 0 ? "" : short(waiting));
    now.received.set(node, received);
  }
  for (const [port, sent] of Object.entries(figures.ports)) {
    const text = rate(sent, before?.sent.get(port), seconds);
    for (const label of canvas.querySelectorAll(`[data-rate-of-port="${CSS.escape(port)}"]`)) {
      label.textContent = text;
    }
    now.sent.set(port, sent);
  }
  if (seconds > 0) {
    quieten(canvas, figures);
  }
  known.set(figures.flow, now);
}

/** Forget what was shown, such as when another flow is drawn. */
export function forgetFigures(): void {
  known.clear();
}

/** Counters that did not change are not sent: what stood there is over. */
function quieten(canvas: ParentNode, figures: FlowFigures): void {
  for (const label of canvas.querySelectorAll<HTMLElement>("[data-rate-of]")) {
    if (!(String(label.dataset["rateOf"]) in figures.nodes)) {
      label.textContent = "";
    }
  }
  for (const label of canvas.querySelectorAll<HTMLElement>("[data-rate-of-port]")) {
    if (!(String(label.dataset["rateOfPort"]) in figures.ports)) {
      label.textContent = "";
    }
  }
}

function write(canvas: ParentNode, selector: string, text: string): void {
  const label = canvas.querySelector(selector);
  if (label !== null && label.textContent !== text) {
    label.textContent = text;
  }
}

function rate(now: number, before: number | undefined, seconds: number): string {
  if (before === undefined || seconds <= 0 || now <= before) {
    return "";
  }
  return `${short((now - before) / seconds)}/s`;
}

/** A number in few characters: 950, 1.2k, 3.4M. */
export function short(number: number): string {
  if (number < 10 && !Number.isInteger(number)) {
    return number.toFixed(1);
  }
  if (number < 1000) {
    return String(Math.round(number));
  }
  const [scaled, unit] = number < 1_000_000 ? [number / 1000, "k"] : [number / 1_000_000, "M"];
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
}
