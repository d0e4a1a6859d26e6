/** What the engine and its node types say, in the language of whoever reads it. */

import type { NodeTypeDetail, Palette, Problem, Translations } from "../api/schema.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

interface Pattern {
  readonly fits: RegExp;
  readonly names: readonly string[];
  readonly text: string;
}

// Values that somebody gives, in which the words of JSON Schema mean nothing.
const VALUES: ReadonlySet<string> = new Set(["default", "const", "enum", "examples"]);

export class EngineTexts {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #plain: ReadonlyMap<string, string>;
  readonly #checks: ReadonlyMap<string, string>;
  readonly #patterns: readonly Pattern[];

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

  text(english: string): string {
    return this.#texts.get(english) ?? english;
  }

  /** A sentence about a mistake; `undefined` where no catalogue has it. */
  sentence(english: string): string | undefined {
    const known = this.#plain.get(english);
    if (known !== undefined) {
      return known;
    }
    for (const { fits, names, text } of this.#patterns) {
      const found = fits.exec(english);
      if (found !== null) {
        const values = new Map(names.map((name, index) => [name, found[index + 1] ?? ""]));
        return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => this.#part(values.get(name) ?? hole));
      }
    }
    return undefined;
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
  schema(english: JsonObject): JsonObject {
    return this.#texts.size === 0 ? english : (this.#schema(english) as JsonObject);
  }

  #type(type: NodeTypeDetail): NodeTypeDetail {
    return {
      ...type,
      label: this.text(type.label),
      summary: this.text(type.summary),
      help: this.text(type.help),
      ports: type.ports.map((port) => ({ ...port, description: this.text(port.description) })),
      config: this.schema(type.config as JsonObject),
    };
  }

  #schema(value: Json): Json {
    if (Array.isArray(value)) {
      return value.map((one) => this.#schema(one));
    }
    if (!isObject(value)) {
      return value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]): [string, Json] => {
        if (typeof inner === "string") {
          return [key, key === "title" || key === "description" ? this.text(inner) : inner];
        }
        return [key, VALUES.has(key) ? inner : this.#schema(inner)];
      }),
    );
  }

  /** What stands in a hole: words of ours, or something that somebody named. */
  #part(value: string): string {
    return this.sentence(value) ?? value;
  }
}

function patternOf(english: string, text: string): Pattern {
  const parts = english.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => (index % 2 === 0 ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&") : "(.+?)")).join("");
  return { fits: new RegExp(`^${source}$`, "s"), names: parts.filter((_, index) => index % 2 === 1), text };
}

function literal(english: string): number {
  return english.replaceAll(/\{\w+\}/g, "").length;
}
