import type { Tensor } from "@tensorflow/tfjs-core";
import type { Plan } from "../plan.ts";
import type { TrainingSpeed } from "../prediction.ts";
import { permutation, randomStream } from "../random.ts";
import { Score } from "../score.ts";
import { validationBlockRows, type TrainingData } from "../training-data.ts";
import type { Kernels } from "./kernels.ts";
import { Network, type SavedParameter } from "./network.ts";
import { addBlock, mostStepsBetweenReads, uploadClassWeights } from "./stepper.ts";

/** Rows of a step that is timed beside one of the plan's batch, where they can be so many. */
const manyRows = 4096;

/**
 * How fast a plan trains on a device: times steps of the plan's batch and of another one and solves
 * for what a step and what a row costs, then times the validation of a block. Works on copies of the
 * parameters, so it changes nothing.
 *
 * @param budget seconds it may take, more or less
 */
export async function measureSpeed(
  kernels: Kernels,
  plan: Plan,
  data: TrainingData,
  parameters: readonly SavedParameter[],
  budget: number,
): Promise<TrainingSpeed> {
  const trial = await Trial.start(kernels, plan, data, parameters);
  try {
    const own = await trial.secondsPerStep(plan.batch, budget / 3);
    const batch = otherBatch(plan.batch, own, budget / 3);
    const other = await trial.secondsPerStep(batch, budget / 3);
    return {
      ...costs({ rows: plan.batch, seconds: own }, { rows: batch, seconds: other }),
      validationRowSeconds: await trial.secondsPerValidationRow(budget / 3),
      trainingShare: data.training.numRows / data.numRows,
      validationShare: data.validation.numRows / data.numRows,
    };
  } finally {
    trial.dispose();
  }
}

/** Steps of any batch on some of the training rows, which it repeats where they are too few. */
class Trial {
  private constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    private readonly data: TrainingData,
    private readonly network: Network,
    private readonly numRows: number,
    private readonly x: Tensor,
    private readonly y: Tensor,
    private readonly losses: Tensor,
    private readonly classWeights: Tensor | undefined,
  ) {}

  static async start(
    kernels: Kernels,
    plan: Plan,
    data: TrainingData,
    parameters: readonly SavedParameter[],
  ): Promise<Trial> {
    const numRows = Math.min(manyRows, data.training.numRows);
    const { x, y } = await data.training.read(0, numRows);
    return new Trial(
      kernels,
      plan,
      data,
      new Network(kernels, plan, parameters),
      numRows,
      kernels.upload(x, [numRows, data.width]),
      kernels.upload(y, [numRows]),
      kernels.makeLosses(mostStepsBetweenReads),
      uploadClassWeights(kernels, data),
    );
  }

  /** The median over some bunches of steps, the making of their order and the reading included. */
  async secondsPerStep(batch: number, budget: number): Promise<number> {
    const took = async (steps: number): Promise<number> => {
      const began = performance.now();
      for (let step = 0; step < steps; step++) this.step(batch, step);
      await this.kernels.read(this.losses);
      return (performance.now() - began) / 1000;
    };
    const first = await took(1);
    if (first > budget) return first;
    const second = await took(1);
    const steps = Math.floor(budget / bunches / second);
    if (steps < 1) return second;
    return await median(async () => {
      const count = Math.min(steps, mostStepsBetweenReads);
      return (await took(count)) / count;
    });
  }

  async secondsPerValidationRow(budget: number): Promise<number> {
    const rows = Math.min(validationBlockRows, this.data.validation.numRows);
    const took = async (): Promise<number> => {
      const score = new Score(this.plan, this.data, rows);
      const began = performance.now();
      await addBlock(score, this.kernels, this.network, this.data, 0);
      return (performance.now() - began) / 1000 / rows;
    };
    const first = await took();
    return first * rows > budget / bunches ? first : await median(took);
  }

  dispose(): void {
    this.network.dispose();
    for (const tensor of [this.x, this.y, this.losses, this.classWeights]) tensor?.dispose();
  }

  private step(batch: number, step: number): void {
    const sequence = { seed: this.plan.seed, stream: randomStream.shuffle, layer: 0, step };
    const places = permutation(sequence, batch).map((place) => place % this.numRows);
    const order = this.kernels.uploadOrder(places);
    const x = this.kernels.takeRows(this.x, order, 0, batch);
    const { y: all, classWeights } = this;
    const targets = { all, order, start: 0, ...(classWeights && { classWeights }) };
    this.network.step({ x, targets }, step, mostStepsBetweenReads, this.losses, step);
    order.dispose();
  }
}

/** Measurements of which the middle one counts. */
const bunches = 3;

async function median(measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let i = 0; i < bunches; i++) found.push(await measure());
  return found.sort((a, b) => a - b)[Math.floor(bunches / 2)] ?? NaN;
}

/** A batch far from the plan's, whose step takes no longer than `budget` lets it. */
function otherBatch(batch: number, seconds: number, budget: number): number {
  const affordable = Math.floor((batch * budget) / bunches / seconds);
  const larger = Math.min(manyRows, affordable);
  return larger >= 4 * batch ? larger : Math.max(1, Math.floor(batch / 8));
}

interface TimedStep {
  readonly rows: number;
  readonly seconds: number;
}

/** seconds = stepSeconds + rows · rowSeconds through both, as far as neither cost is below zero. */
function costs(
  own: TimedStep,
  other: TimedStep,
): Pick<TrainingSpeed, "stepSeconds" | "rowSeconds"> {
  const rise = (other.seconds - own.seconds) / (other.rows - own.rows);
  const rowSeconds =
    other.rows === own.rows ? 0 : Math.min(Math.max(0, rise), own.seconds / own.rows);
  return { rowSeconds, stepSeconds: Math.max(0, own.seconds - own.rows * rowSeconds) };
}
