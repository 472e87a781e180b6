import { count } from "../number-format.ts";
import type { SecretFinding } from "./secrets.ts";

/** One kind of finding: how many different ones there are, and what they look like, masked. */
export interface SecretKind {
  readonly kind: string;
  readonly excerpts: readonly string[];
}

/** Findings by kind; what stands in several places, as in a source and its output, is one. */
export function secretKinds(
  found: readonly Pick<SecretFinding, "kind" | "excerpt">[],
): readonly SecretKind[] {
  const kinds = new Map<string, Set<string>>();
  for (const { kind, excerpt } of found)
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(excerpt));
  return Array.from(kinds, ([kind, excerpts]) => ({ kind, excerpts: [...excerpts] }));
}

/** Findings in a few words: `2 e-mail addresses, 1 GitHub token`. */
export function secretsText(found: readonly Pick<SecretFinding, "kind" | "excerpt">[]): string {
  return secretKinds(found)
    .map(({ kind, excerpts }) =>
      count(excerpts.length, kind, /(s|x|ch)$/.test(kind) ? `${kind}es` : `${kind}s`),
    )
    .join(", ");
}
