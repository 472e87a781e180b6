import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestKey } from "../../runtime/digest.ts";
import {
  historyLimit,
  newSnapshot,
  snapshotAfter,
  snapshotWithResult,
  type RunSnapshot,
} from "../../engines/run-state.ts";
import type { RunEvent, RunEventBody } from "../../engines/run.ts";

function at(seq: number, body: RunEventBody): RunEvent {
  return { seq, at: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString(), ...body };
}

function after(bodies: readonly RunEventBody[]): RunSnapshot {
  return bodies.reduce((s, body, i) => snapshotAfter(s, at(i + 1, body)), newSnapshot("k", "full"));
}

const running: RunEventBody = {
  type: "state",
  state: "running",
  environment: { backend: "wasm" },
  total: { epochs: 2, steps: 4, trainingRows: 60, validationRows: 20 },
};

/** Steps first … last with the loss 1/step. */
function steps(first: number, last: number): RunEventBody {
  const step = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return {
    type: "metric",
    split: "training",
    columns: { step, epoch: step.map(() => 1), loss: step.map((s) => 1 / s) },
  };
}

describe("snapshotAfter", () => {
  test("folds events into where the run stands", () => {
    const snapshot = after([
      { type: "state", state: "queued" },
      running,
      steps(1, 2),
      {
        type: "metric",
        split: "validation",
        columns: { step: [2], epoch: [1], loss: [0.4], accuracy: [0.9] },
      },
      steps(3, 4),
      { type: "state", state: "failed", reason: "the loss became NaN at step 5" },
    ]);
    expect(snapshot).toMatchObject({
      key: "k",
      tier: "full",
      state: "failed",
      reason: "the loss became NaN at step 5",
      environment: { backend: "wasm" },
      total: { steps: 4 },
      step: 4,
      epoch: 1,
      history: {
        training: [
          { step: 1, loss: 1 },
          { step: 2, loss: 1 / 2 },
          { step: 3, loss: 1 / 3 },
          { step: 4, loss: 1 / 4 },
        ],
        validation: [{ epoch: 1, accuracy: 0.9 }],
      },
      metrics: { training_loss: 0.25, validation_loss: 0.4, validation_accuracy: 0.9 },
      startedAt: "2026-01-01T00:00:02.000Z",
      seconds: 4,
    });
  });

  test("an event counted already changes nothing, so a replay may overlap", () => {
    const events = [running, steps(1, 2), steps(3, 4)].map((body, i) => at(i + 1, body));
    const once = events.reduce(snapshotAfter, newSnapshot("k", "small"));
    expect([...events, ...events].reduce(snapshotAfter, newSnapshot("k", "small"))).toEqual(once);
  });

  test("equal events give equal digests, and each event another one", () => {
    const one = after([running, steps(1, 2)]);
    expect(after([running, steps(1, 2)])[digestKey]).toBe(one[digestKey]);
    expect(after([running, steps(1, 3)])[digestKey]).not.toBe(one[digestKey]);
    expect(newSnapshot("other", "full")[digestKey]).not.toBe(newSnapshot("k", "full")[digestKey]);
  });

  test("keeps at most so many training steps, the same however they were batched", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1024 }), { minLength: 1, maxLength: 30 }),
        (sizes) => {
          const bodies: RunEventBody[] = [];
          let next = 1;
          for (const size of sizes) {
            bodies.push(steps(next, next + size - 1));
            next += size;
          }
          const { history, step } = after(bodies);
          const kept = history.training.map((row) => row["step"]);
          expect(kept.length).toBeLessThanOrEqual(historyLimit);
          expect(kept.length).toBeGreaterThan(Math.min(next - 1, historyLimit / 2) - 2);
          expect(history.training.every(({ loss }) => loss !== null)).toBe(true);
          expect(kept[0]).toBe(1);
          expect(kept.at(-1)).toBe(next - 1);
          expect(step).toBe(next - 1);
          expect(history).toEqual(after([steps(1, next - 1)]).history);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a column may come later than the others", () => {
    const { history } = after([
      steps(1, 2),
      {
        type: "metric",
        split: "training",
        columns: { step: [3], epoch: [1], loss: [1], lr: [0.1] },
      },
    ]);
    expect(history.training.map(({ step, lr }) => [step, lr])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 0.1],
    ]);
  });
});

test("what was expected and what came of making the rows stay through later events", () => {
  const prediction = { seconds: 61, memoryBytes: 1e9, from: "small" };
  const { prediction: kept, data } = after([
    { type: "state", state: "accepted", prediction },
    { type: "state", state: "staging" },
    { type: "data", digest: "content", numRows: 3_000_000, seconds: 12, memoryBytes: 2e9 },
    running,
    steps(1, 4),
  ]);
  expect(kept).toEqual(prediction);
  expect(data).toEqual({ digest: "content", numRows: 3_000_000, seconds: 12, memoryBytes: 2e9 });
  expect(after([running])).not.toHaveProperty("prediction");
});

test("snapshotWithResult puts the final numbers in", () => {
  const snapshot = snapshotWithResult(after([running, steps(1, 4)]), {
    key: "k",
    state: "succeeded",
    steps: 4,
    seconds: 1.5,
    metrics: { validation_accuracy: 0.95, training_loss: 0.2 },
    environment: { backend: "wasm" },
  });
  expect(snapshot).toMatchObject({
    state: "succeeded",
    seconds: 1.5,
    metrics: { validation_accuracy: 0.95, training_loss: 0.2 },
    result: { steps: 4 },
  });
});
