import type { Column, ColumnType, Table } from "../data/table.ts";
import { fault } from "./fault.ts";
import { nearestName } from "./nearest-name.ts";
import type { Feature, Plan } from "./plan.ts";
import type { Check } from "./receipt.ts";

/** The parts of a plan that say what it reads of a table. */
export type PlanColumns = Pick<Plan, "features" | "target"> &
  Partial<Pick<Plan, "split" | "baseline">>;

/** A column that a plan reads, and as what. */
export interface ColumnUse {
  readonly column: string;
  /** `features[0].column` */
  readonly where: string;
  readonly kind: Feature["kind"] | "time";
}

/** All that a plan reads of a table, in the order of the plan's fields. */
export function columnUses({ features, target, split, baseline }: PlanColumns): ColumnUse[] {
  const uses = features.map(({ column, kind }, i): ColumnUse => ({
    column,
    where: `features[${i}].column`,
    kind,
  }));
  uses.push({ column: target.column, where: "target.column", kind: target.kind });
  if (split?.kind === "time")
    uses.push({ column: split.column, where: "split.column", kind: "time" });
  if (baseline !== undefined)
    uses.push({ column: baseline.column, where: "baseline.column", kind: "number" });
  return uses;
}

/** Whether each column that the plan reads is there and of a fitting type. */
export function checkColumns(plan: PlanColumns, rows: Table): Check[] {
  return columnUses(plan).flatMap((use): Check[] => {
    const column = columnOf(rows, use.column);
    if (column === undefined) return [absent(use, rows)];
    return fits(use.kind, column.type)
      ? []
      : [
          fault(
            "columns",
            use.where,
            `\`${column.name}\` is ${column.sqlType}, which is no ${use.kind}`,
            `cast it in SQL: \`${column.name}::${sqlTypes[use.kind]}\``,
          ),
        ];
  });
}

/** The values of a column, or undefined where it is not there or of no fitting type. */
export function fittingValues(
  rows: Table,
  { column, kind }: Pick<ColumnUse, "column" | "kind">,
): readonly unknown[] | undefined {
  const own = columnOf(rows, column);
  return own !== undefined && fits(kind, own.type) ? rows.column(column) : undefined;
}

const sqlTypes = { number: "DOUBLE", boolean: "BOOLEAN", category: "VARCHAR", time: "TIMESTAMP" };

function absent({ column, where }: ColumnUse, rows: Table): Check {
  const names = rows.columns.map(({ name }) => name);
  const nearest = nearestName(column, names);
  return fault(
    "columns",
    where,
    `there is no column \`${column}\` in \`${rows.name}\``,
    nearest === undefined
      ? `it has ${names.map((name) => `\`${name}\``).join(", ")}`
      : `did you mean \`${nearest}\`?`,
  );
}

function columnOf(rows: Table, name: string): Column | undefined {
  return rows.columns.find((column) => column.name === name);
}

function fits(kind: ColumnUse["kind"], type: ColumnType): boolean {
  if (kind === "time") return type === "date" || type === "timestamp";
  if (kind === "number") return type === "number" || type === "integer";
  if (kind === "boolean") return type === "boolean";
  return type === "string" || type === "integer" || type === "boolean";
}
