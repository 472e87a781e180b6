import type { Check, Verdict } from "./receipt.ts";

const order: readonly Verdict[] = ["pass", "warn", "fail", "abort"];

/** What a list of checks comes to: the worst of them; `pass` for none. */
export function worstVerdict(checks: readonly Check[]): Verdict {
  return checks.reduce<Verdict>(
    (worst, check) => (order.indexOf(check.verdict) > order.indexOf(worst) ? check.verdict : worst),
    "pass",
  );
}

/** Whether something may go on: nothing failed. Warnings do not stop. */
export function isPassing(verdict: Verdict): boolean {
  return verdict === "pass" || verdict === "warn";
}
