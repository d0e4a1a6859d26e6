/** Which page the address names: `#/flows/boiler`, `#/devices/pump-7?tab=commands`. */

import { useSyncExternalStore } from "react";

export interface Route {
  /** The first word: a page of `pages.ts`; `flows` where the address names none. */
  readonly page: string;
  /** What follows, such as the id of a flow or of a device. */
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const HOME = "flows";

export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page = "", ...rest] = path.split("/").filter(Boolean).map(decoded);
  return { page: page === "" ? HOME : page, rest, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a page: what a link's `href` says. Values of the query that are empty are left out. */
export function hrefOf(page: string, rest: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
  return `#/${[page, ...rest].map(encodeURIComponent).join("/")}${search}`;
}

/** Go to a page; the way back leads to the one before. */
export function go(page: string, rest: readonly string[] = [], query: Readonly<Record<string, string>> = {}): void {
  location.hash = hrefOf(page, rest, query);
}

/** Say where we are without a step in the history: another filter, the flow that is shown first. */
export function replace(page: string, rest: readonly string[] = [], query: Readonly<Record<string, string>> = {}): void {
  history.replaceState(null, "", hrefOf(page, rest, query));
  // Replacing tells nobody by itself.
  dispatchEvent(new Event("hashchange"));
}

/** The page that the address names; the view is drawn anew when it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return known.hash === hash ? known.route : remember(hash);
}

let known: { hash: string; route: Route } = { hash: "", route: routeOf("") };

function remember(hash: string): Route {
  known = { hash, route: routeOf(hash) };
  return known.route;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => {
    removeEventListener("hashchange", listener);
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
