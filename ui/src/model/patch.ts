/** The difference between two JSON values, as patches that can be applied forwards and backwards. */

import { isObject, sameJson, valueAt, withValue, type Json, type Path } from "./json.ts";

/** One value that changes; `undefined` for none. */
export interface Patch {
  readonly path: Path;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The patches that lead from one value to another, one for each value that differs.
 *
 * What both share by identity is not looked into, so that the cost follows the change, not the size. Lists are
 * compared as a whole.
 */
export function difference(before: Json | undefined, after: Json | undefined, path: Path = []): Patch[] {
  if (before === after) {
    return [];
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => difference(before[key], after[key], [...path, key]));
  }
  return sameJson(before, after) ? [] : [{ path, before, after }];
}

/** The value with all patches applied. */
export function applied(value: Json, patches: readonly Patch[]): Json {
  return patches.reduce<Json>((made, patch) => withValue(made, patch.path, patch.after), value);
}

/** The patches that take others back. */
export function inverted(patches: readonly Patch[]): Patch[] {
  return patches.map(({ path, before, after }) => ({ path, before: after, after: before })).reverse();
}

/** Whether a value stands as patches expect to find it, so that applying them takes back nobody's change. */
export function fits(value: Json, patches: readonly Patch[]): boolean {
  return patches.every((patch) => sameJson(valueAt(value, patch.path), patch.before));
}
