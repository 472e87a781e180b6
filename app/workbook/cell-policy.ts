import type { Cell, CellPolicy } from "../../runtime/cell.ts";

/** The policies as a person chooses among them, in the order of a menu: they complete “Run: …”. */
export const policyNames: Readonly<Record<CellPolicy, string>> = {
  auto: "Automatically",
  once: "Once",
  manual: "When I say so",
};

/** What each policy means, in a sentence without a full stop. */
export const policyTexts: Readonly<Record<CellPolicy, string>> = {
  auto: "Runs by itself whenever its code or what it reads changes",
  once: "Runs by itself once. After that it runs when you say so, and changes make it stale",
  manual: "Runs when you say so. Until then, changes make it stale",
};

/** All policies, in the order of a menu. */
export const policies = Object.keys(policyNames) as readonly CellPolicy[];

/** When a cell runs, said or not. */
export function policyOf(cell: Cell | undefined): CellPolicy {
  return cell?.policy ?? "auto";
}

/** The policy that a key gives in the place of another: the two that hold back, then none. */
export function nextPolicy(policy: CellPolicy): CellPolicy {
  const next = { auto: "manual", manual: "once", once: "auto" } as const;
  return next[policy];
}
