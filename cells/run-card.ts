import type { Tier } from "../engines/run.ts";
import type { MetricHistory, RunSnapshot } from "../engines/run-state.ts";
import type { Card, CardCurve, CardPart } from "./card.ts";
import { environmentFacts } from "./environment-facts.ts";
import type { SubmitRequest } from "./host.ts";
import { count, formatNumber, formatSeconds, shortDigest } from "./number-format.ts";

/** What is said of a run besides its snapshot. */
export interface RunContext {
  readonly tier: Tier;
  readonly request: SubmitRequest;
  /** whether it was there before this cell asked for it */
  readonly known: boolean;
}

/** The card of a run that nobody has started yet. */
export function waitingCard(
  { tier, request }: Pick<RunContext, "tier" | "request">,
  waiting: {
    readonly key: string;
    readonly reasons: readonly string[];
    readonly canStart: boolean;
  },
  previous: { readonly snapshot: RunSnapshot; readonly changes: readonly string[] } | undefined,
): Card {
  const parts: CardPart[] = waiting.reasons.map((text) => ({
    type: "note",
    verdict: waiting.canStart ? "pass" : "warn",
    text,
  }));
  if (previous !== undefined) {
    parts.push(
      { type: "note", verdict: "warn", text: changeText(previous.changes) },
      ...resultParts(previous.snapshot),
    );
  }
  return {
    ...frame(tier),
    status: previous === undefined ? "waiting" : "stale",
    summary: `${count(request.plan.epochs, "epoch")} on ${count(request.rows.numRows, "row")}, ${waiting.canStart ? "ready when you are" : "not ready yet"}`,
    parts,
    actions: waiting.canStart
      ? [{ label: tier === "small" ? "Run small" : "Run full…", action: "ask", key: waiting.key }]
      : [],
  };
}

/** The card of a run that goes on or has ended. */
export function runCard(context: RunContext, snapshot: RunSnapshot): Card {
  const isOver = ["succeeded", "failed", "cancelled", "lost"].includes(snapshot.state);
  const parts: CardPart[] = [];
  if (snapshot.reason !== undefined)
    parts.push({
      type: "note",
      verdict: snapshot.state === "failed" || snapshot.state === "lost" ? "fail" : "warn",
      text: snapshot.reason,
    });
  if (!isOver && snapshot.total !== undefined)
    parts.push({
      type: "progress",
      done: snapshot.step,
      total: snapshot.total.steps,
      label: `epoch ${snapshot.epoch} of ${snapshot.total.epochs}`,
    });
  parts.push(...resultParts(snapshot));
  return {
    ...frame(context.tier),
    status: statusOf(snapshot),
    summary: summaryOf(context, snapshot),
    parts,
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

function statusOf({ state }: RunSnapshot): Card["status"] {
  switch (state) {
    case "succeeded":
      return "pass";
    case "failed":
      return "fail";
    case "cancelled":
    case "lost":
      return state;
    default:
      return "running";
  }
}

function summaryOf({ tier, request, known }: RunContext, snapshot: RunSnapshot): string {
  const where = placeOf(snapshot.environment);
  const numbers = headline(snapshot.metrics);
  switch (snapshot.state) {
    case "succeeded":
      return [
        numbers,
        `${count(snapshot.epoch, "epoch")} in ${formatSeconds(snapshot.seconds)}`,
        where,
        known ? "found in the ledger" : "",
      ]
        .filter(Boolean)
        .join(" · ");
    case "failed":
      return `Failed${snapshot.step > 0 ? ` at step ${snapshot.step.toLocaleString("en")}` : ""}`;
    case "cancelled":
      return `Cancelled after ${count(snapshot.step, "step")}`;
    case "lost":
      return `Lost: its process is gone and left no result`;
    case "running":
      return [
        numbers ||
          `Training on ${count(snapshot.total?.trainingRows ?? request.rows.numRows, "row")}`,
        where,
      ]
        .filter(Boolean)
        .join(" · ");
    default:
      return tier === "full" ? `On the runner: ${snapshot.state}` : "Starting";
  }
}

/** The number that matters most, where there is one. */
function headline(metrics: RunSnapshot["metrics"]): string {
  const accuracy = metrics["validation_accuracy"];
  if (accuracy !== undefined) return `${(100 * accuracy).toFixed(1)} % validation accuracy`;
  const loss = metrics["validation_loss"] ?? metrics["training_loss"];
  return loss === undefined ? "" : `loss ${formatNumber(loss)}`;
}

/** Where a run really computed, as its environment says. */
function placeOf(environment: RunSnapshot["environment"]): string {
  const { engine, backend, device } = environment;
  return [engine, backend, device].filter((part) => part !== undefined && part !== "").join(", ");
}

function resultParts(snapshot: RunSnapshot): CardPart[] {
  const parts: CardPart[] = [];
  const curve = lossCurve(snapshot);
  if (curve !== undefined) parts.push(curve);
  const { environment, metrics, total, result } = snapshot;
  const numbers = Object.entries(metrics).map(([name, value]) => ({
    label: name.replaceAll("_", " "),
    value: /accuracy|f1|precision|recall/.test(name)
      ? `${(100 * value).toFixed(1)} %`
      : formatNumber(value),
  }));
  if (numbers.length > 0) parts.push({ type: "facts", facts: numbers });
  if (result?.confusion !== undefined) parts.push({ type: "confusion", ...result.confusion });
  const facts = [
    ...(total === undefined
      ? []
      : [
          {
            label: "rows",
            value: `${total.trainingRows.toLocaleString("en")} training, ${total.validationRows.toLocaleString("en")} validation`,
          },
        ]),
    ...environmentFacts(environment),
    { label: "run", value: shortDigest(snapshot.key) },
  ];
  if (snapshot.seq > 0) parts.push({ type: "facts", facts });
  return parts;
}

function lossCurve({ history }: RunSnapshot): CardCurve | undefined {
  const series = [
    { name: "training", points: pointsOf(history.training) },
    { name: "validation", points: pointsOf(history.validation) },
  ].filter(({ points }) => points.length > 0);
  return series.length === 0 ? undefined : { type: "curve", title: "Loss", x: "step", series };
}

function pointsOf(history: MetricHistory): [number, number][] {
  return history.flatMap(({ step, epoch, loss }): [number, number][] => {
    const x = step ?? epoch;
    return x == null || loss == null ? [] : [[x, loss]];
  });
}

function changeText(changes: readonly string[]): string {
  if (changes.length === 0) return "This result is of the same plan; it was not finished.";
  const shown = changes.slice(0, 4).join("; ");
  const more = changes.length > 4 ? `; and ${changes.length - 4} more` : "";
  return `This is the result before a change. Changed since: ${shown}${more}`;
}
