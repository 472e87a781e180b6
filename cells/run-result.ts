import type { Plan } from "../engines/plan.ts";
import type { RunResult } from "../engines/run.ts";
import type { MetricHistory, RunSnapshot } from "../engines/run-state.ts";
import type { CardCurve, CardPart } from "./card.ts";
import { environmentFacts } from "./environment-facts.ts";
import { metricTable } from "./metric-table.ts";
import { formatSeconds, shortDigest } from "./number-format.ts";

/** What a run has found so far: its losses and its numbers. */
export function resultParts(snapshot: RunSnapshot, plan: Plan): CardPart[] {
  const { metrics, total, result } = snapshot;
  const parts = [
    lossCurve(snapshot, plan),
    metricTable(metrics, plan, total?.validationRows),
    precisionRecallCurve(result),
    calibrationCurve(result),
    result?.confusion && { type: "confusion" as const, ...result.confusion },
  ];
  return parts.filter((part) => part !== undefined);
}

/** What a run was made of and where. */
export function runFacts(snapshot: RunSnapshot): CardPart[] {
  const { environment, total, data } = snapshot;
  if (snapshot.seq === 0) return [];
  const facts = [
    ...(total === undefined
      ? []
      : [
          {
            label: "rows",
            value: `${total.trainingRows.toLocaleString("en")} training, ${total.validationRows.toLocaleString("en")} validation`,
          },
        ]),
    ...(data === undefined
      ? []
      : [
          {
            label: "rows made on the runner",
            value: `${data.numRows.toLocaleString("en")} · table digest ${shortDigest(data.digest)} · ${formatSeconds(data.seconds)}`,
          },
        ]),
    ...environmentFacts(environment),
    { label: "run", value: shortDigest(snapshot.key) },
  ];
  return [{ type: "facts", facts }];
}

/** What is learned from is weighed by class where the plan says so; what is scored never is. */
function lossCurve({ history }: RunSnapshot, { loss }: Plan): CardCurve | undefined {
  const training = loss.classWeights === undefined ? "training" : "training, weighted";
  const series = [
    { name: training, points: pointsOf(history.training) },
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

function precisionRecallCurve(result: RunResult | undefined): CardCurve | undefined {
  const { precisionRecall } = result ?? {};
  if (precisionRecall === undefined || precisionRecall.length === 0) return undefined;
  const points = precisionRecall.map(({ recall, precision }) => [recall, precision] as const);
  return {
    type: "curve",
    title: "Precision over recall",
    x: "recall",
    y: "precision",
    domain: [0, 1],
    series: [{ name: "precision", points }],
  };
}

/** Bins that no row fell into say nothing, so they are left out. */
function calibrationCurve(result: RunResult | undefined): CardCurve | undefined {
  const bins = (result?.calibration ?? []).filter(({ rows }) => rows > 0);
  if (bins.length === 0) return undefined;
  const points = bins.map(({ predicted, observed }) => [predicted, observed] as const);
  return {
    type: "curve",
    title: "Calibration",
    x: "predicted",
    y: "observed",
    domain: [0, 1],
    diagonal: true,
    series: [{ name: "observed", points, rows: bins.map(({ rows }) => rows) }],
  };
}
