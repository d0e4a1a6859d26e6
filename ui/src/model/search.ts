/** Nodes are found by their words, across flows: `valve type:mqtt-in flow:boiler is:disabled uses:"hot water"`. */

import { nodesOf, type Flow, type FlowNode } from "./document.ts";
import { titleOf } from "./geometry.ts";

export interface Hit {
  readonly flow: string;
  readonly node: string;
  readonly title: string;
  readonly type: string;
  /** The piece of configuration that fits, where neither name, id nor type does. */
  readonly excerpt: string;
}

interface Query {
  readonly words: readonly string[];
  readonly filters: readonly (readonly [string, string])[];
}

const FILTERS = new Set(["type", "id", "name", "flow", "is", "uses"]);
const MOST_HITS = 200;

export function parseQuery(text: string): Query {
  const words: string[] = [];
  const filters: [string, string][] = [];
  for (const written of text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []) {
    const part = written.replaceAll('"', "");
    const colon = part.indexOf(":");
    const key = part.slice(0, Math.max(colon, 0)).toLowerCase();
    if (FILTERS.has(key)) {
      filters.push([key, part.slice(colon + 1).toLowerCase()]);
    } else {
      words.push(part.toLowerCase());
    }
  }
  return { words, filters };
}

/** The query for all nodes that refer to something by its name. */
export function usesOf(name: string): string {
  return `uses:${/\s/.test(name) ? `"${name}"` : name}`;
}

/** The nodes that fit all words and filters; those whose name, id or type fits come first. */
export function found(flows: Iterable<Flow>, text: string): Hit[] {
  const query = parseQuery(text);
  if (query.words.length === 0 && query.filters.every(([, value]) => value === "")) {
    return [];
  }
  const near: Hit[] = [];
  const far: Hit[] = [];
  for (const flow of flows) {
    for (const [id, node] of Object.entries(nodesOf(flow))) {
      if (query.filters.every(([key, value]) => value === "" || passes(key, value, flow, id, node))) {
        const head = `${titleOf(id, node)} ${id} ${node.type}`.toLowerCase();
        const missing = query.words.filter((word) => !head.includes(word));
        const body = missing.length === 0 ? "" : `${node.description ?? ""} ${JSON.stringify(node.config ?? {})}`;
        if (missing.every((word) => body.toLowerCase().includes(word))) {
          const excerpt = missing[0] === undefined ? "" : around(body, missing[0]);
          const hit = { flow: flow.id, node: id, title: titleOf(id, node), type: node.type, excerpt };
          (missing.length === 0 ? near : far).push(hit);
        }
      }
    }
  }
  return [...near, ...far].slice(0, MOST_HITS);
}

function passes(key: string, value: string, flow: Flow, id: string, node: FlowNode): boolean {
  switch (key) {
    case "type":
      return node.type.toLowerCase().includes(value);
    case "id":
      return id.toLowerCase().includes(value);
    case "name":
      return (node.name ?? "").toLowerCase().includes(value);
    case "flow":
      return `${flow.id} ${flow.name ?? ""}`.toLowerCase().includes(value);
    case "is":
      return value === "disabled" ? node.disabled === true : value === "enabled" ? node.disabled !== true : false;
    default:
      return holds(node.config, value);
  }
}

/** Whether a text stands anywhere as a value of its own, as the name of a resource does. */
function holds(value: unknown, wanted: string): boolean {
  if (typeof value === "string") {
    return value.toLowerCase() === wanted;
  }
  return typeof value === "object" && value !== null && Object.values(value).some((one) => holds(one, wanted));
}

function around(text: string, word: string): string {
  const at = text.toLowerCase().indexOf(word);
  const start = Math.max(at - 20, 0);
  return `${start > 0 ? "…" : ""}${text.slice(start, at + word.length + 30)}`.trim();
}
