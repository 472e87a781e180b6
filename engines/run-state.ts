import { digestKey, type Digested } from "../runtime/digest.ts";
import { jsonDigest } from "../runtime/sha256.ts";
import type { RunPrediction } from "./prediction.ts";
import type { RunOverride } from "./run-override.ts";
import type {
  DataEvent,
  MetricEvent,
  RunEvent,
  RunResult,
  RunState,
  StateEvent,
  Tier,
} from "./run.ts";

/** Metrics in order, a row a step or an epoch: `{step, epoch, loss, …}`, as plots take them. */
export type MetricHistory = readonly Readonly<Record<string, number | null>>[];

/**
 * A run as it stands: what its events so far come to. Immutable; two runs with the same events have
 * the same digest.
 */
export interface RunSnapshot extends Digested {
  readonly [digestKey]: string;
  readonly key: string;
  readonly tier: Tier;
  readonly state: RunState;
  readonly reason?: string;
  /** what the small run let expect, where there was one to go by */
  readonly prediction?: RunPrediction;
  /** that a person had it started without the receipts it needs */
  readonly override?: RunOverride;
  /** what came of the making of its rows, where they are made from a lineage */
  readonly data?: Omit<DataEvent, "type">;
  /** where it runs, once it does */
  readonly environment: Readonly<Record<string, string>>;
  /** what there is to do, once that is known */
  readonly total?: NonNullable<StateEvent["total"]>;
  /** the last step of which metrics are known; 0 before */
  readonly step: number;
  /** the epoch of that step; 0 before */
  readonly epoch: number;
  /** training thinned out to at most {@link historyLimit} steps, validation in full */
  readonly history: { readonly training: MetricHistory; readonly validation: MetricHistory };
  /** the latest numbers: `training_loss`, `validation_accuracy`, …; the final ones at the end */
  readonly metrics: Readonly<Record<string, number>>;
  /** the last event's number; 0 before the first */
  readonly seq: number;
  /** RFC 3339 UTC of the first `running` */
  readonly startedAt?: string;
  /** from `startedAt` to the last event, or the training's own time at the end */
  readonly seconds: number;
  readonly result?: RunResult;
}

/** How many training steps a snapshot keeps at most. */
export const historyLimit = 2000;

/** A run of which nothing is known but its name. */
export function newSnapshot(key: string, tier: Tier): RunSnapshot {
  return withDigest(["tierbook.run-snapshot", key, tier], {
    key,
    tier,
    state: "accepted",
    environment: {},
    step: 0,
    epoch: 0,
    history: { training: [], validation: [] },
    metrics: {},
    seq: 0,
    seconds: 0,
  });
}

/** The snapshot after one more event. Events already counted, by their number, change nothing. */
export function snapshotAfter(snapshot: RunSnapshot, event: RunEvent): RunSnapshot {
  if (event.seq <= snapshot.seq) return snapshot;
  const { [digestKey]: digest, ...before } = snapshot;
  const startedAt =
    before.startedAt ??
    (event.type === "state" && event.state === "running" ? event.at : undefined);
  const after: Bare = {
    ...before,
    seq: event.seq,
    ...(startedAt !== undefined && {
      startedAt,
      seconds: Math.max(0, (Date.parse(event.at) - Date.parse(startedAt)) / 1000),
    }),
  };
  return withDigest([digest, event], withEvent(after, event));
}

/** The snapshot once the run's result is known; its numbers replace the latest ones. */
export function snapshotWithResult(snapshot: RunSnapshot, result: RunResult): RunSnapshot {
  const { [digestKey]: digest, reason: _reason, ...before } = snapshot;
  return withDigest([digest, result], {
    ...before,
    state: result.state,
    ...(result.reason !== undefined && { reason: result.reason }),
    environment: { ...before.environment, ...result.environment },
    metrics: { ...before.metrics, ...result.metrics },
    step: Math.max(before.step, result.steps),
    seconds: result.seconds,
    result,
  });
}

type Bare = Omit<RunSnapshot, typeof digestKey>;

/** Names a snapshot by what led to it, which is far shorter than its history. */
function withDigest(origin: readonly unknown[], snapshot: Bare): RunSnapshot {
  return { ...snapshot, [digestKey]: jsonDigest(origin) };
}

function withEvent(snapshot: Bare, event: RunEvent): Bare {
  if (event.type === "state") return afterState(snapshot, event);
  if (event.type === "metric") return afterMetric(snapshot, event);
  if (event.type === "data") return afterData(snapshot, event);
  return snapshot;
}

function afterState(snapshot: Bare, event: StateEvent): Bare {
  const { reason: _reason, ...rest } = snapshot;
  return {
    ...rest,
    state: event.state,
    ...(event.reason !== undefined && { reason: event.reason }),
    ...(event.prediction !== undefined && { prediction: event.prediction }),
    ...(event.override !== undefined && { override: event.override }),
    ...(event.environment !== undefined && { environment: event.environment }),
    ...(event.total !== undefined && { total: event.total }),
  };
}

function afterData(snapshot: Bare, { digest, numRows, seconds, memoryBytes }: DataEvent): Bare {
  return { ...snapshot, data: { digest, numRows, seconds, memoryBytes } };
}

function afterMetric(snapshot: Bare, event: MetricEvent): Bare {
  const history = [...snapshot.history[event.split], ...rowsFromColumns(event.columns)];
  const step = event.columns["step"]?.at(-1) ?? snapshot.step;
  const epoch = event.columns["epoch"]?.at(-1) ?? snapshot.epoch;
  const latest = Object.entries(event.columns).flatMap(([name, values]) => {
    const value = values.at(-1);
    return name === "step" || name === "epoch" || value == null
      ? []
      : [[`${event.split}_${name}`, value] as const];
  });
  return {
    ...snapshot,
    step: Math.max(step, snapshot.step),
    epoch: Math.max(epoch, snapshot.epoch),
    history: {
      ...snapshot.history,
      [event.split]: event.split === "training" ? thin(history) : history,
    },
    metrics: { ...snapshot.metrics, ...Object.fromEntries(latest) },
  };
}

function rowsFromColumns(columns: MetricEvent["columns"]): MetricHistory {
  const names = Object.keys(columns);
  const length = Math.max(0, ...Object.values(columns).map((values) => values.length));
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(names.map((name) => [name, columns[name]?.[i] ?? null])),
  );
}

/**
 * Keeps the steps that a power of two divides, the smallest for which they are few enough, the
 * first, and the last. So what stays depends on how far the run is, not on how its steps were
 * batched into events.
 */
function thin(history: MetricHistory): MetricHistory {
  const last = history.at(-1)?.["step"] ?? 0;
  let stride = 1;
  while (last / stride > historyLimit - 2) stride *= 2;
  if (stride === 1) return history;
  return history.filter(
    ({ step }, i) =>
      i === history.length - 1 || step === 1 || (step != null && step % stride === 0),
  );
}
