import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { describe, expect, test } from "vitest";

import { en } from "../src/i18n/en.ts";
import { zh } from "../src/i18n/zh.ts";

const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));
/** What people read although it is written as an attribute. */
const READ = new Set(["aria-label", "aria-description", "aria-roledescription", "alt", "label", "placeholder", "title"]);
/** Names and units that no language translates. */
const NAMES = new Set(["flowengine", "ms"]);

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g))].sort();
}

/** Words between tags, and in attributes that people read, which are not in the catalogues. */
function written(name: string): string[] {
  const source = ts.createSourceFile(name, readFileSync(SOURCE + name, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const note = (node: ts.Node, text: string): void => {
    if (/\p{L}{2}/u.test(text) && !NAMES.has(text.trim())) {
      found.push(`${name}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
    }
  };
  /** An expression whose value is shown: of a choice, both ways. */
  const shown = (node: ts.Expression): void => {
    if (ts.isStringLiteralLike(node)) {
      note(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      note(node, [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(" "));
    } else if (ts.isConditionalExpression(node)) {
      shown(node.whenTrue);
      shown(node.whenFalse);
    } else if (ts.isParenthesizedExpression(node)) {
      shown(node.expression);
    } else if (ts.isBinaryExpression(node)) {
      shown(node.right);
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) {
      note(node, node.text);
    } else if (ts.isJsxAttribute(node) && READ.has(node.name.getText()) && node.initializer !== undefined) {
      if (ts.isStringLiteral(node.initializer)) {
        note(node, node.initializer.text);
      } else if (ts.isJsxExpression(node.initializer) && node.initializer.expression !== undefined) {
        shown(node.initializer.expression);
      }
    } else if (ts.isJsxExpression(node) && node.expression !== undefined && !ts.isJsxAttribute(node.parent)) {
      shown(node.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("texts", () => {
  test("have the same values in every language", () => {
    const keys = Object.keys(en) as (keyof typeof en)[];
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
    const differing = keys.filter((key) => placeholders(en[key]).join() !== placeholders(zh[key]).join());
    expect(differing).toEqual([]);
  });

  test("say something in every language", () => {
    expect(Object.entries({ ...en, ...zh }).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  test("in Chinese use Chinese marks", () => {
    // Half-width marks after a Chinese character look broken.
    expect(Object.entries(zh).filter(([, text]) => /\p{Script=Han}[,;:!?.()]/u.test(text))).toEqual([]);
  });

  test("are not written into the code", () => {
    const names = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));
    expect(names.flatMap(written)).toEqual([]);
  });
});
