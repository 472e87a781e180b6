import type { Table } from "../../data/table.ts";
import { codedRowsFromTable, encodeRows } from "../../engines/encode-rows.ts";
import type { Plan } from "../../engines/plan.ts";
import { ScalingFit, type Scaling } from "../../engines/scaling.ts";
import { splitRows } from "../../engines/split.ts";

/** All rows of a table, encoded, in the table's order. */
export interface EncodedTable {
  /** n × width, row-major */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: number;
  /** row numbers, ascending */
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly scaling: Scaling;
}

/** The rows of a table, of both parts and a split's gap, encoded by what its training rows are. */
export function encodedTable(plan: Plan, table: Table): EncodedTable {
  const coded = codedRowsFromTable(plan, table);
  const classOf = plan.target.kind === "number" ? undefined : coded.target;
  const { training, validation } = splitRows(plan, coded.numRows, classOf, coded.time);
  const fit = new ScalingFit(plan);
  fit.addToMeans(coded, training);
  fit.addToDeviations(coded, training);
  const { scaling } = fit;
  const { x, y } = encodeRows(plan, scaling, coded);
  return { x, y, width: scaling.mean.length, training, validation, scaling };
}
