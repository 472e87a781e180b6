import { tableFromRows } from "../../data/index.ts";
import type { Table } from "../../data/table.ts";
import { randomStream, uniforms } from "../../engines/random.ts";

/** Rows of the kind that {@link somePlan} wants: three classes that can be told apart. */
export function someRows(numRows: number): Record<string, unknown>[] {
  const noise = uniforms({ seed: 1, stream: randomStream.shuffle, layer: 9, step: 9 }, 4 * numRows);
  return Array.from({ length: numRows }, (_, i) => {
    const kind = i % 3;
    const of = (j: number): number => noise[4 * i + j] ?? 0;
    return {
      length: i % 11 === 5 ? null : 30 + 5 * kind + 4 * of(0),
      depth: 20 - 3 * kind + 3 * of(1),
      island: of(2) < 0.1 ? "Torgersen" : kind === 1 ? "Dream" : "Biscoe",
      adult: of(3) < 0.1 ? null : of(3) < 0.6,
      species: ["Adelie", "Chinstrap", "Gentoo"][kind],
      heavy: kind === 2,
      mass: 3500 + 700 * kind + 400 * of(1),
    };
  });
}

/** The same as a table. */
export function someTable(numRows: number): Table {
  return tableFromRows("penguins", someRows(numRows));
}
