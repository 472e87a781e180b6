/** A graph of cells in an order in which each reads earlier ones alone; cell 0 is the root. */
export interface Graph {
  readonly name: string;
  /** for each cell the cells that it reads */
  readonly inputs: readonly (readonly number[])[];
}

/** The shapes of a size: long, wide, layered, thick and at random. */
export function graphsOf(size: number): readonly Graph[] {
  return [chain(size), wide(size), diamond(size), dense(size), random(size)];
}

/** Each cell reads the one before it. */
export function chain(size: number): Graph {
  return { name: "chain", inputs: cells(size, (i) => [i - 1]) };
}

/** Each cell reads the root. */
export function wide(size: number): Graph {
  return { name: "wide", inputs: cells(size, () => [0]) };
}

/** Threes in a row: one cell opens, two read it, and the next that opens reads both. */
function diamond(size: number): Graph {
  const opener = (i: number): number => i - (i % 3);
  return {
    name: "diamond",
    inputs: cells(size, (i) => (i % 3 === 0 ? [i - 2, i - 1] : [opener(i)])),
  };
}

/** Layers of ten; each cell reads all ten of the layer before, and the first layer the root. */
function dense(size: number): Graph {
  const layer = (i: number): number => Math.ceil(i / 10);
  const inputs = cells(size, (i) =>
    layer(i) === 1 ? [0] : Array.from({ length: 10 }, (_, k) => (layer(i) - 2) * 10 + k + 1),
  );
  return { name: "dense", inputs };
}

/** Each cell reads one to three earlier ones, drawn alike on every run. */
function random(size: number): Graph {
  let state = 7;
  const draw = (below: number): number => {
    // Numerical Recipes' linear congruential generator
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const inputs = cells(size, (i) => [
    ...new Set(Array.from({ length: 1 + draw(3) }, () => draw(i))),
  ]);
  return { name: "random", inputs };
}

function cells(size: number, reads: (cell: number) => readonly number[]): readonly number[][] {
  return Array.from({ length: size }, (_, i) => (i === 0 ? [] : [...reads(i)]));
}

/** The cells that no cell reads: where a person looks. */
export function leavesOf({ inputs }: Graph): readonly number[] {
  const isRead = new Set(inputs.flat());
  return inputs.map((_, i) => i).filter((i) => !isRead.has(i));
}

/** The leaves that an edit of a cell reaches. */
export function leavesBelow(graph: Graph, edited: number): readonly number[] {
  const reached = new Set([edited]);
  graph.inputs.forEach((reads, i) => {
    if (reads.some((input) => reached.has(input))) reached.add(i);
  });
  return leavesOf(graph).filter((leaf) => reached.has(leaf));
}
