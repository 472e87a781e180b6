import { missingRung } from "../engines/ladder-reasons.ts";
import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import type { Plan } from "../engines/plan.ts";
import type { SmallRunSpeed } from "../engines/prediction.ts";
import type { Receipt, ReceiptBody } from "../engines/receipt.ts";
import type { RunRequest } from "../engines/run.ts";
import { isPassing } from "../engines/verdict.ts";
import type { Receipts } from "./receipts.ts";
import { ServerError, type Reason } from "./server-error.ts";
import { smallRunSpeed } from "./small-run-speed.ts";
import type { Workspace } from "./workspace.ts";

/** Where a recipe stands on the ladder, and what a full run of it still lacks. */
export interface LadderState {
  /** the newest of each that counts; null where there is none */
  readonly dryRun: Receipt | null;
  readonly smallRun: Receipt | null;
  /** empty when the full tier is open */
  readonly reasons: readonly Reason[];
  /** how fast the small run went, to predict a full one; null where nobody measured */
  readonly smallRunSpeed: SmallRunSpeed | null;
}

/** Repeats a dry run on the rows in a blob; never rejects for a fault of the plan. */
export type DryRun = (plan: Plan, blob: string) => Promise<ReceiptBody>;

/**
 * Decides what may run at the full tier: a plan whose dry run and small run have passed, vouched for
 * by the shell or the server, and whose dry run passes once more when we do it ourselves.
 */
export class Ladder {
  /** dry runs that passed or are under way, by plan and rows */
  private readonly repeated = new Map<string, Promise<readonly Reason[]>>();

  constructor(
    private readonly workspace: Workspace,
    private readonly dryRun: DryRun,
  ) {}

  /** Where a recipe stands by its receipts alone. */
  async state(recipe: string): Promise<LadderState> {
    const { receipts } = this.workspace;
    const dryRun = await receipts.newest("dryRun", recipe);
    const smallRun = await receipts.newest("smallRun", recipe);
    const reasons = [
      ...(await missing(receipts, "dryRun", dryRun, recipe)),
      ...(await missing(receipts, "smallRun", smallRun, recipe)),
      ...(await this.checkSmallRun(smallRun, recipe)),
    ];
    return {
      dryRun: dryRun ?? null,
      smallRun: smallRun ?? null,
      reasons,
      smallRunSpeed: await smallRunSpeed(this.workspace, recipe),
    };
  }

  /** Everything that a full run lacks; empty where it may pass. */
  async lacking(request: RunRequest): Promise<readonly Reason[]> {
    const { dryRun, reasons } = await this.state(recipeDigest(request.plan));
    return dryRun === null || reasons.length > 0
      ? reasons
      : await this.repeat(request.plan, dryRun);
  }

  private async checkSmallRun(
    receipt: Receipt | undefined,
    recipe: string,
  ): Promise<readonly Reason[]> {
    if (receipt === undefined || !isPassing(receipt.verdict)) return [];
    const wrong = (code: string, message: string): Reason[] => [
      { stage: "smallRun", code, message: `${message}; do the small run again` },
    ];
    const key = receipt.subject.run;
    const run = key === undefined ? undefined : await this.workspace.runs.find(key);
    if (run === undefined)
      return wrong("small-run-unknown", "the small run that the receipt names is not kept here");
    if (run.request.tier !== "small" || recipeDigest(run.request.plan) !== recipe)
      return wrong("small-run-other", "the receipt of the small run names a run of something else");
    if (run.state !== "succeeded")
      return wrong(
        "small-run-unfinished",
        `the small run that the receipt names did not succeed: it is ${run.state}`,
      );
    return [];
  }

  private async repeat(plan: Plan, receipt: Receipt): Promise<readonly Reason[]> {
    const { blob } = receipt.subject;
    if (blob === undefined || !(await this.workspace.blobs.has(blob)))
      return [
        {
          stage: "dryRun",
          code: "dry-run-rows",
          message:
            "the rows of the dry run are not kept here, so it cannot be repeated; do the dry run again",
        },
      ];
    const name = `${planDigest(plan)} ${blob}`;
    const known = this.repeated.get(name) ?? this.repeatNow(plan, blob, receipt);
    this.repeated.set(name, known);
    const forget = (): boolean => this.repeated.delete(name);
    const reasons = await known.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (reasons.length > 0) forget();
    return reasons;
  }

  /** Does the dry run and writes it into the ledger: one that fails closes the full tier again. */
  private async repeatNow(
    plan: Plan,
    blob: string,
    { subject: { data } }: Receipt,
  ): Promise<readonly Reason[]> {
    const found = await this.dryRun(plan, blob);
    const subject = {
      ...found.subject,
      plan: planDigest(plan),
      recipe: recipeDigest(plan),
      ...(data === undefined ? {} : { data }),
      blob,
    };
    const { checks, verdict, summary } = await this.workspace.receipts.add(
      { ...found, stage: "dryRun", subject },
      "server",
    );
    if (isPassing(verdict)) return [];
    const faults = checks.filter((check) => !isPassing(check.verdict));
    return (faults.length > 0 ? faults : [{ message: summary }]).map((fault) => ({
      stage: "dryRun",
      code: "dry-run-repeated",
      message: `the server's own dry run fails: ${"where" in fault && fault.where !== undefined ? `${fault.where}: ` : ""}${fault.message}`,
    }));
  }
}

/** What a stage's newest receipt that counts does not show. */
async function missing(
  receipts: Receipts,
  stage: "dryRun" | "smallRun",
  receipt: Receipt | undefined,
  recipe: string,
): Promise<readonly Reason[]> {
  const isClaimed = receipt === undefined && (await receipts.isClaimed(stage, recipe));
  return missingRung(stage, receipt, isClaimed);
}

/** The refusal of a full run that lacks something. */
export function closedLadder(reasons: readonly Reason[]): ServerError {
  return new ServerError(
    403,
    "ladder",
    `the full tier is closed for this plan: ${reasons.map(({ message }) => message).join("; ")}`,
    { reasons, hint: "climb the tiers below with this very plan, then submit again" },
  );
}
