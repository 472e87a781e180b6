import type { Program } from "./programs.ts";

/*
 * Embeddings. Which columns are indices is written into the source: a plan has few such programs, and
 * nothing has to be uploaded at a step. An entry is one index of one row; entries are counted row by
 * row, within a row by column.
 */

/** result[i, j] = a number of the input, or one of the table's row that an index names. */
export function embedProgram(indices: readonly number[], units: number, size: number): Program {
  return {
    key: `embed_${units}_${indices.join("_")}`,
    inputs: ["x", "table"],
    uniforms: "width : i32, words : i32,",
    threads: size,
    source: `${wordSource}${placeSource(indices, units)}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let outputs = uniforms.width + ${indices.length * (units - 1)};
  let row = index / outputs;
  let place = placeOf(index - row * outputs);
  let value = x[row * uniforms.width + place.x];
  if (place.y < 0 || isnan(value)) { result[index] = value; return; }
  result[index] = table[wordOf(value) * ${units} + place.y];
}`,
  };
}

/** result[i, j] = the gradient of what passed through, zero for an index. */
export function embedInputGradientProgram(
  indices: readonly number[],
  units: number,
  size: number,
): Program {
  return {
    key: `embedInputGradient_${units}_${indices.join("_")}`,
    inputs: ["gradient"],
    uniforms: "width : i32,",
    threads: size,
    source: `
fn indicesBefore(column : i32) -> i32 {
${indices
  .map((index, i) => `  if (column <= ${index}) { return select(${i}, -1, column == ${index}); }`)
  .join("\n")}
  return ${indices.length};
}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let outputs = uniforms.width + ${indices.length * (units - 1)};
  let row = index / uniforms.width;
  let column = index - row * uniforms.width;
  let before = indicesBefore(column);
  if (before < 0) { result[index] = 0.0; return; }
  result[index] = gradient[row * outputs + column + before * ${units - 1}];
}`,
  };
}

/** result[entry] = its row of the table, exact as float32; one invocation a row. */
export function entryWordsProgram(indices: readonly number[], rows: number): Program {
  return {
    key: `entryWords_${indices.join("_")}`,
    inputs: ["x"],
    uniforms: "width : i32, words : i32,",
    threads: rows,
    source: `${wordSource}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let at = index * uniforms.width;
  let to = index * ${indices.length};
${indices.map((index, i) => `  result[to + ${i}] = f32(wordOf(x[at + ${index}]));`).join("\n")}
}`,
  };
}

/**
 * Chains the entries of each word in their order: result[entry] is the next one of the same word, or
 * the number of entries; result[entries + entry] is 1 for the first of a word, else 0. Exact for
 * fewer than 2²⁴ entries, as float32 is.
 */
export function entryChainsProgram(entries: number): Program {
  return {
    key: "entryChains",
    inputs: ["entryWords"],
    uniforms: "",
    threads: entries,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let word = entryWords[index];
  var next = index + 1;
  while (next < uniforms.size && entryWords[next] != word) { next++; }
  var before = index - 1;
  while (before >= 0 && entryWords[before] != word) { before--; }
  result[index] = f32(next);
  result[uniforms.size + index] = select(0.0, 1.0, before < 0);
}`,
  };
}

/** result = 0 */
export function zeroProgram(size: number): Program {
  return {
    key: "zero",
    inputs: [],
    uniforms: "",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  result[index] = 0.0;
}`,
  };
}

/**
 * The table's gradient into zeros: a word's first entry sums its chain, so that each number has one
 * writer and one order. One invocation an entry and unit.
 */
export function tableGradientProgram(
  indices: readonly number[],
  units: number,
  entries: number,
): Program {
  const count = indices.length;
  const starts = indices.map((index, i) => index + i * (units - 1));
  return {
    key: `tableGradient_${units}_${indices.join("_")}`,
    inputs: ["entryWords", "chains", "gradient"],
    uniforms: "entries : i32, outputs : i32,",
    threads: entries * units,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let entry = index / ${units};
  let unit = index - entry * ${units};
  if (chains[uniforms.entries + entry] == 0.0) { return; }
  var starts = array<i32, ${count}>(${starts.join(", ")});
  var sum = 0.0;
  var at = entry;
  while (at < uniforms.entries) {
    let row = at / ${count};
    sum += gradient[row * uniforms.outputs + starts[at - row * ${count}] + unit];
    at = i32(chains[at]);
  }
  result[i32(entryWords[entry]) * ${units} + unit] = sum;
}`,
  };
}

/** The row of the table that an index names: the last one, the unknown's, where it names none. */
const wordSource = `
fn wordOf(value : f32) -> i32 {
  if (value >= 0.0 && value < f32(uniforms.words)) { return i32(value); }
  return uniforms.words - 1;
}`;

/** `placeOf` gives the input's column of an output's, and which unit it is, or -1. */
function placeSource(indices: readonly number[], units: number): string {
  const steps = indices.map((index, i) => {
    const start = index + i * (units - 1);
    return `  if (column < ${start}) { return vec2<i32>(column - ${i * (units - 1)}, -1); }
  if (column < ${start + units}) { return vec2<i32>(${index}, column - ${start}); }`;
  });
  return `
fn placeOf(column : i32) -> vec2<i32> {
${steps.join("\n")}
  return vec2<i32>(column - ${indices.length * (units - 1)}, -1);
}`;
}
