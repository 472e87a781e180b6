import * as v from "valibot";
import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import { digestSchema } from "../engines/receipt-schema.ts";
import type { RunOverride } from "../engines/run-override.ts";
import type { RunRequest } from "../engines/run.ts";
import type { Ledger } from "./ledger.ts";
import type { Reason } from "./server-error.ts";

/** A person's word that a full run shall start although its ladder lacks something. */
export interface OverrideWord {
  /** as `readReason` gives it */
  readonly reason: string;
  /** where the person said so */
  readonly by: "page" | "command line";
}

/** An override as the ledger has it, and the run that it was for. */
export interface LedgerOverride extends RunOverride {
  readonly key: string;
}

/**
 * Writes an override into the ledger. The run that it is for is made only after that, so that there
 * is none whose override the ledger does not know.
 *
 * @param lacking everything that the ladder gave as a reason against the run
 */
export async function recordOverride(
  ledger: Ledger,
  { key, request }: { readonly key: string; readonly request: RunRequest },
  { reason, by }: OverrideWord,
  lacking: readonly Reason[],
): Promise<RunOverride> {
  const { plan, workbook } = request;
  const body = {
    key,
    plan: planDigest(plan),
    recipe: recipeDigest(plan),
    ...(workbook === undefined ? {} : { workbook }),
    reason,
    lacking,
    by,
  };
  const [entry] = await ledger.append([{ type: "override", body }]);
  if (entry === undefined) throw new Error("the ledger took no override");
  return { reason, lacking: sentences(lacking), at: entry.at, entry: entry.hash };
}

/** The overrides with some entries' hashes, in the order of the ledger. */
export async function overridesNamed(
  ledger: Ledger,
  hashes: ReadonlySet<string>,
): Promise<readonly LedgerOverride[]> {
  if (hashes.size === 0) return [];
  return (await ledger.entries()).flatMap(({ type, at, hash, body }) => {
    if (type !== "override" || !hashes.has(hash)) return [];
    const parsed = v.safeParse(bodySchema, body);
    if (!parsed.success) return [];
    const { key, reason, lacking } = parsed.output;
    return [{ key, reason, lacking: sentences(lacking), at, entry: hash }];
  });
}

const bodySchema = v.object({
  key: digestSchema,
  reason: v.string(),
  lacking: v.array(v.object({ message: v.string() })),
});

/** What the run itself keeps of the reasons: a broken plan may have a hundred, and long ones. */
const kept = { reasons: 20, characters: 500 };

function sentences(lacking: readonly Pick<Reason, "message">[]): readonly string[] {
  const more = lacking.length - kept.reasons;
  return [
    ...lacking.slice(0, kept.reasons).map(({ message }) => clipped(message)),
    ...(more > 0 ? [`${more} more reasons, which the ledger has`] : []),
  ];
}

function clipped(text: string): string {
  const characters = [...text];
  return characters.length <= kept.characters
    ? text
    : `${characters.slice(0, kept.characters).join("")}…`;
}
