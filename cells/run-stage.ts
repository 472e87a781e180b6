import type { Device, Tier } from "../engines/run.ts";
import { PlanError } from "../engines/plan-check.ts";
import { scalePlan } from "../engines/plan-digest.ts";
import {
  newSnapshot,
  snapshotAfter,
  snapshotWithResult,
  type RunSnapshot,
} from "../engines/run-state.ts";
import type { Plan } from "../engines/plan.ts";
import type { Live } from "../runtime/live.ts";
import type { Card } from "./card.ts";
import type { Host, LostResult, RunUpdate, SubmitRequest, TrainRequest } from "./host.ts";
import { changesBetween, type KnownRuns } from "./known-runs.ts";
import { describe, list, readOptions } from "./options.ts";
import { readPlan } from "./read-plan.ts";
import { devRows, fullRows, readTable } from "./rows.ts";
import { runCard, waitingCard, type PreviousRun, type RunContext } from "./run-card.ts";
import { emptyLog, logAfter } from "./run-log.ts";
import { stage, type StageReport } from "./stage.ts";
import { StageError } from "./stage-error.ts";
import { throttle } from "./throttle.ts";

/** What a run may be asked besides its plan: the scale fields, and where it runs. */
export interface RunOptions {
  readonly epochs?: number;
  readonly batch?: number;
  readonly device?: Device;
  readonly engine?: TrainRequest["engine"];
}

/** Milliseconds between two states of a run that goes on. */
const pace = 100;

/**
 * The stage that follows a run: it waits until it is started, shows it as it goes, and gives its
 * snapshots. It ends with the run; a run that did not succeed is an error. Whoever stops watching
 * detaches; the run goes on.
 */
export function runStage(
  host: Host,
  known: KnownRuns,
  tier: "small" | "full",
  args: { readonly plan: unknown; readonly rows: unknown; readonly options: unknown },
): Live<RunSnapshot> {
  const call = tier === "small" ? "smallRun(plan, dev, options)" : "fullRun(plan, table, options)";
  const allowed = ["epochs", "batch", "device", ...(tier === "full" ? ["engine"] : [])];
  const options = readOptions(call, args.options ?? {}, allowed);
  const given = readPlan(call, args.plan);
  const table = readTable(call, args.rows);
  const device = readChoice(call, options, "device", ["auto", "webgpu", "wasm"] as const);
  const engine = readChoice(call, options, "engine", ["tfjs", "torch"] as const);
  const { epochs, batch } = options;
  return stage<RunSnapshot>(openingCard(tier), async (report) => {
    const choices = { plan: scaled(call, given, { epochs, batch }), engine, device };
    if (tier === "small") {
      const request = { ...choices, rows: devRows(call, table) };
      await follow(known, { tier, request }, host.train(request), report);
    } else {
      const request = { ...choices, rows: await fullRows(host, table, report.signal) };
      await follow(known, { tier, request }, host.submit(request), report);
    }
  });
}

async function follow(
  known: KnownRuns,
  { tier, request }: { readonly tier: Tier; readonly request: SubmitRequest },
  updates: AsyncIterable<RunUpdate>,
  { show, signal }: StageReport<RunSnapshot>,
): Promise<void> {
  let context: RunContext = { tier, request, known: false, log: emptyLog };
  let snapshot: RunSnapshot | undefined;
  const showRun = (run: RunSnapshot): void => show({ card: runCard(context, run), value: run });
  const showSoon = throttle<RunSnapshot>(pace, showRun);
  try {
    for await (const update of until(signal, updates)) {
      if (update.type === "waiting") {
        const previous = previousRun(known, tier, request);
        const predictedOn = backendOf(known, update.prediction?.from);
        showSoon.stop();
        show({
          card: waitingCard({ tier, request }, { ...update, predictedOn }, previous),
          waitsFor: update.reasons.join("; ") || "a person to start it",
          ...(previous !== undefined && { value: previous.snapshot }),
        });
      } else if (update.type === "attached") {
        const { known: isKnown, isPublished } = update;
        context = { ...context, known: isKnown, isPublished: isPublished === true };
        snapshot = newSnapshot(update.key, tier);
        showRun(snapshot);
      } else if (update.type === "event") {
        if (snapshot === undefined) continue;
        snapshot = snapshotAfter(snapshot, update.event);
        context = { ...context, log: logAfter(context.log, update.event) };
        known.keep(request, snapshot);
        showSoon(snapshot);
      } else {
        showSoon.stop();
        snapshot = ended(snapshot ?? newSnapshot(update.result.key, tier), update.result);
        known.keep(request, snapshot);
        showRun(snapshot);
        return failUnlessSucceeded(snapshot);
      }
    }
  } finally {
    showSoon.stop();
  }
  signal.throwIfAborted();
  throw new StageError("The run was followed no longer", "run-lost", "Run this cell again");
}

function previousRun(
  known: KnownRuns,
  tier: Tier,
  request: SubmitRequest,
): PreviousRun | undefined {
  const nearest = known.nearest(tier, request);
  if (nearest === undefined) return undefined;
  const changes = changesBetween(nearest.request, request);
  return { snapshot: nearest.snapshot, plan: nearest.request.plan, changes };
}

function backendOf(known: KnownRuns, key: string | undefined): string | undefined {
  return key === undefined ? undefined : known.find(key)?.snapshot.environment["backend"];
}

/** A stream until nobody watches any more; its source is then let go of. */
async function* until<Item>(
  signal: AbortSignal,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item, void> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), aborted]);
      if (step === undefined || step.done === true) return;
      yield step.value;
    }
  } finally {
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function ended(
  snapshot: RunSnapshot,
  result: Extract<RunUpdate, { type: "result" }>["result"],
): RunSnapshot {
  return isLost(result)
    ? { ...snapshot, state: "lost", reason: result.reason }
    : snapshotWithResult(snapshot, result);
}

function isLost(result: Extract<RunUpdate, { type: "result" }>["result"]): result is LostResult {
  return result.state === "lost";
}

function failUnlessSucceeded({ state, reason, step }: RunSnapshot): void {
  if (state === "succeeded") return;
  const why = reason === undefined ? "" : `: ${reason}`;
  if (state === "cancelled")
    throw new StageError(
      `The run was ${reason?.startsWith("cancelled") ? reason : `cancelled after step ${step}${why}`}`,
      "run-cancelled",
      "Run this cell again to start it anew",
    );
  if (state === "lost")
    throw new StageError(`The run is lost${why}`, "run-lost", "Run this cell again");
  throw new StageError(`The run failed${why}`, "run-failed", "Mend the plan, then climb again");
}

function scaled(call: string, plan: Plan, overrides: Readonly<Record<string, unknown>>): Plan {
  try {
    return scalePlan(plan, overrides);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new StageError(
      `${call}: ${error.message}`,
      "plan",
      error.checks[0]?.hint ?? "The dry run lists every fault",
      { cause: error },
    );
  }
}

function readChoice<Choice extends string>(
  call: string,
  options: Readonly<Record<string, unknown>>,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = options[name] ?? choices[0];
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw new StageError(
    `${call}: \`${name}\` is ${describe(value)}`,
    "argument",
    `Choose one of ${list(choices)}`,
  );
}

function openingCard(tier: Tier): Card {
  return {
    kind: "tierbook.card",
    stage: tier === "small" ? "smallRun" : "fullRun",
    title: tier === "small" ? "Small run" : "Full run",
    status: "waiting",
    summary: "Looking for this run in the ledger",
    parts: [],
    actions: [],
  };
}
