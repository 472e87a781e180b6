/*
 * Embeddings, normalisations and weighted losses in plain float64 arrays, from their definitions, and
 * their gradients from the Jacobian written out. It shares nothing with the engine.
 */

export type Matrix = readonly (readonly number[])[];

/** Which of the table's rows an index names: the last where it names none. */
export function wordOf(value: number, table: Matrix): number {
  const word = Math.floor(value);
  return table[word] === undefined ? table.length - 1 : word;
}

/** Each row's indices replaced by the table's rows. */
export function embedded(x: Matrix, table: Matrix, indices: readonly number[]): number[][] {
  return x.map((row) =>
    row.flatMap((value, j) =>
      indices.includes(j) ? [...(table[wordOf(value, table)] ?? [])] : [value],
    ),
  );
}

/** The table's gradient: each word's parts of the output's gradient, summed. */
export function tableGradient(
  x: Matrix,
  table: Matrix,
  indices: readonly number[],
  gradient: Matrix,
): number[][] {
  const units = table[0]?.length ?? 0;
  const sums = table.map((row) => row.map(() => 0));
  x.forEach((row, i) => {
    let at = 0;
    row.forEach((value, j) => {
      if (!indices.includes(j)) return at++;
      const sum = sums[wordOf(value, table)] ?? [];
      for (let unit = 0; unit < units; unit++)
        sum[unit] = (sum[unit] ?? 0) + entry(gradient, i, at++);
      return at;
    });
  });
  return sums;
}

/** The input's gradient: that of what passed through. */
export function embedInputGradient(
  x: Matrix,
  units: number,
  indices: readonly number[],
  gradient: Matrix,
): number[][] {
  return x.map((row, i) => {
    let at = 0;
    return row.map((_, j) => {
      const isIndex = indices.includes(j);
      const passed = isIndex ? 0 : entry(gradient, i, at);
      at += isIndex ? units : 1;
      return passed;
    });
  });
}

export interface Moments {
  readonly mean: number;
  /** biased */
  readonly variance: number;
}

/** Of a column in batchNorm, of a row in layerNorm. */
export function momentsOf(values: readonly number[]): Moments {
  const mean = sum(values) / values.length;
  return { mean, variance: sum(values.map((value) => (value - mean) ** 2)) / values.length };
}

/** (x - mean) / √(variance + epsilon) */
export function normal(values: readonly number[], epsilon: number): number[] {
  const { mean, variance } = momentsOf(values);
  return values.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
}

/**
 * The gradient by the values that {@link normal} takes, by its Jacobian
 * ∂n_k / ∂x_i = (δ_ik - 1/m - n_i n_k / m) / √(variance + epsilon).
 */
export function normalGradient(
  values: readonly number[],
  epsilon: number,
  gradient: readonly number[],
): number[] {
  const m = values.length;
  const n = normal(values, epsilon);
  const deviation = Math.sqrt(momentsOf(values).variance + epsilon);
  return values.map((_, i) =>
    sum(
      gradient.map(
        (g, k) =>
          (g * ((i === k ? 1 : 0) - 1 / m - ((n[i] ?? NaN) * (n[k] ?? NaN)) / m)) / deviation,
      ),
    ),
  );
}

/** A normalisation's output and gradients, by columns or by rows. */
export interface Normed {
  readonly output: number[][];
  readonly scale: number[];
  readonly shift: number[];
  readonly input: number[][];
}

/** batchNorm (`byColumn`) or layerNorm of a matrix, and its gradients from that of its output. */
export function normed(
  x: Matrix,
  scale: readonly number[],
  shift: readonly number[],
  epsilon: number,
  byColumn: boolean,
  gradient: Matrix,
): Normed {
  const turned = (matrix: Matrix): Matrix => (byColumn ? transposed(matrix) : matrix);
  const normals = turned(turned(x).map((values) => normal(values, epsilon)));
  const scaled = gradient.map((row) => row.map((g, j) => g * (scale[j] ?? NaN)));
  const through = turned(scaled);
  return {
    output: normals.map((row) => row.map((n, j) => n * (scale[j] ?? NaN) + (shift[j] ?? NaN))),
    scale: transposed(normals.map((row, i) => row.map((n, j) => n * entry(gradient, i, j)))).map(
      sum,
    ),
    shift: transposed(gradient).map(sum),
    input: mutable(
      turned(turned(x).map((values, k) => normalGradient(values, epsilon, through[k] ?? []))),
    ),
  };
}

/** The mean of a batch's weighted cross-entropies. */
export function weightedLoss(
  logits: Matrix,
  targets: readonly number[],
  weights: readonly number[],
): number {
  return (
    sum(
      logits.map((row, i) => {
        const target = targets[i] ?? NaN;
        const [z = NaN] = row;
        const probability =
          row.length > 1
            ? Math.exp(row[target] ?? NaN) / sum(row.map(Math.exp))
            : 1 / (1 + Math.exp(target === 1 ? -z : z));
        return -Math.log(probability) * (weights[target] ?? NaN);
      }),
    ) / logits.length
  );
}

/** Central differences of a function of many numbers, by each of them. */
export function finiteDifferences(
  of: (values: readonly number[]) => number,
  at: readonly number[],
  distance = 1e-5,
): number[] {
  const moved = at.map(Number);
  return at.map((value, i) => {
    moved[i] = value + distance;
    const above = of(moved);
    moved[i] = value - distance;
    const below = of(moved);
    moved[i] = value;
    return (above - below) / (2 * distance);
  });
}

/** Σ a · b over all entries. */
export function inner(a: Matrix, b: Matrix): number {
  return sum(a.flatMap((row, i) => row.map((value, j) => value * entry(b, i, j))));
}

/** Numbers, row-major, as a matrix. */
export function matrix(values: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_unused, j) => values[i * columns + j] ?? NaN),
  );
}

export function transposed(of: Matrix): number[][] {
  return (of[0] ?? []).map((_, j) => of.map((row) => row[j] ?? NaN));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mutable(of: Matrix): number[][] {
  return of.map((row) => [...row]);
}

function entry(of: Matrix, i: number, j: number): number {
  return of[i]?.[j] ?? NaN;
}
