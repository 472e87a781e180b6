import type { FingerprintChange } from "./fingerprint-change.ts";

/** Why a cell ran again, or why what it shows is stale. */
export interface Explanation {
  /**
   * `ran`: the last run beside the finished one before it. `restored`: the same, where the last result
   * came back without a run. `stale`: what the cell would run on now beside its last finished run.
   */
  readonly kind: "ran" | "restored" | "stale";
  /** the parts of the fingerprint that differ; none where the cell ran again on equal ones */
  readonly changes: readonly FingerprintChange[];
  /** the same in words, without a full stop: "Ran again because `features` changed" */
  readonly text: string;
}

const starts = { ran: "Ran again", restored: "Brought back", stale: "Stale" } as const;

/** Puts changes in words. */
export function explanationOf(
  kind: Explanation["kind"],
  changes: readonly FingerprintChange[],
): Explanation {
  const start = starts[kind];
  const text =
    changes.length === 0
      ? `${start}, though nothing that it is made of changed`
      : `${start} because ${list(reasons(changes))}`;
  return { kind, changes, text };
}

function reasons(changes: readonly FingerprintChange[]): readonly string[] {
  const things = (how: FingerprintChange["how"]): string =>
    list(
      changes.flatMap((change) =>
        change.how === how && change.part !== "volatile" ? [thing(change)] : [],
      ),
    );
  const [changed, added, removed] = [things("changed"), things("added"), things("removed")];
  const volatile = changes.find(({ part }) => part === "volatile");
  const world = "reads the clock, randomness or the network";
  return [
    changed === "" ? "" : `${changed} changed`,
    added === "" ? "" : `it now reads ${added}`,
    removed === "" ? "" : `it no longer reads ${removed}`,
    volatile === undefined
      ? ""
      : volatile.how === "removed"
        ? `it no longer ${world}`
        : `it ${world}`,
  ].filter((reason) => reason !== "");
}

function thing({ part, name = "" }: FingerprintChange): string {
  switch (part) {
    case "mode":
    case "code":
      return `the ${part}`;
    case "cell":
    case "global":
      return `\`${name}\``;
    case "builtins":
      return "the version of the builtins";
    default:
      return `the ${part} \`${name}\``;
  }
}

function list(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join();
  return `${texts.slice(0, -1).join(", ")} and ${texts[texts.length - 1]}`;
}
