import type { Tensor } from "@tensorflow/tfjs-core";
import { windowSize } from "../epoch-order.ts";
import type { Plan } from "../plan.ts";
import { Score } from "../score.ts";
import { validationBlockRows, windowRows, type TrainingData } from "../training-data.ts";
import type { Kernels } from "./kernels.ts";
import { Network, type Batch, type SavedParameter } from "./network.ts";
import { RowWindows, type WindowPlace } from "./row-windows.ts";

/** Losses are read from the device at least this often. */
export const mostStepsBetweenReads = 1024;

/** How a stepper starts. */
export interface StepperOptions {
  /** weights and slots to go on from; else the plan's first ones */
  readonly saved?: readonly SavedParameter[];
  /** the most training rows on the device at once; {@link windowRows} where it is left out */
  readonly windowRows?: number;
}

/**
 * A plan and its rows on a device, ready to take steps. Rows go up window by window, once where they
 * fit into one; each batch is gathered on the device.
 */
export class Stepper {
  readonly network: Network;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  private readonly stepsPerWindow: number;
  private readonly windows: RowWindows;
  private readonly losses: Tensor;
  private readonly classWeights: Tensor | undefined;

  constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    private readonly data: TrainingData,
    options: StepperOptions = {},
  ) {
    const limit = options.windowRows ?? windowRows;
    this.stepsPerEpoch = Math.ceil(data.training.numRows / plan.batch);
    this.steps = this.stepsPerEpoch * plan.epochs;
    this.stepsPerWindow = windowSize({ batch: plan.batch, windowRows: limit }) / plan.batch;
    this.network = new Network(kernels, plan, options.saved);
    this.windows = new RowWindows(kernels, plan, data, limit);
    this.losses = kernels.makeLosses(mostStepsBetweenReads);
    this.classWeights = uploadClassWeights(kernels, data);
  }

  /** The epoch of a step, both from 0. */
  epochOf(step: number): number {
    return Math.floor(step / this.stepsPerEpoch);
  }

  /** How many rows a step takes; an epoch's last batch may be smaller. */
  rowsOf(step: number): number {
    const start = (step % this.stepsPerEpoch) * this.plan.batch;
    return Math.min(this.plan.batch, this.data.training.numRows - start);
  }

  /** The first step after a step's window. Steps of one window are ready together. */
  windowEnd(step: number): number {
    const { epoch, window } = this.placeOf(step);
    const inEpoch = Math.min((window + 1) * this.stepsPerWindow, this.stepsPerEpoch);
    return epoch * this.stepsPerEpoch + inEpoch;
  }

  /** Brings the rows of a step's window to the device, unless they are there. */
  async prepare(step: number): Promise<void> {
    await this.windows.bring(this.placeOf(step));
  }

  /** Takes a step, from 0, whose window is ready; its loss stays on the device in `slot`. */
  step(step: number, slot: number): void {
    this.network.step(this.batch(step), step, this.steps, this.losses, slot);
  }

  /** Waits for the device: the losses of the first `count` slots. */
  async readLosses(count: number): Promise<Float32Array> {
    return (await this.kernels.read(this.losses)).subarray(0, count);
  }

  /** Loss and gradient norm of a step's batch; changes nothing. */
  async look(step: number): Promise<{ readonly loss: number; readonly gradientNorm: number }> {
    await this.prepare(step);
    const gradientNorm = await this.network.gradientNorm(this.batch(step), step, this.losses, 0);
    const [loss = NaN] = await this.readLosses(1);
    return { loss, gradientNorm };
  }

  /** What the network says about the validation rows now. */
  async validate(): Promise<Score> {
    const { validation } = this.data;
    const score = new Score(this.plan, this.data, validation.numRows);
    for (let start = 0; start < validation.numRows; start += validationBlockRows)
      await addBlock(score, this.kernels, this.network, this.data, start);
    return score;
  }

  dispose(): void {
    this.network.dispose();
    this.windows.dispose();
    this.losses.dispose();
    this.classWeights?.dispose();
  }

  private placeOf(step: number): WindowPlace {
    const window = Math.floor((step % this.stepsPerEpoch) / this.stepsPerWindow);
    return { epoch: this.epochOf(step), window };
  }

  private batch(step: number): Batch {
    const place = this.placeOf(step);
    const { x, y, order } = this.windows.get(place);
    const inEpoch = (step % this.stepsPerEpoch) * this.plan.batch;
    const start = inEpoch - place.window * this.stepsPerWindow * this.plan.batch;
    return {
      x: this.kernels.takeRows(x, order, start, this.rowsOf(step)),
      targets: {
        all: y,
        order,
        start,
        ...(this.classWeights && { classWeights: this.classWeights }),
      },
    };
  }
}

/** The class weights on a device: [classes], for `BatchTargets`; undefined where all count one. */
export function uploadClassWeights(
  kernels: Kernels,
  { classWeights }: Pick<TrainingData, "classWeights">,
): Tensor | undefined {
  return classWeights && kernels.upload(Float32Array.from(classWeights), [classWeights.length]);
}

/** Adds to a score what a network says about the block of validation rows that begins at `start`. */
export async function addBlock(
  score: Score,
  kernels: Kernels,
  network: Network,
  { validation, width }: TrainingData,
  start: number,
): Promise<void> {
  const count = Math.min(validationBlockRows, validation.numRows - start);
  const { x, y } = await validation.read(start, count);
  const logits = network.predict(kernels.upload(x, [count, width]));
  score.add(await kernels.read(logits), y);
  logits.dispose();
}
