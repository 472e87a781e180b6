import { inOrderOfInterest, metricName } from "../../cells/metric-name.ts";
import { formatSeconds } from "../../cells/number-format.ts";
import {
  readableBytes,
  type Check,
  type Receipt,
  type ReceiptStage,
  type RunOverride,
  type RunState,
  type Verdict,
} from "../../engines/index.ts";
import type { AskedRun } from "./asked-run.ts";
import type { FollowedRun } from "./followed-run.ts";
import { capitalised, counted, duration, metricText, shortDigest, type Fact } from "./plan-text.ts";

/** Where a rung stands. */
export type RungState =
  | "idle"
  | "waiting"
  | "ready"
  | "running"
  | "pass"
  | "warn"
  | "fail"
  | "published"
  | "stale"
  | "cancelled"
  | "lost";

/** One rung of the ladder, as the strip shows it. */
export interface Rung {
  readonly stage: ReceiptStage;
  readonly title: string;
  readonly state: RungState;
  /** the state in a word */
  readonly word: string;
  /** what it came to, or what it waits for and why; a sentence or two */
  readonly why: string;
  readonly checks: readonly Check[];
  readonly facts: readonly Fact[];
  /** that a person had the run started without the receipts it needs */
  readonly override?: RunOverride;
  /** the run that is shown, at the small and the full tier */
  readonly asked?: AskedRun;
  /** all runs that the workbook asked for at this tier, the latest first */
  readonly choices: readonly AskedRun[];
}

/** What the ladder is drawn from: what this workbook's frame has asked for. */
export interface LadderSource {
  readonly receipts: ReadonlyMap<ReceiptStage, Receipt>;
  readonly dryRunsUnderWay: number;
  /** of the plan that the workbook spoke of last; undefined before the first */
  readonly recipe: string | undefined;
  runs(tier: "small" | "full"): readonly AskedRun[];
}

/** The rungs from the schema to the full run. `picked` is the run a person chose to see, by tier. */
export function ladderRungs(
  source: LadderSource,
  picked: Readonly<Partial<Record<"small" | "full", AskedRun>>> = {},
): Rung[] {
  const run = (tier: "small" | "full"): Rung => runRung(source, tier, picked[tier]);
  return [
    receiptRung(source, "schema"),
    receiptRung(source, "sample"),
    receiptRung(source, "plan"),
    receiptRung(source, "dryRun"),
    run("small"),
    run("full"),
  ];
}

/** How far a run is, from 0 to 1; undefined where it has not said what there is to do. */
export function progressOf(asked: AskedRun): number | undefined {
  const snapshot = asked.run?.snapshot;
  if (snapshot?.total === undefined || snapshot.total.steps === 0) return undefined;
  return Math.min(1, snapshot.step / snapshot.total.steps);
}

const titles: Readonly<Record<ReceiptStage, string>> = {
  schema: "Schema",
  sample: "Sample",
  plan: "Plan",
  dryRun: "Dry run",
  smallRun: "Small run",
  fullRun: "Full run",
};

const stateWords: Readonly<Record<RungState, string>> = {
  idle: "Not yet",
  waiting: "Waiting",
  ready: "Ready",
  running: "Running",
  pass: "Passed",
  warn: "Warnings",
  fail: "Failed",
  published: "Published",
  stale: "Stale",
  cancelled: "Cancelled",
  lost: "Lost",
};

const idleWhy: Readonly<Record<ReceiptStage, string>> = {
  schema: "No cell has checked a schema yet: schema(table, columns).",
  sample: "No cell has taken a development sample yet: sample(table, {…}).",
  plan: "No cell has made a plan yet: plan({…}).",
  dryRun: "No cell has asked for a dry run yet: dryRun(plan, dev).",
  smallRun: "No cell has asked for a small run yet: smallRun(plan, dev).",
  fullRun: "No cell has asked for a full run yet: fullRun(plan, table).",
};

const otherPlan = "This is of another plan than the one the workbook asked for last.";

function receiptRung(source: LadderSource, stage: "schema" | "sample" | "plan" | "dryRun"): Rung {
  const receipt = source.receipts.get(stage);
  if (stage === "dryRun" && source.dryRunsUnderWay > 0)
    return rung(stage, "running", "The plan is checked, then one batch goes through the network.");
  if (receipt === undefined) return rung(stage, "idle", idleWhy[stage]);
  const isStale = isOfAnotherPlan(source, receipt.subject.recipe) && stage !== "plan";
  return {
    ...rung(
      stage,
      isStale ? "stale" : stateFromVerdict(receipt.verdict),
      isStale ? `${otherPlan} ${receipt.summary}` : receipt.summary,
    ),
    checks: receipt.checks,
    facts: [
      ...metricFacts(receipt.metrics),
      ...environmentFacts(receipt.environment),
      { label: "Vouched for by", value: voucher(receipt) },
    ],
  };
}

function runRung(source: LadderSource, tier: "small" | "full", picked?: AskedRun): Rung {
  const stage = tier === "small" ? "smallRun" : "fullRun";
  const choices = source.runs(tier);
  const asked = picked !== undefined && choices.includes(picked) ? picked : choices[0];
  if (asked === undefined) return rung(stage, "idle", idleWhy[stage]);
  const { state, why } = runState(source, asked);
  const facts = [
    { label: "Rows", value: counted(asked.request.rows.numRows, "row") },
    ...expectation(asked),
    ...metricFacts(asked.run?.snapshot.metrics ?? {}),
    ...environmentFacts(asked.run?.snapshot.environment ?? {}),
    { label: "Run", value: shortDigest(asked.key) },
  ];
  const shown = { ...rung(stage, state, why), facts, asked, choices };
  const { override } = asked.run?.snapshot ?? asked.lastAttempt ?? {};
  if (override === undefined) return shown;
  const word = state === "warn" ? stateWords.pass : shown.word;
  return { ...shown, word: `${word}, overridden`, override };
}

function runState(source: LadderSource, asked: AskedRun): { state: RungState; why: string } {
  const { run, lastAttempt } = asked;
  if (run !== undefined) {
    const { state, reason, result, override } = run.snapshot;
    if (run.isOver && state === "succeeded") {
      if (isOfAnotherPlan(source, asked.recipe)) return { state: "stale", why: otherPlan };
      const finished = finishedText(result?.steps ?? 0, result?.seconds ?? 0);
      return run.isPublished
        ? { state: "published", why: `Whoever published it says: ${finished} It was not run here.` }
        : { state: override === undefined ? "pass" : "warn", why: finished };
    }
    if (run.isOver)
      return { state: ended(state), why: `${capitalised(reason ?? "it gave no reason")}.` };
    const where = run.snapshot.environment["backend"];
    return { state: "running", why: busyText(run) ?? runningText(state, where) };
  }
  if (asked.isLooking) return { state: "waiting", why: "It is looked up whether it is known." };
  if (asked.isStarting) return { state: "running", why: "It is being submitted." };
  if (asked.readers === 0)
    return { state: "stale", why: "No cell of the workbook asks for it any more." };
  if (lastAttempt !== undefined)
    return {
      state: ended(lastAttempt.state),
      why: [lastAttempt.reason, ...asked.reasons]
        .flatMap((text) => (text === undefined ? [] : [`${capitalised(text)}.`]))
        .join(" "),
    };
  if (asked.canStart) return { state: "ready", why: "Everything that it needs is there." };
  return { state: "waiting", why: `${asked.reasons.join(". ")}.` };
}

function isOfAnotherPlan({ recipe }: LadderSource, own: string | undefined): boolean {
  return recipe !== undefined && own !== undefined && own !== recipe;
}

/** What a run that does not train yet is busy with, where it has said so since its last state. */
function busyText({ events, snapshot }: FollowedRun): string | undefined {
  const last = events.at(-1);
  if (snapshot.state === "running" || last === undefined) return undefined;
  if (last.type === "data") return "Its rows are made; training begins.";
  return last.type === "log" && last.level === "info" ? `${capitalised(last.text)}.` : undefined;
}

function runningText(state: RunState, backend: string | undefined): string {
  if (state === "running")
    return `It trains${backend === undefined ? "" : ` on ${deviceName(backend)}`}.`;
  return (
    { accepted: "It is accepted.", staging: "Its data is made ready." }[String(state)] ??
    "It waits for its turn on the runner."
  );
}

/** A backend's or a device's name, as its makers write it. */
export function deviceName(device: string): string {
  return { auto: "Auto", webgpu: "WebGPU", wasm: "WASM", cuda: "CUDA" }[device] ?? device;
}

function ended(state: RunState): RungState {
  return state === "cancelled" || state === "lost" ? state : "fail";
}

function finishedText(steps: number, seconds: number): string {
  return `${counted(steps, "step")} in ${duration(seconds)}.`;
}

function stateFromVerdict(verdict: Verdict): RungState {
  return verdict === "abort" ? "fail" : verdict;
}

function metricFacts(metrics: Readonly<Record<string, number>>): Fact[] {
  return inOrderOfInterest(Object.keys(metrics))
    .slice(0, 8)
    .map((name) => ({
      label: capitalised(metricName(name)),
      value: metricText(metrics[name] ?? NaN),
    }));
}

/** What a full run that nobody has started will take. */
function expectation({ run, prediction }: AskedRun): Fact[] {
  if (run !== undefined || prediction === undefined) return [];
  const { seconds, memoryBytes } = prediction;
  const value = `about ${formatSeconds(seconds)}, ${readableBytes(memoryBytes)}`;
  return [{ label: "Expected", value }];
}

function environmentFacts(environment: Readonly<Record<string, string>>): Fact[] {
  const { engine, backend, device } = environment;
  const text = [engine, backend === undefined ? undefined : deviceName(backend), device]
    .filter((part) => part !== undefined)
    .join(" · ");
  return text === "" ? [] : [{ label: "Ran on", value: text }];
}

function voucher({ vouchedBy }: Receipt): string {
  return vouchedBy === "frame" ? "the workbook itself; shown, opens nothing" : `the ${vouchedBy}`;
}

function rung(stage: ReceiptStage, state: RungState, why: string): Rung {
  const word = stateWords[state];
  return { stage, title: titles[stage], state, word, why, checks: [], facts: [], choices: [] };
}
