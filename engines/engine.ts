import type { Table } from "../data/table.ts";
import type { Plan } from "./plan.ts";
import type { TrainingData } from "./training-data.ts";
import type { Device, RunEventBody, RunResult, Tier } from "./run.ts";

/**
 * Trains plans. Every engine passes one contract suite: the same first weights, the same batches,
 * losses within a stated tolerance of a reference, a stop on NaN that names the step, and a resume
 * that ends with the weights of an uninterrupted run.
 */
export interface Engine {
  readonly name: "tfjs" | "torch";
  /**
   * Trains a plan on the rows of a table, which it checks and encodes itself, or on rows that are
   * checked and encoded already. Yields events as they happen; returns what it came to. The
   * only state it yields is `running`: the last one is in the outcome, and whoever runs the engine
   * writes it down, once what the outcome holds is safe.
   *
   * A fault of the run (NaN, a lost device, rows that the plan refuses) is a result with state
   * `failed` and a reason, not an exception.
   */
  train(
    plan: Plan,
    rows: Table | TrainingData,
    options: TrainOptions,
  ): AsyncGenerator<RunEventBody, TrainOutcome>;
}

/** How a plan is trained. */
export interface TrainOptions {
  /** `dry` computes loss and gradient of the first batch and changes nothing */
  readonly tier: Tier;
  readonly device: Device;
  /** asks the run to end after the step under way; it then returns `cancelled` and a checkpoint */
  readonly signal?: AbortSignal;
  /** a checkpoint to go on from, as {@link TrainOutcome.checkpoint} or `onCheckpoint` gave it */
  readonly resume?: Uint8Array;
  /** seconds between checkpoints; none are made where it is absent */
  readonly checkpointSeconds?: number;
  /** keeps a checkpoint; training goes on when it resolves */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
}

/** All that a run needs to go on: weights, optimiser slots, step; a safetensors file. */
export interface Checkpoint {
  readonly step: number;
  readonly bytes: Uint8Array;
}

/** What training came to. */
export interface TrainOutcome extends Omit<RunResult, "key"> {
  /** trained weights and the fitted means and deviations, as safetensors; absent for `dry` */
  readonly weights?: Uint8Array;
  /** where it stopped, when it was cancelled */
  readonly checkpoint?: Checkpoint;
}
