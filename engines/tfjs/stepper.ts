import type { Tensor } from "@tensorflow/tfjs-core";
import type { Plan } from "../plan.ts";
import { permutation, randomStream } from "../random.ts";
import { Score } from "../score.ts";
import type { TrainingTensors } from "../tensors.ts";
import type { Kernels } from "./kernels.ts";
import { Network, type SavedParameter } from "./network.ts";

/** Losses are read from the device at least this often. */
export const mostStepsBetweenReads = 1024;

/** Rows a pass of the network takes in validation. */
const validationRows = 4096;

/**
 * A plan and its rows on a device, ready to take steps. Rows go up once; each epoch sends only its
 * order, and each batch is gathered on the device.
 */
export class Stepper {
  readonly network: Network;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  private readonly x: Tensor;
  private readonly y: Tensor;
  private readonly losses: Tensor;
  private readonly validation: Tensor;
  private order: { readonly epoch: number; readonly rows: Tensor } | undefined;

  constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    private readonly tensors: TrainingTensors,
    saved?: readonly SavedParameter[],
  ) {
    this.stepsPerEpoch = Math.ceil(tensors.training.length / plan.batch);
    this.steps = this.stepsPerEpoch * plan.epochs;
    this.network = new Network(kernels, plan, saved);
    this.x = kernels.upload(tensors.x, [tensors.numRows, tensors.width]);
    this.y = kernels.upload(tensors.y, [tensors.numRows]);
    this.losses = kernels.makeLosses(mostStepsBetweenReads);
    this.validation = kernels.uploadOrder(tensors.validation);
  }

  /** The epoch of a step, both from 0. */
  epochOf(step: number): number {
    return Math.floor(step / this.stepsPerEpoch);
  }

  /** How many rows a step takes; an epoch's last batch may be smaller. */
  rowsOf(step: number): number {
    return Math.min(this.plan.batch, this.tensors.training.length - this.startOf(step));
  }

  /** Takes a step, from 0; its loss stays on the device in `slot`. */
  step(step: number, slot: number): void {
    this.network.step(this.batch(step), step, this.steps, this.losses, slot);
  }

  /** Waits for the device: the losses of the first `count` slots. */
  async readLosses(count: number): Promise<Float32Array> {
    return (await this.kernels.read(this.losses)).subarray(0, count);
  }

  /** Loss and gradient norm of a step's batch; changes nothing. */
  async look(step: number): Promise<{ readonly loss: number; readonly gradientNorm: number }> {
    const gradientNorm = await this.network.gradientNorm(this.batch(step), step, this.losses, 0);
    const [loss = NaN] = await this.readLosses(1);
    return { loss, gradientNorm };
  }

  /** What the network says about the validation rows now. */
  async validate(): Promise<Score> {
    const { validation, y, scaling } = this.tensors;
    const score = new Score(this.plan, scaling);
    for (let start = 0; start < validation.length; start += validationRows) {
      const rows = validation.subarray(start, start + validationRows);
      const x = this.kernels.takeRows(this.x, this.validation, start, rows.length);
      const logits = this.network.predict(x);
      score.add(
        await this.kernels.read(logits),
        Array.from(rows, (row) => y[row] ?? 0),
      );
      logits.dispose();
    }
    return score;
  }

  dispose(): void {
    this.network.dispose();
    for (const tensor of [this.x, this.y, this.losses, this.validation, this.order?.rows])
      tensor?.dispose();
  }

  private startOf(step: number): number {
    return (step % this.stepsPerEpoch) * this.plan.batch;
  }

  private batch(step: number): Parameters<Network["step"]>[0] {
    const order = this.orderOf(this.epochOf(step));
    const start = this.startOf(step);
    return {
      x: this.kernels.takeRows(this.x, order, start, this.rowsOf(step)),
      targets: { all: this.y, order, start },
    };
  }

  private orderOf(epoch: number): Tensor {
    if (this.order?.epoch !== epoch) {
      this.order?.rows.dispose();
      const { training } = this.tensors;
      const sequence = {
        seed: this.plan.seed,
        stream: randomStream.shuffle,
        layer: 0,
        step: epoch,
      };
      const rows = permutation(sequence, training.length).map((at) => training[at] ?? 0);
      this.order = { epoch, rows: this.kernels.uploadOrder(rows) };
    }
    return this.order.rows;
  }
}
