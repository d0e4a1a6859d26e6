/** What the engine and its node types say, in the language of whoever reads it. */

import type { NodeTypeDetail, Palette, Problem, Translations } from "../api/schema.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

interface Pattern {
  readonly fits: RegExp;
  readonly holes: readonly Hole[];
  readonly text: string;
}

interface Hole {
  readonly name: string;
  /** Whether what stands there is what somebody named, and never words of ours. */
  readonly isName: boolean;
}

/** What the API says of a request that it refuses. */
export interface Refusal {
  readonly message: string;
  /** Where: a parameter, or a place in a document. */
  readonly location?: string;
  /** What is wrong with the document or the values of the request; the message is made of the first. */
  readonly problems?: readonly Pick<Problem, "code" | "message" | "hint">[];
}

// Statuses are told often, and mostly the same ones.
const MOST_KEPT = 1000;
// What is longer was written by somebody else.
const LONGEST = 1000;
// Holes for what somebody named; so is what stands in quotes.
const NAMED: ReadonlySet<string> = new Set(["device", "flow", "host", "id", "key", "name", "node", "path", "topic", "user"]);
// "Where it is: what is wrong", "so much; what is wrong beside": both parts have sentences of their own.
const JOINT = /[:;] /;

/** What the choices of a field are called in the language, by their values. */
export const LABELS = "x-labels";

// Values that somebody gives, in which the words of JSON Schema mean nothing.
const VALUES: ReadonlySet<string> = new Set(["default", "const", "enum", "examples", LABELS]);

export class EngineTexts {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #plain: ReadonlyMap<string, string>;
  readonly #checks: ReadonlyMap<string, string>;
  readonly #patterns: readonly Pattern[];
  readonly #kept = new Map<string, string | undefined>();

  /** Without translations everything stays as it is in English. */
  constructor(told: Translations | null = null) {
    const sentences = Object.entries(told?.sentences ?? {});
    this.#texts = new Map(Object.entries(told?.texts ?? {}));
    this.#plain = new Map(sentences);
    this.#checks = new Map(Object.entries(told?.checks ?? {}));
    this.#patterns = sentences
      .filter(([english]) => /\{\w+\}/.test(english))
      // What says more comes first: a hole takes anything.
      .sort(([one], [other]) => literal(other) - literal(one))
      .map(([english, text]) => patternOf(english, text));
  }

  /** A text of a node type; where a word means something else to one of them, the catalogue says of which. */
  text(english: string, type = ""): string {
    return this.#texts.get(`${type}: ${english}`) ?? this.#texts.get(english) ?? english;
  }

  /** What the engine says of how things stand or what is wrong; English where no catalogue has it. */
  say(english: string): string {
    return this.sentence(english) ?? english;
  }

  /** What a node shows of itself, but for a value that somebody sent. */
  status({ text, is_value }: { readonly text: string; readonly is_value?: boolean }): string {
    return is_value === true ? text : this.say(text);
  }

  /** Why the API refuses a request. */
  refusal({ message, location = "", problems = [] }: Refusal): string {
    const [first] = problems;
    if (first === undefined || this.#plain.size === 0) {
      return this.say(message);
    }
    return location === "" ? this.problem(first) : `${location}: ${this.problem(first)}`;
  }

  /** A sentence about a mistake; `undefined` where no catalogue has it. */
  sentence(english: string): string | undefined {
    if (this.#plain.size === 0 || english.length > LONGEST) {
      return undefined;
    }
    const known = this.#plain.get(english);
    if (known !== undefined || this.#kept.has(english)) {
      return known ?? this.#kept.get(english);
    }
    const found = this.#found(english) ?? this.#joined(english);
    if (this.#kept.size >= MOST_KEPT) {
      this.#kept.clear();
    }
    this.#kept.set(english, found);
    return found;
  }

  #found(english: string): string | undefined {
    for (const { fits, holes, text } of this.#patterns) {
      const found = fits.exec(english);
      if (found !== null) {
        const values = new Map(
          holes.map(({ name, isName }, index) => {
            const value = found[index + 1] ?? "";
            return [name, isName ? value : this.say(value)];
          }),
        );
        return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => values.get(name) ?? hole);
      }
    }
    return undefined;
  }

  #joined(english: string): string | undefined {
    const at = english.search(JOINT);
    if (at < 0) {
      return undefined;
    }
    const parts = [english.slice(0, at), english.slice(at + 2)];
    // A word alone may be of a document, such as how a message ends.
    const isSaid = parts.some((part) => part.includes(" ") && this.sentence(part) !== undefined);
    return isSaid ? parts.map((part) => this.say(part)).join(english.slice(at, at + 2)) : undefined;
  }

  /** What is wrong, and what to do about it. */
  problem({ code, message, hint }: Pick<Problem, "code" | "message" | "hint">): string {
    const title = this.#checks.get(code);
    const said = this.sentence(message) ?? (title === undefined ? message : `${title}: ${message}`);
    return hint == null || hint === "" ? said : `${said} – ${this.sentence(hint) ?? hint}`;
  }

  palette(english: Palette): Palette {
    return this.#texts.size === 0 ? english : { ...english, types: english.types.map((type) => this.#type(type)) };
  }

  /** A JSON Schema whose titles and descriptions are in the language. */
  schema(english: JsonObject, type = ""): JsonObject {
    return this.#texts.size === 0 ? english : (this.#schema(english, type) as JsonObject);
  }

  #type(type: NodeTypeDetail): NodeTypeDetail {
    return {
      ...type,
      label: this.text(type.label),
      summary: this.text(type.summary),
      help: this.text(type.help),
      ports: type.ports.map((port) => ({ ...port, description: this.text(port.description, type.name) })),
      config: this.schema(type.config as JsonObject, type.name),
    };
  }

  #schema(value: Json, type: string): Json {
    if (Array.isArray(value)) {
      return value.map((one) => this.#schema(one, type));
    }
    if (!isObject(value)) {
      return value;
    }
    return Object.fromEntries([
      ...this.#labels(value, type),
      ...Object.entries(value).map(([key, inner]): [string, Json] => {
        if (typeof inner === "string") {
          return [key, key === "title" || key === "description" ? this.text(inner, type) : inner];
        }
        return [key, VALUES.has(key) ? inner : this.#schema(inner, type)];
      }),
    ]);
  }

  /** What the values that a field may have are called, beside the values. */
  #labels(schema: JsonObject, type: string): [string, Json][] {
    const values = [schema["const"], schema["enum"]].flat().filter((one) => typeof one === "string");
    const labels = values.map((one) => [one, this.text(one, type)] as const).filter(([one, label]) => one !== label);
    return labels.length === 0 ? [] : [[LABELS, Object.fromEntries(labels)]];
  }
}

function patternOf(english: string, text: string): Pattern {
  const parts = english.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => (index % 2 === 0 ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&") : "(.*?)")).join("");
  const holes = parts.flatMap((name, index) =>
    index % 2 === 0 ? [] : [{ name, isName: NAMED.has(name) || (isQuote(parts[index - 1]?.at(-1)) && isQuote(parts[index + 1]?.at(0))) }],
  );
  return { fits: new RegExp(`^${source}$`, "s"), holes, text };
}

function isQuote(sign: string | undefined): boolean {
  return sign === '"' || sign === "'";
}

function literal(english: string): number {
  return english.replaceAll(/\{\w+\}/g, "").length;
}
