import * as v from "valibot";
import { expect, test } from "vitest";
import type { Card } from "../../cells/card.ts";
import type { SubmitRequest } from "../../cells/host.ts";
import { printCard } from "../../cells/print-card.ts";
import { runCard, waitingCard } from "../../cells/run-card.ts";
import { emptyLog, logAfter, type RunLog } from "../../cells/run-log.ts";
import { publishedRunSchema } from "../../cells/share/published-run.ts";
import type { Loss } from "../../engines/plan.ts";
import type { RunEventBody, RunResult } from "../../engines/run.ts";
import {
  newSnapshot,
  snapshotAfter,
  snapshotWithResult,
  type RunSnapshot,
} from "../../engines/run-state.ts";
import { somePlan } from "../engines/some-plan.ts";
import { cardText } from "./fake-host.ts";

const key = "4f2a9c81d3b7".padEnd(64, "0");
const prediction = { seconds: 100, memoryBytes: 320e6, from: key };
const request: SubmitRequest = {
  plan: somePlan({ epochs: 5, baseline: { column: "rate" } }),
  rows: { digest: key, numRows: 3_000_000, lineage: { engine: "v1.5.6", statements: [] } },
  engine: "tfjs",
  device: "auto",
};

/** A full run after events, each with the second at which it came. */
function after(...events: readonly (readonly [second: number, body: RunEventBody])[]) {
  let snapshot = newSnapshot(key, "full");
  let log: RunLog = emptyLog;
  for (const [i, [second, body]] of events.entries()) {
    const event = { seq: i + 1, at: new Date(1e12 + second * 1000).toISOString(), ...body };
    snapshot = snapshotAfter(snapshot, event);
    log = logAfter(log, event);
  }
  return { snapshot, log };
}

function cardOf({ snapshot, log }: { snapshot: RunSnapshot; log: RunLog }): Card {
  return runCard({ tier: "full", request, known: false, log }, snapshot);
}

/** The cells of a table, header first, by its caption or its first header. */
function tableOf(card: Card, name: string): string[][] {
  for (const part of card.parts)
    if (part.type === "table" && (part.caption === name || part.columns[0]?.name === name))
      return [part.columns.map((column) => column.name), ...part.rows.map((row) => [...row])];
  throw new Error(`no table ${name}`);
}

const accepted: RunEventBody = { type: "state", state: "accepted", prediction };
const queued: RunEventBody = { type: "state", state: "queued" };
const making: RunEventBody = { type: "log", level: "info", text: "the rows are being made" };
const made: RunEventBody = {
  type: "data",
  digest: "1234".padEnd(64, "0"),
  numRows: 3_000_000,
  seconds: 5.1,
  memoryBytes: 9e8,
};
const running: RunEventBody = {
  type: "state",
  state: "running",
  environment: { engine: "tfjs", backend: "wasm" },
  total: { epochs: 5, steps: 2000, trainingRows: 2_400_000, validationRows: 600_000 },
};
const metric: RunEventBody = {
  type: "metric",
  split: "training",
  columns: { step: [1000], epoch: [3], loss: [0.5] },
};

const result: RunResult = {
  key,
  state: "succeeded",
  steps: 2000,
  seconds: 112.4,
  metrics: {
    first_loss: 0.6931,
    training_loss: 0.4691,
    validation_loss: 0.4712,
    validation_accuracy: 0.7891,
    validation_pr_auc: 0.3927,
    validation_roc_auc: 0.6934,
    validation_calibration_error: 0.01234,
    validation_baseline_loss: 0.5037,
    validation_baseline_pr_auc: 0.3012,
  },
  calibration: [
    { from: 0, to: 0.5, rows: 10, predicted: 0.2, observed: 0.25 },
    { from: 0.5, to: 1, rows: 0, predicted: 0, observed: 0 },
  ],
  precisionRecall: [
    { threshold: 0.9, precision: 1, recall: 0.1 },
    { threshold: 0, precision: 0.2, recall: 1 },
  ],
  memoryBytes: 398e6,
  environment: {},
};

test("a full run that waits says what it is expected to take, and where that may not hold", () => {
  const card = (predictedOn?: string): string =>
    cardText(
      waitingCard(
        { tier: "full", request },
        { key, reasons: [], canStart: true, prediction, predictedOn },
        undefined,
      ),
    );
  expect(card("webgpu")).toBe(
    "expected duration: about 1 min 40 s (the runner's device may differ from webgpu)\nexpected memory: about 320 MB",
  );
  expect(card("wasm")).toContain("expected duration: about 1 min 40 s\n");
  expect(card()).toContain("expected duration: about 1 min 40 s\n");
});

test("rows that the runner makes are said to be that", () => {
  const waiting = { key, reasons: [], canStart: true };
  expect(waitingCard({ tier: "full", request }, waiting, undefined).summary).toBe(
    "5 epochs on 3,000,000 rows made on the runner, ready when you are",
  );
});

test("before it trains, a run says what it is busy with", () => {
  const summary = (...events: RunEventBody[]): string =>
    cardOf(after(...events.map((body, i) => [i, body] as const))).summary;
  expect(summary(accepted, queued)).toBe("On the runner: queued");
  expect(summary(accepted, queued, making)).toBe("On the runner: the rows are being made");
  expect(summary(accepted, queued, making, made)).toBe(
    "On the runner: the rows are made, training begins",
  );
  expect(summary(accepted, making, queued)).toBe("On the runner: queued");
});

test("warnings and errors of a run are on its card, the latest three", () => {
  const logs = ["one", "two", "three", "four"].map((text): RunEventBody => ({
    type: "log",
    level: text === "four" ? "error" : "warn",
    text,
  }));
  const card = cardOf(after(...[accepted, running, ...logs].map((body) => [0, body] as const)));
  expect(card.parts.filter(({ type }) => type === "note")).toEqual([
    { type: "note", verdict: "warn", text: "two" },
    { type: "note", verdict: "warn", text: "three" },
    { type: "note", verdict: "fail", text: "four" },
  ]);
});

test("a run that goes on has its expectation beside how it fares, and says what is left", () => {
  const early = cardOf(after([0, accepted], [5, queued]));
  expect(tableOf(early, "Expectation and truth")).toEqual([
    ["", "expected", "so far", "at this speed", "ratio"],
    ["duration", "1 min 40 s", "–", "–", "–"],
    ["memory", "320 MB", "–", "–", "–"],
  ]);
  const halfway = cardOf(after([0, accepted], [5, made], [6, running], [66, metric]));
  expect(tableOf(halfway, "Expectation and truth")[1]).toEqual([
    "duration",
    "1 min 40 s",
    "1 min 0 s",
    "2 min 0 s",
    "1.20 ×",
  ]);
  expect(halfway.parts.find(({ type }) => type === "progress")).toMatchObject({
    done: 1000,
    total: 2000,
    label: "epoch 3 of 5 · about 1 min 0 s left",
  });
});

test("a run that never came to train has nothing to hold against what was expected", () => {
  const { snapshot, log } = after([0, accepted], [5, queued]);
  const failed = { ...result, state: "failed", reason: "no such file", seconds: 0 } as const;
  const card = cardOf({ snapshot: snapshotWithResult(snapshot, failed), log });
  expect(() => tableOf(card, "Expectation and truth")).toThrow();
});

test("a run of which nobody expected anything has no such table", () => {
  const card = cardOf(after([0, queued], [6, running], [66, metric]));
  expect(card.parts.some((part) => part.type === "table" && part.caption !== undefined)).toBe(true);
  expect(() => tableOf(card, "Expectation and truth")).toThrow();
});

test("a finished run has expectation and truth, and what its rows turned out to be", () => {
  const { snapshot, log } = after([0, accepted], [5, made], [6, running], [66, metric]);
  const card = cardOf({ snapshot: snapshotWithResult(snapshot, result), log });
  expect(tableOf(card, "Expectation and truth")).toEqual([
    ["", "expected", "measured", "ratio"],
    ["duration", "1 min 40 s", "1 min 52 s", "1.12 ×"],
    ["memory", "320 MB", "398 MB", "1.24 ×"],
  ]);
  expect(cardText(card)).toContain(
    "rows made on the runner: 3,000,000 · table digest 123400000000 · 5.1 s",
  );
  const cut = { ...result, state: "cancelled", seconds: 30 } as const;
  const cancelled = cardOf({ snapshot: snapshotWithResult(snapshot, cut), log });
  expect(tableOf(cancelled, "Expectation and truth")[1]).toEqual([
    "duration",
    "1 min 40 s",
    "30 s",
    "–",
  ]);
  const { memoryBytes: _memory, ...unmeasured } = result;
  const other = cardOf({ snapshot: snapshotWithResult(snapshot, unmeasured), log });
  expect(tableOf(other, "Expectation and truth")[2]).toEqual(["memory", "320 MB", "–", "–"]);
});

test("two classes are judged by PR-AUC first, each number beside what it has to beat", () => {
  const { snapshot, log } = after([0, accepted], [6, running], [66, metric]);
  const card = cardOf({ snapshot: snapshotWithResult(snapshot, result), log });
  expect(card.summary).toMatch(/^PR-AUC 0\.3927, baseline 0\.3012 · 3 epochs/);
  const table = card.parts.find(
    (part) => part.type === "table" && part.columns[0]?.name === "metric",
  );
  expect(table).toMatchObject({
    caption: "600,000 validation rows · baseline: the column rate",
    rows: [
      ["PR-AUC", "0.3927", "0.3012"],
      ["ROC-AUC", "0.6934", "–"],
      ["loss", "0.4712", "0.5037"],
      ["calibration error", "0.0123", "–"],
      ["accuracy", "78.9 %", "–"],
      ["training loss", "0.4691", "–"],
      ["first loss", "0.6931", "–"],
    ],
  });
});

test("a training loss that class weights make larger is called weighted", () => {
  const names = (weights: Partial<Pick<Loss, "classWeights">>): string[] => {
    const { snapshot, log } = after([6, running], [66, metric]);
    const plan = somePlan({ loss: { type: "softmaxCrossEntropy", ...weights } });
    const card = runCard(
      { tier: "full", request: { ...request, plan }, known: false, log },
      snapshot,
    );
    return card.parts.flatMap((part) =>
      part.type === "curve" ? part.series.map(({ name }) => name) : [],
    );
  };
  expect(names({})).toEqual(["training"]);
  expect(names({ classWeights: "balanced" })).toEqual(["training, weighted"]);
});

test("without anything to beat there is no column for it", () => {
  const { snapshot, log } = after([6, running], [66, metric]);
  expect(tableOf(cardOf({ snapshot, log }), "metric")).toEqual([
    ["metric", "model"],
    ["training loss", "0.5000"],
  ]);
});

test("precision over recall and calibration are curves over shares, without empty bins", () => {
  const { snapshot, log } = after([6, running], [66, metric]);
  const card = cardOf({ snapshot: snapshotWithResult(snapshot, result), log });
  const curves = card.parts.filter((part) => part.type === "curve" && part.domain !== undefined);
  expect(curves).toMatchObject([
    {
      x: "recall",
      y: "precision",
      domain: [0, 1],
      series: [
        {
          points: [
            [0.1, 1],
            [1, 0.2],
          ],
        },
      ],
    },
    {
      x: "predicted",
      y: "observed",
      diagonal: true,
      series: [{ points: [[0.2, 0.25]], rows: [10] }],
    },
  ]);
  expect(printCard(card)).toContain(
    "Calibration, predicted → observed:\n    0.20 → 0.25 (10 rows)",
  );
});

const override = {
  reason: "The slot on the cluster ends tonight",
  lacking: ["this plan has had no small run"],
  at: new Date(1e12).toISOString(),
  entry: key,
};
const overridden: RunEventBody = { type: "state", state: "accepted", prediction, override };
const overrideSaid =
  "Overridden: The slot on the cluster ends tonight. Started although this plan has had no small run.";

test("a run that a person had started over its ladder says so first, whatever became of it", () => {
  const ends = ["queued", "running", "failed", "cancelled", "lost"] as const;
  for (const state of ends) {
    const card = cardOf(after([0, overridden], [1, running], [2, { type: "state", state }]));
    expect(card.parts[0]).toEqual({ type: "note", verdict: "warn", text: overrideSaid });
  }
  expect(cardText(cardOf(after([0, accepted], [1, running])))).not.toContain("verridden");
});

test("an overridden run that succeeds has passed with a warning, also when it is found again", () => {
  const { snapshot, log } = after([0, overridden], [1, running]);
  const finished = snapshotWithResult(snapshot, result);
  for (const known of [false, true]) {
    const card = runCard({ tier: "full", request, known, log }, finished);
    expect(card.status).toBe("warn");
    expect(card.summary).toContain(" · overridden");
    expect(printCard(card).split("\n")[1]).toBe(`  ! ${overrideSaid}`);
  }
  expect(
    cardOf({ snapshot: snapshotWithResult(after([0, accepted]).snapshot, result), log }),
  ).toMatchObject({
    status: "pass",
  });
});

test("a stale result that was overridden stays marked", () => {
  const { snapshot } = after([0, overridden], [1, running]);
  const previous = {
    snapshot: snapshotWithResult(snapshot, result),
    plan: request.plan,
    changes: ["seed: 1 → 2"],
  };
  const waiting = { key, reasons: [], canStart: true };
  const card = waitingCard({ tier: "full", request }, waiting, previous);
  expect(card.parts).toContainEqual({ type: "note", verdict: "warn", text: overrideSaid });
});

test("a published run brings its override with it", () => {
  const events = [overridden, running].map((body, i) => ({
    seq: i + 1,
    at: new Date(1e12).toISOString(),
    ...body,
  }));
  const plan = request.plan;
  const rows = { digest: key, numRows: 2, blob: key };
  const published = v.parse(publishedRunSchema, {
    request: { tier: "full", plan, rows, engine: "tfjs", device: "auto" },
    events,
    result,
  });
  const snapshot = snapshotWithResult(
    published.events.reduce(snapshotAfter, newSnapshot(key, "full")),
    published.result,
  );
  const context = { tier: "full", request, known: true, isPublished: true, log: emptyLog } as const;
  expect(cardText(runCard(context, snapshot))).toContain(overrideSaid);
});
