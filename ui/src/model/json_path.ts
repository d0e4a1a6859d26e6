/** A place in a JSON value as the paths of node settings write it. */

import type { Path } from "./json.ts";

/** `["payload", "list", 0]` as `$.payload.list[0]`. */
export function pathText(path: Path, root = "$"): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") {
      return `${text}[${key}]`;
    }
    return /^[A-Za-z_]\w*$/.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`;
  }, root);
}

/** A value in one short line. */
export function preview(value: unknown, most = 160): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) as string | undefined) ?? "";
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
