/** Telemetry as a device sent it, taken apart into values by their paths, and how they move. */

import { isObject, type Json } from "./json.ts";

const MOST_VALUES = 200;
const MOST_POINTS = 300;

/** The numbers of one telemetry. */
export interface Point {
  /** When it came, in seconds since 1970. */
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

/** All single values with their paths, such as `pump.speed`; bounded. */
export function valuesOf(telemetry: unknown): [path: string, shown: string][] {
  return leaves(telemetry).map(([path, value]) => [path, typeof value === "string" ? value : JSON.stringify(value)]);
}

export function numbersOf(telemetry: unknown): Map<string, number> {
  return new Map(leaves(telemetry).flatMap(([path, value]) => (typeof value === "number" ? [[path, value]] : [])));
}

/** A series with one telemetry more; the same series if it has that already. */
export function seriesWith(series: readonly Point[], at: number | null, telemetry: unknown): readonly Point[] {
  const last = series.at(-1);
  if (at === null || (last !== undefined && at <= last.at)) {
    return series;
  }
  return [...series, { at, values: numbersOf(telemetry) }].slice(-MOST_POINTS);
}

function leaves(telemetry: unknown): [string, Json][] {
  const found: [string, Json][] = [];
  const walk = (value: Json, path: string): void => {
    if (found.length >= MOST_VALUES) {
      return;
    }
    if (Array.isArray(value)) {
      value.forEach((one, at) => {
        walk(one, `${path}[${at}]`);
      });
    } else if (isObject(value)) {
      for (const [name, one] of Object.entries(value)) {
        walk(one, path === "" ? name : `${path}.${name}`);
      }
    } else {
      found.push([path === "" ? "value" : path, value]);
    }
  };
  if (telemetry !== null && telemetry !== undefined) {
    walk(telemetry as Json, "");
  }
  return found;
}
