import type { MetricEvent } from "../run.ts";
import type { Score } from "../score.ts";
import { mostStepsBetweenReads } from "./stepper.ts";

/**
 * How many steps to take before the losses are read again: as many as take about a tenth of a
 * second, at most twice as many as before, so that the first are read at once and a slow device is
 * never far behind.
 *
 * @param steps of the last bunch, which took `milliseconds`, reading included
 */
export function nextBunch(steps: number, milliseconds: number): number {
  const wanted = Math.floor((steps * 100) / Math.max(milliseconds, 0.01));
  return Math.max(1, Math.min(wanted, 2 * steps, mostStepsBetweenReads));
}

/** The event for the losses of steps from `first`, counted from 0 as `epoch` is. */
export function trainingMetrics(first: number, epoch: number, losses: Float32Array): MetricEvent {
  return {
    type: "metric",
    split: "training",
    columns: {
      step: Array.from(losses, (_, i) => first + i + 1),
      epoch: Array.from(losses, () => epoch + 1),
      loss: [...losses],
    },
  };
}

/** The event for an epoch's validation after `step` steps; `epoch` counts from 0. */
export function validationMetrics(step: number, epoch: number, { metrics }: Score): MetricEvent {
  const columns = Object.entries(metrics).map(([name, value]) => [
    name,
    [Number.isFinite(value) ? value : null],
  ]);
  return {
    type: "metric",
    split: "validation",
    columns: { step: [step], epoch: [epoch + 1], ...Object.fromEntries(columns) },
  };
}

/** Metrics without those that are no finite number, which JSON cannot carry. */
export function finiteMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
