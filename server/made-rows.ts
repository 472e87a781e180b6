import * as v from "valibot";
import { digestSchema } from "../engines/receipt-schema.ts";
import { readIfThere } from "./durable-file.ts";
import { RunFileError, type RunDirectory } from "./run-directory.ts";

/** `data/rows.json`: what the rows of a lineage turned out to be, and how they were encoded. */
export interface MadeRows {
  readonly kind: "tierbook.rows";
  readonly version: 1;
  /** the lineage's digest */
  readonly lineage: string;
  /** the content's digest */
  readonly digest: string;
  readonly numRows: number;
  readonly columns: readonly { readonly name: string; readonly sqlType: string }[];
  /** digest of the plan by which they are encoded */
  readonly plan: string;
  /** rows of each part; the rest is in the split's gap */
  readonly counts: { readonly training: number; readonly validation: number };
  /** numbers a row has after encoding, less the target and the baseline */
  readonly width: number;
  /** whether each row has a baseline's prediction after its target */
  readonly hasBaseline: boolean;
  readonly scaling: {
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
    readonly missing: readonly number[];
    readonly targetMean: number;
    readonly targetDeviation: number;
  };
  readonly prior: readonly number[];
  readonly classWeights?: readonly number[];
  /** seconds that the steps took */
  readonly seconds: {
    readonly statements: number;
    readonly checks: number;
    readonly digest: number;
    readonly encoding: number;
  };
  /** the most memory that the process had which made them, in bytes */
  readonly memoryBytes: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const numbers = v.array(v.number());

const madeRowsSchema: v.GenericSchema<unknown, MadeRows> = v.strictObject({
  kind: v.literal("tierbook.rows"),
  version: v.literal(1),
  lineage: digestSchema,
  digest: digestSchema,
  numRows: count,
  columns: v.array(v.strictObject({ name: v.string(), sqlType: v.string() })),
  plan: digestSchema,
  counts: v.strictObject({ training: count, validation: count }),
  width: count,
  hasBaseline: v.boolean(),
  scaling: v.strictObject({
    mean: numbers,
    deviation: numbers,
    missing: numbers,
    targetMean: v.number(),
    targetDeviation: v.number(),
  }),
  prior: numbers,
  classWeights: v.exactOptional(numbers),
  seconds: v.strictObject({
    statements: v.number(),
    checks: v.number(),
    digest: v.number(),
    encoding: v.number(),
  }),
  memoryBytes: count,
});

/** The rows that were made for a run; undefined while they are not. @throws {RunFileError} */
export async function readMadeRows({ madeRows }: RunDirectory): Promise<MadeRows | undefined> {
  const text = await readIfThere(madeRows.manifest);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), madeRowsSchema), text);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RunFileError(
    madeRows.manifest,
    `${v.getDotPath(issue) ?? "its text"}: ${issue.message}`,
  );
}
