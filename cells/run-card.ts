import type { Plan } from "../engines/plan.ts";
import type { RunPrediction } from "../engines/prediction.ts";
import { isFinal, type Tier } from "../engines/run.ts";
import type { RunSnapshot } from "../engines/run-state.ts";
import type { Card, CardPart } from "./card.ts";
import { expectationFacts, expectationTable, secondsLeft } from "./expectation.ts";
import type { SubmitRequest } from "./host.ts";
import { formatMetric } from "./metric-table.ts";
import { count, formatNumber, formatSeconds } from "./number-format.ts";
import { overrideNote } from "./override-note.ts";
import type { RunLog } from "./run-log.ts";
import { resultParts, runFacts } from "./run-result.ts";

/** What is said of a run besides its snapshot. */
export interface RunContext {
  readonly tier: Tier;
  readonly request: SubmitRequest;
  /** whether it was there before this cell asked for it */
  readonly known: boolean;
  /** whether it came with a publication: nobody here has seen it run */
  readonly isPublished?: boolean;
  /** what it has said of itself */
  readonly log: RunLog;
}

/** A run that nobody has started yet. */
export interface WaitingRun {
  readonly key: string;
  readonly reasons: readonly string[];
  readonly canStart: boolean;
  readonly prediction?: RunPrediction;
  /** the backend of the small run that the prediction is taken from, where that is known */
  readonly predictedOn?: string | undefined;
}

/** The result that a waiting run's card shows for as long as there is no other. */
export interface PreviousRun {
  readonly snapshot: RunSnapshot;
  readonly plan: Plan;
  readonly changes: readonly string[];
}

/** The card of a run that nobody has started yet. */
export function waitingCard(
  { tier, request }: Pick<RunContext, "tier" | "request">,
  waiting: WaitingRun,
  previous: PreviousRun | undefined,
): Card {
  const { key, reasons, canStart, prediction, predictedOn } = waiting;
  const parts: CardPart[] = reasons.map((text) => ({
    type: "note",
    verdict: canStart ? "pass" : "warn",
    text,
  }));
  if (prediction !== undefined)
    parts.push({ type: "facts", facts: expectationFacts(prediction, predictedOn) });
  if (previous !== undefined) {
    parts.push(
      { type: "note", verdict: "warn", text: changeText(previous.changes) },
      ...overrideNote(previous.snapshot),
      ...resultParts(previous.snapshot, previous.plan),
      ...runFacts(previous.snapshot),
    );
  }
  return {
    ...frame(tier),
    ...(previous !== undefined && { run: previous.snapshot.key }),
    status: previous === undefined ? "waiting" : "stale",
    summary: `${count(request.plan.epochs, "epoch")} on ${rowsText(request)}, ${canStart ? "ready when you are" : "not ready yet"}`,
    parts,
    actions: canStart
      ? [{ label: tier === "small" ? "Run small" : "Run full…", action: "ask", key }]
      : [],
  };
}

/** The card of a run that goes on or has ended. */
export function runCard(context: RunContext, snapshot: RunSnapshot): Card {
  const isOver = isFinal(snapshot.state);
  const { prediction, startedAt } = snapshot;
  const hasTruth = !isOver || startedAt !== undefined;
  const expectation =
    prediction !== undefined && hasTruth ? [expectationTable(prediction, snapshot)] : [];
  return {
    ...frame(context.tier),
    run: snapshot.key,
    status: statusOf(snapshot),
    summary: summaryOf(context, snapshot),
    parts: [
      ...overrideNote(snapshot),
      ...notes(context.log, snapshot),
      ...(isOver ? [] : [...progress(snapshot), ...expectation]),
      ...resultParts(snapshot, context.request.plan),
      ...(isOver ? expectation : []),
      ...runFacts(snapshot),
    ],
    actions: isOver ? [] : [{ label: "Cancel", action: "cancel", key: snapshot.key }],
  };
}

function frame(tier: Tier): Pick<Card, "kind" | "stage" | "title"> {
  return {
    kind: "tierbook.card",
    stage: tier === "small" ? "smallRun" : "fullRun",
    title: tier === "small" ? "Small run" : "Full run",
  };
}

function rowsText({ rows }: SubmitRequest): string {
  const rowCount = count(rows.numRows, "row");
  return "lineage" in rows ? `${rowCount} made on the runner` : rowCount;
}

function notes({ faults }: RunLog, { state, reason }: RunSnapshot): CardPart[] {
  const said = faults.map(({ level, text }): CardPart => ({
    type: "note",
    verdict: level === "error" ? "fail" : "warn",
    text,
  }));
  if (reason === undefined) return said;
  const verdict = state === "failed" || state === "lost" ? "fail" : "warn";
  return [{ type: "note", verdict, text: reason }, ...said];
}

function progress(snapshot: RunSnapshot): CardPart[] {
  const { total, step, epoch } = snapshot;
  if (total === undefined) return [];
  const left = secondsLeft(snapshot);
  const rest = left === undefined ? "" : ` · about ${formatSeconds(left)} left`;
  const label = `epoch ${epoch} of ${total.epochs}${rest}`;
  return [{ type: "progress", done: step, total: total.steps, label }];
}

function statusOf({ state, override }: RunSnapshot): Card["status"] {
  switch (state) {
    case "succeeded":
      return override === undefined ? "pass" : "warn";
    case "failed":
      return "fail";
    case "cancelled":
    case "lost":
      return state;
    default:
      return "running";
  }
}

function summaryOf(context: RunContext, snapshot: RunSnapshot): string {
  const { tier, request, known, isPublished, log } = context;
  const { state, epoch, step, seconds, total, data, override } = snapshot;
  const origin = isPublished ? "published, not run here" : known ? "found in the ledger" : "";
  const where = placeOf(snapshot.environment);
  const numbers = headline(snapshot.metrics);
  switch (state) {
    case "succeeded":
      return [
        numbers,
        `${count(epoch, "epoch")} in ${formatSeconds(seconds)}`,
        where,
        override === undefined ? "" : "overridden",
        origin,
      ]
        .filter(Boolean)
        .join(" · ");
    case "failed":
      return `Failed${step > 0 ? ` at step ${step.toLocaleString("en")}` : ""}`;
    case "cancelled":
      return `Cancelled after ${count(step, "step")}`;
    case "lost":
      return `Lost: its process is gone and left no result`;
    case "running":
      return [
        numbers || `Training on ${count(total?.trainingRows ?? request.rows.numRows, "row")}`,
        where,
      ]
        .filter(Boolean)
        .join(" · ");
    default:
      if (tier !== "full") return "Starting";
      if (data !== undefined) return "On the runner: the rows are made, training begins";
      return `On the runner: ${log.doing ?? state}`;
  }
}

/** The number that matters most, where there is one, beside what it has to beat. */
function headline(metrics: RunSnapshot["metrics"]): string {
  const { validation_pr_auc: area, validation_baseline_pr_auc: toBeat } = metrics;
  if (area !== undefined)
    return `PR-AUC ${formatMetric("pr_auc", area)}${toBeat === undefined ? "" : `, baseline ${formatMetric("pr_auc", toBeat)}`}`;
  const { validation_accuracy: accuracy } = metrics;
  if (accuracy !== undefined) return `${formatMetric("accuracy", accuracy)} validation accuracy`;
  const loss = metrics["validation_loss"] ?? metrics["training_loss"];
  return loss === undefined ? "" : `loss ${formatNumber(loss)}`;
}

/** Where a run really computed, as its environment says. */
function placeOf(environment: RunSnapshot["environment"]): string {
  const { engine, backend, device } = environment;
  return [engine, backend, device].filter((part) => part !== undefined && part !== "").join(", ");
}

function changeText(changes: readonly string[]): string {
  if (changes.length === 0) return "This result is of the same plan; it was not finished.";
  const shown = changes.slice(0, 4).join("; ");
  const more = changes.length > 4 ? `; and ${changes.length - 4} more` : "";
  return `This is the result before a change. Changed since: ${shown}${more}`;
}
