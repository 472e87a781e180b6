import type { Table } from "../data/table.ts";
import { codedRowsFromTable, encodeRows } from "./encode-rows.ts";
import type { Plan } from "./plan.ts";
import { ScalingFit, type Scaling } from "./scaling.ts";
import { splitRows } from "./split.ts";

export type { Scaling } from "./scaling.ts";
export { numberFromValue, targetNumbers, wordFromValue } from "./table-values.ts";

/** All rows of a table, encoded. */
export interface TrainingTensors {
  /** n × width, row-major */
  readonly x: Float32Array;
  /** n: the class's index, 0 or 1, or the (scaled) number */
  readonly y: Float32Array;
  readonly numRows: number;
  readonly width: number;
  /** row numbers, ascending */
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly scaling: Scaling;
}

/** Rows as numbers, by the plan. */
export function tensorsFromRows(plan: Plan, rows: Table): TrainingTensors {
  const coded = codedRowsFromTable(plan, rows);
  const parts = splitRows(plan, coded.numRows, coded.target, coded.time);
  const fit = new ScalingFit(plan);
  fit.addToMeans(coded, parts.training);
  fit.addToDeviations(coded, parts.training);
  const { scaling } = fit;
  const { x, y, numRows } = encodeRows(plan, scaling, coded);
  return { x, y, numRows, width: scaling.mean.length, ...parts, scaling };
}
