import type { Verdict } from "../engines/receipt.ts";
import type { Card } from "./card.ts";

/** A card's status in a word that a person reads. */
export const statusWords: Readonly<Record<Card["status"], string>> = {
  waiting: "waiting",
  running: "running",
  pass: "passed",
  warn: "passed with warnings",
  fail: "failed",
  stale: "stale",
  cancelled: "cancelled",
  lost: "lost",
};

/** A mark for a status or a verdict, for eyes only; the word always stands beside it. */
export const marks: Readonly<Record<Card["status"] | Verdict, string>> = {
  waiting: "○",
  running: "◔",
  pass: "✓",
  warn: "!",
  fail: "✕",
  abort: "✕",
  stale: "◌",
  cancelled: "–",
  lost: "?",
};
