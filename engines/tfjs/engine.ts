import { isTable } from "../../data/memory-table.ts";
import type { Table } from "../../data/table.ts";
import { baselineMetrics } from "../baseline-score.ts";
import type { Checkpoint, Engine, TrainOptions, TrainOutcome } from "../engine.ts";
import type { Plan } from "../plan.ts";
import type { RunEventBody } from "../run.ts";
import type { TrainingSpeed } from "../prediction.ts";
import type { Score } from "../score.ts";
import { trainingDataFromTable, type TrainingData } from "../training-data.ts";
import { BackendError, type BackendOptions, type ReadyBackend } from "./backend.ts";
import {
  checkpointFromState,
  CheckpointError,
  modelFile,
  stateFromCheckpoint,
  type TrainingState,
} from "./checkpoint.ts";
import { chooseDevice, type DeviceChoice } from "./device.ts";
import { environmentOf } from "./environment.ts";
import { emptyPart, firstFault } from "./first-fault.ts";
import { holdBackend } from "./lease.ts";
import type { SavedParameter } from "./network.ts";
import { pause } from "./pause.ts";
import { finiteMetrics, nextBunch, trainingMetrics, validationMetrics } from "./progress.ts";
import { measureSpeed } from "./speed.ts";
import { Stepper } from "./stepper.ts";

/** Where the engine finds what it needs, and how much it takes of it. */
export interface TfjsOptions extends BackendOptions {
  /** the most training rows on the device at once; `windowRows` of training data where it is left out */
  readonly windowRows?: number;
}

/**
 * The engine on tfjs: WebGPU or WASM, in a worker of the page or in Node.
 *
 * It trains with a loop of its own: nothing is read back at a step, losses come from the device in
 * bunches about ten times a second, and between bunches the event loop has its turn. How steps are
 * bunched changes events, never results. Of more rows than a window holds only two windows are in
 * memory; a small run ends with a measurement of how fast it went.
 */
export function createTfjsEngine(options: TfjsOptions = {}): Engine {
  return { name: "tfjs", train: (plan, rows, how) => train(options, plan, rows, how) };
}

async function* train(
  options: TfjsOptions,
  plan: Plan,
  rows: Table | TrainingData,
  how: TrainOptions,
): AsyncGenerator<RunEventBody, TrainOutcome> {
  const fault = firstFault(plan, rows);
  if (fault !== undefined) return failed(fault);
  const data = isTable(rows) ? trainingDataFromTable(plan, rows) : rows;
  const lack = emptyPart(data);
  if (lack !== undefined) return failed(lack);
  let choice: DeviceChoice;
  try {
    choice = await chooseDevice(how.device, plan, data, options);
  } catch (error) {
    if (error instanceof BackendError) return failed(error.message);
    throw error;
  }
  const release = await holdBackend(choice.ready);
  const run = new Run(plan, data, choice, how, options);
  try {
    return yield* run.train();
  } catch (error) {
    // a lost device shows itself as any error at all; say what happened to the device
    const reason = choice.ready.fault();
    if (reason !== undefined) return run.failed(reason);
    if (error instanceof CheckpointError) return run.failed(error.message);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    yield { type: "log", level: "error", text };
    return run.failed(`the engine stopped: ${error instanceof Error ? error.message : text}`);
  } finally {
    run.dispose();
    release();
  }
}

function failed(reason: string): TrainOutcome {
  return {
    state: "failed",
    reason,
    steps: 0,
    seconds: 0,
    metrics: {},
    environment: { engine: "tfjs" },
  };
}

/** One training under way. */
class Run {
  private readonly ready: ReadyBackend;
  private stepper: Stepper | undefined;
  private readonly environment: Readonly<Record<string, string>>;
  private startedAt = performance.now();
  private checkpointedAt = performance.now();
  private earlierSeconds = 0;
  private step = 0;
  private epochLoss = 0;
  private epochRows = 0;
  private metrics: Record<string, number> = {};
  private score: Score | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly data: TrainingData,
    choice: DeviceChoice,
    private readonly how: TrainOptions,
    private readonly options: TfjsOptions,
  ) {
    this.ready = choice.ready;
    this.environment = environmentOf(choice);
  }

  async *train(): AsyncGenerator<RunEventBody, TrainOutcome> {
    const { tier, resume } = this.how;
    const state =
      resume === undefined
        ? undefined
        : stateFromCheckpoint(this.plan, this.data.digest, this.ready.kernels.backend, resume);
    const { windowRows } = this.options;
    const stepper = new Stepper(this.ready.kernels, this.plan, this.data, {
      ...(state && { saved: state.parameters }),
      ...(windowRows !== undefined && { windowRows }),
    });
    this.stepper = stepper;
    if (state !== undefined) this.takeUp(state);
    yield {
      type: "state",
      state: "running",
      environment: this.environment,
      total: {
        epochs: this.plan.epochs,
        steps: stepper.steps,
        trainingRows: this.data.training.numRows,
        validationRows: this.data.validation.numRows,
      },
    };
    if (tier === "dry") return await this.look(stepper);
    if (state !== undefined)
      yield { type: "log", level: "info", text: `resumed after step ${state.step}` };
    const end = yield* this.takeSteps(stepper);
    return end ?? (await this.finish(stepper));
  }

  failed(reason: string): TrainOutcome {
    return { ...this.outcome(), state: "failed", reason };
  }

  dispose(): void {
    this.stepper?.dispose();
    this.stepper = undefined;
  }

  private takeUp(state: TrainingState): void {
    this.step = state.step;
    this.epochLoss = state.epochLoss;
    this.epochRows = state.epochRows;
    this.earlierSeconds = state.seconds;
    this.metrics["first_loss"] = state.firstLoss;
    if (state.epochRows > 0) this.metrics["training_loss"] = state.epochLoss / state.epochRows;
  }

  /** The dry tier: loss and gradient of the first batch; nothing is changed. */
  private async look(stepper: Stepper): Promise<TrainOutcome> {
    const { loss, gradientNorm } = await stepper.look(0);
    await pause();
    const fault = this.ready.fault();
    if (fault !== undefined) return this.failed(fault);
    if (!Number.isFinite(loss)) return this.failed(`the loss is ${loss} at the first batch`);
    if (!Number.isFinite(gradientNorm))
      return this.failed(`the gradient is ${gradientNorm} at the first batch`);
    this.metrics = { first_loss: loss, gradient_norm: gradientNorm };
    return this.outcome();
  }

  /** All steps that are left; gives the outcome where that comes before the end. */
  private async *takeSteps(
    stepper: Stepper,
  ): AsyncGenerator<RunEventBody, TrainOutcome | undefined> {
    let bunch = 1;
    while (this.step < stepper.steps) {
      const first = this.step;
      const epoch = stepper.epochOf(first);
      const end = Math.min(first + bunch, stepper.windowEnd(first));
      await stepper.prepare(first);
      const began = performance.now();
      for (let step = first; step < end; step++) stepper.step(step, step - first);
      const losses = await stepper.readLosses(end - first);
      bunch = nextBunch(end - first, performance.now() - began);

      const fault = this.ready.fault();
      if (fault !== undefined) return this.failed(fault);
      const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
      const good = wrong < 0 ? losses : losses.subarray(0, wrong);
      this.count(stepper, first, good);
      if (good.length > 0) yield trainingMetrics(first, epoch, good);
      if (wrong >= 0) {
        this.step = first + wrong + 1;
        return this.failed(`the loss became ${losses[wrong]} at step ${this.step}`);
      }
      this.step = end;
      if (end === (epoch + 1) * stepper.stepsPerEpoch) yield* this.endEpoch(stepper, epoch);
      await pause();
      if (this.how.signal?.aborted === true && this.step < stepper.steps)
        return await this.cancel(stepper);
      if (this.step < stepper.steps) await this.checkpointInTime(stepper);
    }
    return undefined;
  }

  private count(stepper: Stepper, first: number, losses: Float32Array): void {
    losses.forEach((loss, i) => {
      if ((first + i) % stepper.stepsPerEpoch === 0) this.epochLoss = this.epochRows = 0;
      const rows = stepper.rowsOf(first + i);
      this.epochLoss += loss * rows;
      this.epochRows += rows;
    });
    const [loss] = losses;
    if (first === 0 && loss !== undefined) this.metrics["first_loss"] = loss;
    this.metrics["training_loss"] = this.epochLoss / this.epochRows;
  }

  private async *endEpoch(stepper: Stepper, epoch: number): AsyncGenerator<RunEventBody, void> {
    this.score = await stepper.validate();
    for (const [name, value] of Object.entries(this.score.metrics))
      this.metrics[`validation_${name}`] = value;
    yield validationMetrics(this.step, epoch, this.score);
  }

  private async checkpointInTime(stepper: Stepper): Promise<void> {
    const { checkpointSeconds, onCheckpoint } = this.how;
    if (checkpointSeconds === undefined || onCheckpoint === undefined) return;
    if (performance.now() - this.checkpointedAt < checkpointSeconds * 1000) return;
    await onCheckpoint(await this.checkpoint(stepper));
    this.checkpointedAt = performance.now();
  }

  private async checkpoint(stepper: Stepper): Promise<Checkpoint> {
    return checkpointFromState(this.plan, this.data.digest, this.ready.kernels.backend, {
      step: this.step,
      epochLoss: this.epochLoss,
      epochRows: this.epochRows,
      firstLoss: this.metrics["first_loss"] ?? NaN,
      seconds: this.seconds(),
      parameters: await stepper.network.read(),
    });
  }

  private async cancel(stepper: Stepper): Promise<TrainOutcome> {
    return {
      ...this.outcome(),
      state: "cancelled",
      reason: `cancelled after step ${this.step} of ${stepper.steps}`,
      checkpoint: await this.checkpoint(stepper),
    };
  }

  private async finish(stepper: Stepper): Promise<TrainOutcome> {
    this.score ??= await stepper.validate();
    const { loss } = this.score;
    if (!Number.isFinite(loss))
      return this.failed(`the validation loss is ${loss} after step ${this.step}`);
    const baseline = await baselineMetrics(this.plan, this.data);
    for (const [name, value] of Object.entries(baseline))
      this.metrics[`validation_${name}`] = value;
    const parameters = await stepper.network.read();
    await pause();
    const fault = this.ready.fault();
    if (fault !== undefined) return this.failed(fault);
    const outcome = this.outcome();
    const { calibration, precisionRecall } = this.score;
    const speed = this.how.tier === "small" ? await this.speed(parameters) : undefined;
    return {
      ...outcome,
      ...(calibration && { calibration }),
      ...(precisionRecall && { precisionRecall }),
      ...(speed && { speed }),
      weights: modelFile(this.plan, this.data, parameters),
    };
  }

  /** How fast it went; undefined where that cannot be measured, which takes nothing from the run. */
  private async speed(parameters: readonly SavedParameter[]): Promise<TrainingSpeed | undefined> {
    try {
      return await measureSpeed(this.ready.kernels, this.plan, this.data, parameters);
    } catch {
      return undefined;
    }
  }

  private outcome(): TrainOutcome {
    const { confusion } = this.score ?? {};
    return {
      state: "succeeded",
      steps: this.step,
      seconds: this.seconds(),
      metrics: finiteMetrics(this.metrics),
      ...(confusion !== undefined && { confusion }),
      environment: this.environment,
    };
  }

  private seconds(): number {
    return this.earlierSeconds + (performance.now() - this.startedAt) / 1000;
  }
}
