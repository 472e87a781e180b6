/** What the columns of a table are, as `schema` found them: plain JSON. */
export interface TableSchema {
  readonly kind: "tierbook.schema";
  readonly version: 1;
  /** the digest of the table that was checked */
  readonly table: string;
  /** the declared columns, in the order of the declaration */
  readonly columns: readonly SchemaColumn[];
}

/** What a column is declared to hold. */
export type SchemaType =
  "number" | "integer" | "boolean" | "category" | "string" | "date" | "timestamp";

/** All types that a column can be declared to have. */
export const schemaTypes: readonly SchemaType[] = [
  "number",
  "integer",
  "boolean",
  "category",
  "string",
  "date",
  "timestamp",
];

/** One column of a {@link TableSchema}. */
export interface SchemaColumn {
  readonly name: string;
  readonly type: SchemaType;
  /** whether values may be missing */
  readonly nullable: boolean;
  /** the smallest and the largest value: a number, or a date or timestamp as ISO text */
  readonly min?: number | string;
  readonly max?: number | string;
  /** for a category: the words, as declared, else as found and sorted */
  readonly vocabulary?: readonly string[];
  readonly unique?: true;
  readonly description?: string;
}

/** Whether a value is what `schema` gives. */
export function isTableSchema(value: unknown): value is TableSchema {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "tierbook.schema"
  );
}
