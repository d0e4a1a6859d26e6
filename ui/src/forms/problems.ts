/** Which part of a form a problem is of: its place, part by part. */

import type { Problem } from "../api/schema.ts";

/** Whether a problem is of a field, or of something in it. */
export function isWithin(problem: Problem, field: string): boolean {
  const place = problem.field;
  return place != null && (place === field || place.startsWith(`${field}.`) || place.startsWith(`${field}[`));
}

/** The problems of a field and of what is in it, with their places from there: `""` is the field itself. */
export function within(problems: readonly Problem[], field: string): Problem[] {
  return problems
    .filter((problem) => isWithin(problem, field))
    .map((problem) => ({ ...problem, field: (problem.field ?? "").slice(field.length).replace(/^\./, "") }));
}

/** The problems of the item at a place of a list, likewise. */
export function withinItem(problems: readonly Problem[], index: number): Problem[] {
  return within(problems, `[${index}]`);
}
