/** JSON values, read and changed along a path without changing the value itself. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
export type Path = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path; `undefined` if nothing does. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (Array.isArray(found)) {
      found = typeof key === "number" ? found[key] : undefined;
    } else if (isObject(found)) {
      found = Object.hasOwn(found, key) ? found[String(key)] : undefined;
    } else {
      return undefined;
    }
  }
  return found;
}

/** A copy in which a path has another value, or none for `undefined`; what is not on the path is shared. */
export function withValue(value: Json | undefined, path: Path, wanted: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) {
    return wanted ?? null;
  }
  const removes = rest.length === 0 && wanted === undefined;
  if (typeof key === "number") {
    const list = Array.isArray(value) ? [...value] : [];
    if (removes) {
      list.splice(key, 1);
    } else {
      list[key] = rest.length === 0 ? (wanted ?? null) : withValue(list[key], rest, wanted);
    }
    return list;
  }
  const object: JsonObject = isObject(value) ? { ...value } : {};
  if (removes) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- keys are ids that people chose
    delete object[key];
  } else {
    object[key] = rest.length === 0 ? (wanted ?? null) : withValue(object[key], rest, wanted);
  }
  return object;
}

/** Whether two values are the same JSON, whatever the order of their keys. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) {
    return true;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
    );
  }
  return false;
}
