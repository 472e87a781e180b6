import type { Preferences } from "./preferences.ts";

/** Gives the page the colours that the person chose, or the system's. */
export function applyColors({ colorScheme }: Preferences): void {
  const { style } = document.documentElement;
  style.colorScheme = colorScheme === "system" ? "light dark" : colorScheme;
}
