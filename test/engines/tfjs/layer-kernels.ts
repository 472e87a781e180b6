import type { Tensor } from "@tensorflow/tfjs-core";
import { randomStream, uniforms } from "../../../engines/random.ts";
import type { Kernels, Parameter } from "../../../engines/tfjs/kernels.ts";
import {
  embedded,
  embedInputGradient,
  finiteDifferences,
  matrix,
  momentsOf,
  normed,
  tableGradient,
  transposed,
  weightedLoss,
  type Matrix,
} from "./layer-reference.ts";

/*
 * What a backend's kernels give beside the float64 reference. It runs in Node and in Chromium.
 */

/** The largest deviation of each result, relative to the largest number expected of it. */
export type Deviations = Readonly<Record<string, number>>;

/** All kernels of embeddings, normalisations and weighted losses. */
export async function layerDeviations(kernels: Kernels): Promise<Deviations> {
  const found: Record<string, number> = {};
  for (const of of embeddings) await lookAtEmbedding(new Look(kernels, found), of);
  for (const of of norms) {
    await lookAtBatchNorm(new Look(kernels, found), of);
    await lookAtLayerNorm(new Look(kernels, found), of);
  }
  for (const type of ["softmaxCrossEntropy", "sigmoidCrossEntropy"] as const)
    await lookAtLoss(new Look(kernels, found), type);
  return found;
}

interface EmbeddingCase {
  readonly rows: number;
  readonly width: number;
  readonly indices: readonly number[];
  readonly words: number;
  readonly units: number;
}

const embeddings: readonly EmbeddingCase[] = [
  { rows: 37, width: 6, indices: [1, 4], words: 5, units: 3 },
  { rows: 1, width: 1, indices: [0], words: 1, units: 4 },
  { rows: 70, width: 4, indices: [0, 1, 3], words: 9, units: 1 },
  { rows: 4096, width: 3, indices: [2], words: 300, units: 16 },
  { rows: 300, width: 2, indices: [0, 1], words: 50_000, units: 16 },
];

interface NormCase {
  readonly rows: number;
  readonly columns: number;
  readonly epsilon: number;
  /** added to numbers that lie in ±1 */
  readonly offset: number;
}

const norms: readonly NormCase[] = [
  { rows: 23, columns: 5, epsilon: 1e-5, offset: 0 },
  { rows: 1, columns: 4, epsilon: 1e-3, offset: 2 },
  { rows: 130, columns: 1, epsilon: 1e-5, offset: -1 },
  { rows: 600, columns: 150, epsilon: 1e-5, offset: 20 },
];

async function lookAtEmbedding(look: Look, of: EmbeddingCase): Promise<void> {
  const { rows, width, indices, words, units } = of;
  const name = `embed ${rows} × ${width}, ${words} words × ${units}`;
  const x = someNumbers(rows * width, 1).map((value, i) =>
    indices.includes(i % width) ? indexOf(value, i, words) : value,
  );
  const table = someNumbers(words * units, 2);
  const outputs = width + indices.length * (units - 1);
  const gradient = someNumbers(rows * outputs, 3);
  const [xs, tables, gs] = [matrix(x, width), matrix(table, units), matrix(gradient, outputs)];
  const on = look.put(x, [rows, width]);
  const tableOn = look.put(table, [words, units]);
  await look.at(
    `${name}: output`,
    look.kernels.embed(on, tableOn, indices),
    embedded(xs, tables, indices),
  );
  const flowing = look.kernels.upload(gradient, [rows, outputs]);
  const found = look.kernels.embedGradients(on, tableOn, indices, flowing, true);
  await look.at(`${name}: table`, found.table, tableGradient(xs, tables, indices, gs));
  await look.at(`${name}: input`, found.input, embedInputGradient(xs, units, indices, gs));
  look.end();
}

/** A few words often, all of them sometimes, and now and then none of the table's. */
function indexOf(value: number, i: number, words: number): number {
  const outside = [-1, words, 1e9, -0.5, 16_777_216][i % 97];
  if (outside !== undefined) return outside;
  const share = (value + 1) / 2;
  return Math.floor((i % 3 === 0 ? share : share ** 8) * words) % words;
}

async function lookAtBatchNorm(look: Look, of: NormCase): Promise<void> {
  const { rows, columns, epsilon } = of;
  const name = `batchNorm ${rows} × ${columns}`;
  const { x, scale, shift, gradient } = normNumbers(of);
  const xs = matrix(x, columns);
  const expected = normed(xs, [...scale], [...shift], epsilon, true, matrix(gradient, columns));
  const moments = transposed(xs).map(momentsOf);
  const on = look.put(x, [rows, columns]);
  const weights = { scale: look.put(scale, [columns]), shift: look.put(shift, [columns]) };
  const saved = look.kernels.batchNorm(on, weights, epsilon);
  const flowing = look.kernels.upload(gradient, [rows, columns]);
  const found = look.kernels.batchNormGradients(on, weights, saved, flowing, true);
  const again = look.kernels.normalize(on, weights, saved.mean, saved.variance, epsilon);
  await look.at(`${name}: normalize`, again, expected.output);
  await look.at(`${name}: output`, saved.output, expected.output);
  await look.at(`${name}: mean`, saved.mean, [moments.map(({ mean }) => mean)]);
  await look.at(`${name}: variance`, saved.variance, [moments.map(({ variance }) => variance)]);
  await look.at(`${name}: inverse`, saved.inverse, [
    moments.map(({ variance }) => 1 / Math.sqrt(variance + epsilon)),
  ]);
  await look.atGradients(name, found, expected);
  look.end();
}

async function lookAtLayerNorm(look: Look, of: NormCase): Promise<void> {
  const { rows, columns, epsilon } = of;
  const name = `layerNorm ${rows} × ${columns}`;
  const { x, scale, shift, gradient } = normNumbers(of);
  const xs = matrix(x, columns);
  const expected = normed(xs, [...scale], [...shift], epsilon, false, matrix(gradient, columns));
  const moments = xs.map(momentsOf);
  const on = look.put(x, [rows, columns]);
  const weights = { scale: look.put(scale, [columns]), shift: look.put(shift, [columns]) };
  const saved = look.kernels.layerNorm(on, weights, epsilon);
  const flowing = look.kernels.upload(gradient, [rows, columns]);
  const found = look.kernels.layerNormGradients(on, weights, saved, flowing, true);
  await look.at(`${name}: output`, saved.output, expected.output);
  await look.at(`${name}: mean`, saved.mean, [moments.map(({ mean }) => mean)]);
  await look.at(`${name}: inverse`, saved.inverse, [
    moments.map(({ variance }) => 1 / Math.sqrt(variance + epsilon)),
  ]);
  await look.atGradients(name, found, expected);
  look.end();
}

function normNumbers({
  rows,
  columns,
  offset,
}: NormCase): Record<"x" | "scale" | "shift" | "gradient", Float32Array> {
  return {
    x: someNumbers(rows * columns, 4).map((value) => value + offset),
    scale: someNumbers(columns, 5).map((value) => value + 2),
    shift: someNumbers(columns, 6),
    gradient: someNumbers(rows * columns, 7),
  };
}

/** The loss itself is by definition, its gradient by central differences of it. */
async function lookAtLoss(
  look: Look,
  type: "softmaxCrossEntropy" | "sigmoidCrossEntropy",
): Promise<void> {
  const width = type === "softmaxCrossEntropy" ? 3 : 1;
  const [rows, classes] = [70, Math.max(2, width)];
  const logits = someNumbers(rows * width, 8).map((value) => 3 * value);
  const all = Float32Array.from({ length: rows + 5 }, (_, i) => i % classes);
  const weights = Float32Array.of(0.5, 2, 1.25).subarray(0, classes);
  const order = Uint32Array.from({ length: rows + 3 }, (_, i) => (i * 7) % (rows + 5));
  const targets = [...order.subarray(2, 2 + rows)].map((row) => all[row] ?? NaN);
  const lossOf = (values: readonly number[]): number =>
    weightedLoss(matrix(values, width), targets, [...weights]);
  const losses = look.keep(look.kernels.makeLosses(3));
  const found = look.kernels.lossGradient(
    type,
    look.put(logits, [rows, width]),
    {
      all: look.put(all, [rows + 5]),
      order: look.keep(look.kernels.uploadOrder(order)),
      start: 2,
      classWeights: look.put(weights, [classes]),
    },
    losses,
    1,
  );
  await look.at(`weighted ${type}: loss`, losses, [[0, lossOf([...logits]), 0]]);
  const differences = finiteDifferences(lossOf, [...logits]);
  await look.at(`weighted ${type}: gradient`, found, matrix(differences, width));
  look.end();
}

/** Collects deviations, and disposes at its end what it was given. */
class Look {
  private readonly tensors = new Set<Tensor>();

  constructor(
    readonly kernels: Kernels,
    private readonly found: Record<string, number>,
  ) {}

  put(values: Float32Array, shape: readonly number[]): Tensor {
    return this.keep(this.kernels.upload(values, shape));
  }

  keep(tensor: Tensor): Tensor {
    this.tensors.add(tensor);
    return tensor;
  }

  async at(name: string, tensor: Tensor | undefined, expected: Matrix): Promise<void> {
    if (tensor === undefined) throw new Error(`there is no ${name}`);
    const actual = await this.kernels.read(this.keep(tensor));
    this.found[name] = deviation(actual, expected.flat());
  }

  async atGradients(
    name: string,
    found: { readonly scale: Tensor; readonly shift: Tensor; readonly input?: Tensor },
    expected: { readonly scale: number[]; readonly shift: number[]; readonly input: Matrix },
  ): Promise<void> {
    await this.at(`${name}: scale`, found.scale, [expected.scale]);
    await this.at(`${name}: shift`, found.shift, [expected.shift]);
    await this.at(`${name}: input`, found.input, expected.input);
  }

  end(): void {
    for (const tensor of this.tensors) tensor.dispose();
  }
}

/** Infinity where lengths differ or a number is none. */
export function deviation(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  let [greatest, size] = [0, 1e-3];
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    greatest = Math.max(greatest, Number.isNaN(difference) ? Infinity : difference);
    size = Math.max(size, Math.abs(value));
  });
  return greatest / size;
}

/** The bits of a shared table's gradient, made twice. */
export async function tableGradientBits(kernels: Kernels): Promise<[Uint32Array, Uint32Array]> {
  const rows = 4096;
  const x = kernels.upload(
    someNumbers(2 * rows, 1).map((value) => Math.floor((value + 1) * 20)),
    [rows, 2],
  );
  const table = kernels.upload(new Float32Array(40 * 16), [40, 16]);
  const once = async (): Promise<Uint32Array> => {
    const gradient = kernels.upload(someNumbers(rows * 32, 2), [rows, 32]);
    const found = kernels.embedGradients(x, table, [0, 1], gradient, false);
    const values = await kernels.read(found.table);
    found.table.dispose();
    return new Uint32Array(values.buffer, values.byteOffset, values.length);
  };
  const bits: [Uint32Array, Uint32Array] = [await once(), await once()];
  x.dispose();
  table.dispose();
  return bits;
}

/** Where NaN comes out of each kernel into which it goes, as row:column. */
export async function nanPlaces(kernels: Kernels): Promise<Readonly<Record<string, string>>> {
  const values = Float32Array.of(1, 0.5, 2, NaN, 3, 0.25);
  const x = kernels.upload(values, [3, 2]);
  const indices = kernels.upload(Float32Array.of(1, 0, NaN, 2, 0, 1), [3, 2]);
  const table = kernels.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const ones = kernels.upload(Float32Array.of(1, 1), [2]);
  const weights = { scale: ones, shift: ones };
  const byColumn = kernels.batchNorm(x, weights, 1e-5);
  const byRow = kernels.layerNorm(x, weights, 1e-5);
  const places: Record<string, string> = {};
  for (const [name, tensor] of [
    ["embed", kernels.embed(indices, table, [0])],
    ["batchNorm", byColumn.output],
    ["normalize", kernels.normalize(x, weights, ones, ones, 1e-5)],
    ["layerNorm", byRow.output],
  ] as const) {
    const read = matrix(await kernels.read(tensor), tensor.shape[1] ?? 1);
    places[name] = read
      .flatMap((row, i) => row.flatMap((value, j) => (Number.isNaN(value) ? `${i}:${j}` : [])))
      .join(" ");
    tensor.dispose();
  }
  for (const tensor of [x, indices, table, ones, byRow.mean, byRow.inverse]) tensor.dispose();
  for (const tensor of [byColumn.mean, byColumn.variance, byColumn.inverse]) tensor.dispose();
  return places;
}

/** Running moments after batches of one column, from mean 0 and variance 1. */
export async function runningMoments(
  kernels: Kernels,
  batches: readonly (readonly number[])[],
  momentum: number,
): Promise<{ readonly mean: number; readonly variance: number }> {
  const state = (name: string, value: number): Parameter =>
    kernels.makeParameter(name, [1], Float32Array.of(value), 0);
  const [mean, variance] = [state("mean", 0), state("variance", 1)];
  const weights = {
    scale: kernels.upload(Float32Array.of(1), [1]),
    shift: kernels.upload(Float32Array.of(0), [1]),
  };
  for (const batch of batches) {
    const x = kernels.upload(Float32Array.from(batch), [batch.length, 1]);
    const saved = kernels.batchNorm(x, weights, 1e-5);
    kernels.moveState(mean, saved.mean, momentum, 1);
    kernels.moveState(variance, saved.variance, momentum, batch.length / (batch.length - 1));
    for (const tensor of [x, ...Object.values(saved)]) tensor.dispose();
  }
  const [ofMean = NaN] = await kernels.read(mean.value);
  const [ofVariance = NaN] = await kernels.read(variance.value);
  for (const tensor of [mean.value, variance.value, weights.scale, weights.shift]) tensor.dispose();
  return { mean: ofMean, variance: ofVariance };
}

/** Uniform on ±1, the same each time. */
function someNumbers(count: number, step: number): Float32Array {
  const sequence = { seed: 23, stream: randomStream.weights, layer: count % 97, step };
  return uniforms(sequence, count).map((u) => 2 * u - 1);
}
