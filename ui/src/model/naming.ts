/** Ids that a person can read: made from a name, never taken twice. */

/** A text as an id: lower case, digits and hyphens. */
export function idFrom(text: string): string {
  const id = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return id === "" ? "node" : id;
}

/** An id that is free: the wanted one, or it with the next number. */
export function freeId(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) {
    return wanted;
  }
  const base = wanted.replace(/-\d+$/, "");
  for (let number = 2; ; number++) {
    const id = `${base}-${number}`;
    if (!taken.has(id)) {
      return id;
    }
  }
}
