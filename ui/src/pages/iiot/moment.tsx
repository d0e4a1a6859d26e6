/** Times as people read them. */

import { useTexts, type Language } from "../../i18n/texts.tsx";
import { useNow } from "../../shell/use_now.ts";

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [60, "second"],
  [3_600, "minute"],
  [86_400, "hour"],
  [Infinity, "day"],
];

/** How long ago something was, such as "3 minutes ago". */
export function agoText(at: number, now: number, language: Language): string {
  const seconds = Math.max(now - at, 0);
  const [, unit] = STEPS.find(([limit]) => seconds < limit) ?? [0, "day" as const];
  const size = { second: 1, minute: 60, hour: 3_600, day: 86_400 }[unit as "second" | "minute" | "hour" | "day"];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
}

export function dateText(at: number, language: Language): string {
  return new Date(at * 1000).toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
}

const TICK = 5;

/** A time, in seconds since 1970; how long ago it was, and on the pointer when. */
export function Moment({ at, isExact = false }: { at: number | null; isExact?: boolean }) {
  const { t, language } = useTexts();
  const now = useNow(TICK);
  if (at === null) {
    return <span className="quiet">{t("devices.never")}</span>;
  }
  const date = dateText(at, language);
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={date}>
      {isExact ? date : agoText(at, now, language)}
    </time>
  );
}
