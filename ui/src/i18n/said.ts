/** What the engine says, in the language of the page. */

import { createContext, use } from "react";

import { EngineTexts } from "../model/engine_texts.ts";

export const SaidContext = createContext(new EngineTexts());

export function useSaid(): EngineTexts {
  return use(SaidContext);
}
