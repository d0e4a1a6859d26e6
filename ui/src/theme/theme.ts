/** Light, dark, or as the system is. */

const KEPT = "flowengine.theme";
const ORDER = ["system", "light", "dark"] as const;
type Theme = (typeof ORDER)[number];

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = kept();
}

export function switchTheme(): void {
  const next = ORDER[(ORDER.indexOf(kept()) + 1) % ORDER.length] ?? "system";
  localStorage.setItem(KEPT, next);
  applyTheme();
}

function kept(): Theme {
  const theme = localStorage.getItem(KEPT);
  return theme === "light" || theme === "dark" ? theme : "system";
}
