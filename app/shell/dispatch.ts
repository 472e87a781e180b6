import type { DryRunRequest, RunUpdate, SubmitRequest, TrainRequest } from "../../cells/host.ts";
import {
  parsePlan,
  runKey,
  type Device,
  type Receipt,
  type ReceiptBody,
  type RunRequest,
} from "../../engines/index.ts";
import { ApiError } from "./api.ts";
import type { KnownRun } from "./api-schema.ts";
import { updatesOnceAsked, type AskedRun } from "./asked-run.ts";
import { AskedRuns } from "./asked-runs.ts";
import { Changes } from "./change-stream.ts";
import { checkedMessage, checkedRows } from "./checked-rows.ts";
import { DryRuns } from "./dry-runs.ts";
import { DispatchError, type DispatchServices, type Person } from "./dispatch-services.ts";
import { FollowedRun } from "./followed-run.ts";
import { canOverride, predictionFor, reasonsFor } from "./ladder-reading.ts";
import { lastAttemptOf } from "./last-attempt.ts";
import { followLedger, type LedgerGain } from "./ledger-news.ts";
import type { LocalRuns } from "./local-runs.ts";
import { capitalised } from "./plan-text.ts";
import { WorkbookReceipts } from "./workbook-receipts.ts";

/**
 * Takes a workbook's requests up the ladder. It believes nothing that the frame says of its rows,
 * looks every run up before it makes one, and starts none that a person did not ask for.
 */
export class Dispatch {
  /** runs asked for, or a receipt written */
  readonly changes = new Changes();
  /** how many dry runs are under way */
  dryRunsUnderWay = 0;
  /** of the plan that the workbook spoke of last; one that is no plan has none */
  recipe: string | undefined;
  private readonly noted: WorkbookReceipts;
  private readonly asked = new AskedRuns(() => this.changes.notify());
  private readonly dryRuns: DryRuns;
  /** full runs that are followed, and how to let go of them */
  private readonly followed = new Map<string, { run: FollowedRun; stop: () => void }>();
  private readonly stopLedger: () => void;
  private isConfirming = false;

  constructor(
    private readonly workbook: string,
    private readonly services: DispatchServices,
    private readonly person: Person,
    private readonly local: LocalRuns,
  ) {
    this.dryRuns = new DryRuns(services);
    this.noted = new WorkbookReceipts(services.api, (receipt) => this.note(receipt));
    this.stopLedger = followLedger(services.feed, services.api, (gain) => this.recheck(gain));
  }

  /** Stops hearing the ledger. Runs go on. */
  close(): void {
    this.stopLedger();
    for (const { stop } of this.followed.values()) stop();
  }

  /** the latest receipt of each stage that is no run */
  get receipts(): ReadonlyMap<Receipt["stage"], Receipt> {
    return this.noted.byStage;
  }

  /** The runs asked for at a tier, the latest first. */
  runs(tier: "small" | "full"): readonly AskedRun[] {
    return this.asked.ofTier(tier);
  }

  /** Writes down what the workbook itself found; it opens nothing. */
  receipt(body: ReceiptBody): Promise<Receipt> {
    return this.noted.write(body);
  }

  /** Shows what the workbook itself found before; whether the ledger has it. */
  recallReceipt(id: string): Promise<boolean> {
    return this.noted.recall(id);
  }

  async dryRun({ plan, rows, device }: DryRunRequest): Promise<Receipt> {
    this.dryRunsUnderWay += 1;
    const take = this.noted.expect();
    this.changes.notify();
    try {
      const facts = await checkedMessage(rows, this.services.inspect);
      const receipt = await this.dryRuns.run(plan, rows.ipc, facts, this.deviceFor(device));
      take(receipt);
      return receipt;
    } finally {
      this.dryRunsUnderWay -= 1;
      this.changes.notify();
    }
  }

  train(request: TrainRequest): AsyncIterable<RunUpdate> {
    return this.open("small", request);
  }

  submit(request: SubmitRequest): AsyncIterable<RunUpdate> {
    return this.open("full", request);
  }

  /** Stops a run that this workbook has asked for. */
  async cancel(key: string): Promise<void> {
    const asked = this.asked.withKey(key);
    if (this.local.cancel(key)) return;
    if (asked.run !== undefined && !asked.run.isOver && asked.request.tier === "full")
      await this.services.api.cancelRun(key);
  }

  /**
   * A card asks: a small run starts where the person has allowed that, a full one is shown. What no
   * click stands behind only draws the eye to the strip.
   */
  ask(key: string): void {
    const asked = this.asked.withKey(key);
    if (asked.run !== undefined && !asked.run.isOver) return;
    const isAllowed = asked.request.tier === "full" || this.person.allowsSmallRuns();
    if (asked.canStart && isAllowed && this.person.isPresent())
      this.start(asked).catch(() => this.person.callTo(asked));
    else this.person.callTo(asked);
  }

  /** The person starts a run: a small one at once, a full one after the confirmation. */
  async start(asked: AskedRun): Promise<void> {
    if (!asked.canStart || asked.isStarting || !asked.isToBeRun) return;
    if (asked.request.tier === "small") return this.startSmall(asked);
    await this.confirming(() => this.person.confirm(asked, () => this.submitFull(asked)));
  }

  /** The person starts a full run without the receipts that it lacks, once they have said why. */
  async override(asked: AskedRun): Promise<void> {
    if (!asked.canOverride || asked.isStarting || asked.run !== undefined) return;
    await this.confirming(() =>
      this.person.confirmOverride(asked, (reason) => this.submitFull(asked, reason)),
    );
  }

  /** The person chose another device: what has not started yet is another run now. */
  async deviceChanged(): Promise<void> {
    const waiting = this.runs("small").filter(
      ({ run, askedDevice }) => run === undefined && askedDevice === "auto",
    );
    await Promise.all(waiting.map((asked) => this.look(asked)));
  }

  /** One confirmation at a time. */
  private async confirming(confirm: () => Promise<void>): Promise<void> {
    if (this.isConfirming) return;
    this.isConfirming = true;
    try {
      await confirm();
    } finally {
      this.isConfirming = false;
    }
  }

  /** The ledger has grown: who waits for what it gained is looked at again. */
  private async recheck(gain: LedgerGain | undefined): Promise<void> {
    const waiting = this.asked
      .all()
      .filter(({ isToBeRun, isStarting }) => isToBeRun && !isStarting);
    await Promise.all(
      waiting.map(async (asked) => {
        if (gain === undefined || gain.runs.has(asked.key)) await this.look(asked);
        else if (gain.recipes.has(asked.recipe)) await this.explain(asked);
      }),
    );
  }

  private open(tier: "small" | "full", request: SubmitRequest): AsyncIterable<RunUpdate> {
    return updatesOnceAsked(() => this.prepare(tier, request));
  }

  private async prepare(tier: "small" | "full", request: SubmitRequest): Promise<AskedRun> {
    const plan = parsePlan(request.plan);
    if (tier === "small" && request.engine !== "tfjs")
      throw new DispatchError(
        `A small run in the page uses the engine tfjs, not ${request.engine}`,
        "engine",
        "Leave `engine` out for the small run; the full run may use another",
      );
    const run: RunRequest = {
      tier,
      plan,
      rows: await checkedRows(request.rows, this.services.inspect),
      engine: request.engine,
      device: request.device,
      workbook: this.workbook,
    };
    const ipc = "ipc" in request.rows ? request.rows.ipc : undefined;
    const asked = this.asked.ask(plan, run, ipc);
    this.recipe = asked.recipe;
    const hasEndedBadly = asked.run?.isOver === true && asked.run.result?.state !== "succeeded";
    if (hasEndedBadly) asked.run = undefined;
    if (asked.isLooking || hasEndedBadly) await this.look(asked);
    return asked;
  }

  /** Finds the run of a request where there is one, else what it waits for. */
  private async look(asked: AskedRun): Promise<void> {
    if (asked.request.tier === "small") {
      asked.request = { ...asked.request, device: this.deviceFor(asked.askedDevice) };
      asked.key = runKey(asked.request);
    }
    const { key } = asked;
    const local = this.local.find(key);
    if (local !== undefined) return asked.attach(local);
    const known = await this.services.api.run(key);
    if (asked.key !== key || asked.run !== undefined) return;
    asked.lastAttempt = known && lastAttemptOf(known);
    if (known !== undefined && asked.lastAttempt === undefined) {
      const run = await this.follow(known);
      if (asked.run !== undefined) return;
      asked.attach(run);
      // what was published elsewhere can be run here as well
      if (!run.isPublished) return;
    }
    await this.explain(asked);
  }

  /** Says what a request that nobody has started waits for. */
  private async explain(asked: AskedRun): Promise<void> {
    const question = ++asked.question;
    const ladder = await this.services.api.ladder(asked.recipe);
    if (asked.question !== question || !asked.isToBeRun || asked.isStarting) return;
    asked.prediction = predictionFor(asked.request, ladder);
    asked.wait(reasonsFor(asked.request, ladder), canOverride(asked.request, ladder.reasons));
  }

  /** A run that the server has: finished ones are read, live ones followed. */
  private async follow(known: KnownRun, isKnown = true): Promise<FollowedRun> {
    const before = this.followed.get(known.key)?.run;
    if (before !== undefined && !before.isOver) return before;
    const run = new FollowedRun(known.key, known.request, isKnown, known.isPublished);
    if (known.result != null) {
      const { events, result } = await this.services.api.runRecord(known.key);
      for (const event of events) run.append(event);
      run.finish(result ?? known.result);
    } else {
      const stop = this.services.feed.follow(known.key, 0, {
        event: (event) => run.append(event),
        result: (result) => run.finish(result),
      });
      this.followed.set(known.key, { run, stop });
    }
    return run;
  }

  private startSmall(asked: AskedRun): void {
    const { ipc } = asked;
    // rows that are not sent belong to full runs
    if (ipc === undefined) return;
    const run = new FollowedRun(asked.key, asked.request, false);
    asked.lastAttempt = undefined;
    asked.attach(this.local.start(run, ipc, this.services));
  }

  private async submitFull(asked: AskedRun, reason?: string): Promise<void> {
    const { api } = this.services;
    const { key, request, canOverride: couldOverride } = asked;
    asked.isStarting = true;
    asked.changes.notify();
    try {
      const { rows } = request;
      if ("blob" in rows && asked.ipc !== undefined) await api.putBlob(rows.blob, asked.ipc);
      await api.putRun(key, request, {
        ...(asked.lastAttempt !== undefined && { again: true }),
        ...(reason !== undefined && { override: { reason } }),
      });
      asked.lastAttempt = undefined;
      asked.attach(await this.follow({ key, request, state: "accepted" }, false));
    } catch (error) {
      if (error instanceof ApiError && error.code === "ladder")
        asked.wait(
          error.reasons.map(({ message }) => capitalised(message)),
          canOverride(request, error.reasons),
        );
      else asked.wait(asked.reasons, couldOverride);
      throw error;
    }
  }

  private deviceFor(asked: Device): Device {
    return asked === "auto" ? this.person.device() : asked;
  }

  private note(receipt: Receipt): void {
    if (receipt.stage === "dryRun") this.recipe = receipt.subject.recipe ?? "none";
    if (receipt.stage === "plan") this.recipe = receipt.subject.recipe ?? this.recipe;
    this.changes.notify();
  }
}
