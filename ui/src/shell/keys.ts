import { keyMap } from "./commands/table.ts";

/** The keys of all commands in this browser. */
export const KEYS = keyMap(localStorage);

export const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
