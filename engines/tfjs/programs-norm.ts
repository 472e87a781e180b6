import { workgroup, type Program } from "./programs.ts";

/** Whether means and 1 / deviations are by column, as batchNorm has them, or by row. */
export type Axis = "column" | "row";

/** result[j] = Σ_i matrix[i, j] / divisor; a workgroup a column, always in the same order. */
export function columnTotalsProgram(columns: number): Program {
  return columnProgram("columnTotals", ["matrix"], columns, "matrix[at]");
}

/** result[j] = Σ_i (matrix[i, j] - mean[j])² / divisor */
export function columnSquaresProgram(columns: number): Program {
  return columnProgram(
    "columnSquares",
    ["matrix", "mean"],
    columns,
    "(matrix[at] - mean[column]) * (matrix[at] - mean[column])",
  );
}

/** result[j] = Σ_i gradient[i, j] · normalised x[i, j] / divisor */
export function columnProductsProgram(axis: Axis, columns: number): Program {
  return columnProgram(
    `columnProducts_${axis}`,
    ["x", "mean", "inverse", "gradient"],
    columns,
    `gradient[at] * ((x[at] - mean[${axis}]) * inverse[${axis}])`,
  );
}

/** result = 1 / √(variance + epsilon) */
export function inverseProgram(columns: number): Program {
  return {
    key: "inverse",
    inputs: ["variance"],
    uniforms: "epsilon : f32,",
    threads: columns,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  result[index] = 1.0 / sqrt(variance[index] + uniforms.epsilon);
}`,
  };
}

/** result[i] = mean of row i; one invocation a row. */
export function rowMeansProgram(rows: number): Program {
  return {
    key: "rowMeans",
    inputs: ["x"],
    uniforms: "columns : i32,",
    threads: rows,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let at = index * uniforms.columns;
  var sum = 0.0;
  for (var j = 0; j < uniforms.columns; j++) { sum += x[at + j]; }
  result[index] = sum / f32(uniforms.columns);
}`,
  };
}

/** result[i] = 1 / √(variance of row i + epsilon); one invocation a row. */
export function rowInversesProgram(rows: number): Program {
  return {
    key: "rowInverses",
    inputs: ["x", "mean"],
    uniforms: "columns : i32, epsilon : f32,",
    threads: rows,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let at = index * uniforms.columns;
  let middle = mean[index];
  var squares = 0.0;
  for (var j = 0; j < uniforms.columns; j++) {
    let distance = x[at + j] - middle;
    squares += distance * distance;
  }
  result[index] = 1.0 / sqrt(squares / f32(uniforms.columns) + uniforms.epsilon);
}`,
  };
}

/** result = (x - mean) · inverse · scale + shift; scale and shift by column. */
export function normalizeProgram(axis: Axis, size: number): Program {
  return {
    key: `normalize_${axis}`,
    inputs: ["x", "mean", "inverse", "scale", "shift"],
    uniforms: "columns : i32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let row = index / uniforms.columns;
  let column = index - row * uniforms.columns;
  let normal = (x[index] - mean[${axis}]) * inverse[${axis}];
  result[index] = normal * scale[column] + shift[column];
}`,
  };
}

/** The gradient by batchNorm's input, from those by its scale and shift. */
export function batchNormInputGradientProgram(size: number): Program {
  return {
    key: "batchNormInputGradient",
    inputs: ["x", "mean", "inverse", "scale", "gradient", "ofScale", "ofShift"],
    uniforms: "columns : i32, rows : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let column = index % uniforms.columns;
  let normal = (x[index] - mean[column]) * inverse[column];
  let removed = (ofShift[column] + normal * ofScale[column]) / uniforms.rows;
  result[index] = scale[column] * inverse[column] * (gradient[index] - removed);
}`,
  };
}

/** The gradient by layerNorm's input; one invocation a row. */
export function layerNormInputGradientProgram(rows: number): Program {
  return {
    key: "layerNormInputGradient",
    inputs: ["x", "mean", "inverse", "scale", "gradient"],
    uniforms: "columns : i32,",
    threads: rows,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let at = index * uniforms.columns;
  let columns = f32(uniforms.columns);
  var sum = 0.0;
  var product = 0.0;
  for (var j = 0; j < uniforms.columns; j++) {
    let scaled = gradient[at + j] * scale[j];
    sum += scaled;
    product += scaled * ((x[at + j] - mean[index]) * inverse[index]);
  }
  for (var j = 0; j < uniforms.columns; j++) {
    let normal = (x[at + j] - mean[index]) * inverse[index];
    let removed = (sum + normal * product) / columns;
    result[at + j] = inverse[index] * (gradient[at + j] * scale[j] - removed);
  }
}`,
  };
}

/** result = result + momentum · (factor · value - result), in place. */
export function moveProgram(size: number): Program {
  return {
    key: "move",
    inputs: ["value"],
    uniforms: "momentum : f32, factor : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  result[index] += uniforms.momentum * (uniforms.factor * value[index] - result[index]);
}`,
  };
}

/**
 * Sums a term over each column's rows, a workgroup a column: its invocations take every 64th row, and
 * their sums are added in pairs. No invocation leaves early, since all must reach the barriers.
 *
 * @param term WGSL of `row`, `column` and `at`, the place of both
 */
function columnProgram(
  key: string,
  inputs: readonly string[],
  columns: number,
  term: string,
): Program {
  return {
    key,
    inputs,
    uniforms: "rows : i32, columns : i32, divisor : f32,",
    threads: columns * workgroup,
    source: `
var<workgroup> sums : array<f32, ${workgroup}>;
fn main(index : i32) {
  let column = index / ${workgroup};
  let lane = index % ${workgroup};
  var sum = 0.0;
  if (column < uniforms.columns) {
    for (var row = lane; row < uniforms.rows; row += ${workgroup}) {
      let at = row * uniforms.columns + column;
      sum += ${term};
    }
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = ${workgroup / 2}; half > 0; half = half / 2) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0 && column < uniforms.columns) { result[column] = sums[0] / uniforms.divisor; }
}`,
  };
}
