/** Texts in the user's language. */

import { createContext, use, useMemo, useState, type ReactNode } from "react";

import { en, type Catalogue, type TextKey } from "./en.ts";
import { zh } from "./zh.ts";

export type Language = "en" | "zh";
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

const CATALOGUES: Record<Language, Catalogue> = { en, zh };
const KEPT = "flowengine.language";

interface Texts {
  readonly language: Language;
  readonly t: Translate;
  readonly choose: (language: Language) => void;
}

export function translate(language: Language): Translate {
  const catalogue = CATALOGUES[language];
  return (key, values = {}) =>
    catalogue[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "zh") {
    return kept;
  }
  return navigator.languages.some((one) => one.toLowerCase().startsWith("zh")) &&
    !navigator.languages[0]?.toLowerCase().startsWith("en")
    ? "zh"
    : "en";
}

const Context = createContext<Texts>({ language: "en", t: translate("en"), choose: () => undefined });

export function TextsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferred);
  const texts = useMemo<Texts>(
    () => ({
      language,
      t: translate(language),
      choose: (wanted) => {
        localStorage.setItem(KEPT, wanted);
        document.documentElement.lang = wanted;
        setLanguage(wanted);
      },
    }),
    [language],
  );
  return <Context value={texts}>{children}</Context>;
}

export function useTexts(): Texts {
  return use(Context);
}
