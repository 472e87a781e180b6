import { h } from "./dom.ts";

/** A moment as the person's browser writes it, to the minute. */
export function momentText(at: string | Date, dateStyle: "medium" | "long" = "medium"): string {
  return new Date(at).toLocaleString(undefined, { dateStyle, timeStyle: "short" });
}

/** How long ago a moment is, with the moment itself for whoever points at it. */
export function agoTime(at: string): HTMLElement {
  const then = new Date(at);
  return h("time", { datetime: at, title: momentText(then, "long") }, agoText(then));
}

/** How long ago, in the largest unit that fits; past a month, the date. */
export function agoText(then: Date, now = new Date()): string {
  const seconds = (now.getTime() - then.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 60) return "just now";
  if (seconds < 3600) return words.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return words.format(-Math.floor(seconds / 3600), "hour");
  if (seconds < 30 * 86_400) return words.format(-Math.floor(seconds / 86_400), "day");
  return then.toLocaleDateString("en", { dateStyle: "medium" });
}
