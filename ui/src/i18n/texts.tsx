/** Texts in the user's language. */

import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";

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

/** What people call something that the engine names; the name itself where no catalogue knows it. */
export function called(t: Translate, kind: "category" | "event" | "flowState", name: string): string {
  const key = `${kind}.${name}`;
  return isKey(key) ? t(key) : name;
}

function isKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "zh") {
    return kept;
  }
  // The first of the person's languages that there is a catalogue for.
  return navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => one === "en" || one === "zh") ?? "en";
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
        setLanguage(wanted);
      },
    }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  }, [language]);
  return <Context value={texts}>{children}</Context>;
}

export function useTexts(): Texts {
  return use(Context);
}
