import type { Tensor } from "@tensorflow/tfjs-core";
import type { Plan } from "../plan.ts";
import type { TrainingSpeed } from "../prediction.ts";
import { permutation, randomStream } from "../random.ts";
import { Score } from "../score.ts";
import {
  sourceFromBlock,
  validationBlockRows,
  type RowSource,
  type TrainingData,
} from "../training-data.ts";
import type { Kernels } from "./kernels.ts";
import { Network, type SavedParameter } from "./network.ts";
import { addBlock, mostStepsBetweenReads, uploadClassWeights } from "./stepper.ts";

/** Rows of a step that is timed beside one of the plan's batch, where they can be so many. */
const manyRows = 4096;

/** Seconds that the measurement takes, more or less: less would time code that is not compiled yet. */
const budget = 0.25;

/**
 * How fast a plan trains on a device: times steps of the plan's batch and of another one and solves
 * for what a step and what a row costs, then times the validation of a whole block. Rows are repeated
 * where there are too few. Works on copies of the parameters, so it changes nothing.
 */
export async function measureSpeed(
  kernels: Kernels,
  plan: Plan,
  data: TrainingData,
  parameters: readonly SavedParameter[],
): Promise<TrainingSpeed> {
  const trial = await Trial.start(kernels, plan, data, parameters);
  try {
    const own = await trial.secondsPerStep(plan.batch, budget / 4);
    const batch = otherBatch(plan.batch, own);
    const other = await trial.secondsPerStep(batch, budget / 2);
    return {
      ...costs({ rows: plan.batch, seconds: own }, { rows: batch, seconds: other }),
      validationRowSeconds: await trial.secondsPerValidationRow(budget / 4),
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
      { ...data, validation: await repeated(data.validation, validationBlockRows) },
      new Network(kernels, plan, parameters),
      numRows,
      kernels.upload(x, [numRows, data.width]),
      kernels.upload(y, [numRows]),
      kernels.makeLosses(mostStepsBetweenReads),
      uploadClassWeights(kernels, data),
    );
  }

  /** Over bunches of steps, the making of their order and the reading included. */
  async secondsPerStep(batch: number, seconds: number): Promise<number> {
    const took = async (steps: number): Promise<number> => {
      const began = performance.now();
      for (let step = 0; step < steps; step++) this.step(batch, step);
      await this.kernels.read(this.losses);
      return (performance.now() - began) / 1000;
    };
    const first = await took(1);
    const steps = Math.floor(Math.min(mostStepsBetweenReads, seconds / bunches / first));
    if (steps < 1) return first;
    return (await least(seconds, () => took(steps))) / steps;
  }

  async secondsPerValidationRow(seconds: number): Promise<number> {
    const rows = this.data.validation.numRows;
    const took = async (): Promise<number> => {
      const score = new Score(this.plan, this.data, rows);
      const began = performance.now();
      await addBlock(score, this.kernels, this.network, this.data, 0);
      return (performance.now() - began) / 1000;
    };
    return (await least(seconds, took)) / rows;
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

/** The first rows of a source, from the beginning again where they are too few. */
async function repeated(source: RowSource, numRows: number): Promise<RowSource> {
  const known = Math.min(source.numRows, numRows);
  const { x, y } = await source.read(0, known);
  const width = x.length / known;
  const all = new Float32Array(numRows * width);
  for (let row = 0; row < numRows; row += known)
    all.set(x.subarray(0, Math.min(known, numRows - row) * width), row * width);
  return sourceFromBlock({
    numRows,
    x: all,
    y: Float32Array.from({ length: numRows }, (_, row) => y[row % known] ?? 0),
  });
}

/** About as many measurements as are made of one thing. */
const bunches = 5;

/** The least of what is measured within some seconds: whatever else goes on only adds to it. */
async function least(seconds: number, measure: () => Promise<number>): Promise<number> {
  const end = performance.now() + 1000 * seconds;
  let found = Infinity;
  do found = Math.min(found, await measure());
  while (performance.now() < end);
  return found;
}

/** A batch far from the plan's, whose step the budget allows several times. */
function otherBatch(batch: number, seconds: number): number {
  const affordable = Math.floor((batch * budget) / 2 / bunches / seconds);
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
