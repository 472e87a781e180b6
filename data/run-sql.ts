import { isTable } from "./memory-table.ts";
import { QueryError, type QueryClient, type QueryOptions } from "./query-client.ts";
import { sqlLiteral } from "./sql-literal.ts";
import { TableError, type Table } from "./table.ts";
import { tableFromRows } from "./table-from-rows.ts";

/** A SQL cell as it runs: template strings with values between them, and what its names stand for. */
export interface SqlTemplate {
  readonly strings: readonly string[];
  /** one value between each two strings; each becomes a typed literal, never text */
  readonly params: readonly unknown[];
  /** what the names after FROM and JOIN stand for: tables, or arrays of row objects */
  readonly tables?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly rowLimit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a SQL cell.
 *
 * @throws {QueryError} with its offset in the joined SQL, and its place in the template
 * @throws {SqlLiteralError} for a value that SQL has no literal for
 * @throws {TableError} `not-a-table` for a name that stands for something else
 */
export async function runSql(client: QueryClient, template: SqlTemplate): Promise<Table> {
  const { tables = {}, name, rowLimit, signal } = template;
  const options: QueryOptions = {
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, value]) => [name, tableFrom(name, value)]),
    ),
    ...(name === undefined ? undefined : { name }),
    ...(rowLimit === undefined ? undefined : { rowLimit }),
    ...(signal === undefined ? undefined : { signal }),
  };
  try {
    return await client.query(joinTemplate(template), options);
  } catch (error) {
    if (error instanceof QueryError && error.offset !== undefined)
      error.templatePlace = placeInTemplate(template, error.offset);
    throw error;
  }
}

/** The SQL of a template: its strings with literals between them. */
export function joinTemplate({ strings, params }: Pick<SqlTemplate, "strings" | "params">): string {
  return strings.reduce((sql, text, i) => sql + sqlLiteral(params[i - 1]) + text);
}

/**
 * Where in a template an offset of the joined SQL is: the index of the string and the offset in it.
 * An offset inside a literal is the end of the string before it.
 */
export function placeInTemplate(
  { strings, params }: Pick<SqlTemplate, "strings" | "params">,
  offset: number,
): { readonly part: number; readonly offset: number } {
  let start = 0;
  for (const [part, text] of strings.entries()) {
    const end = start + text.length;
    if (offset <= end) return { part, offset: Math.max(0, offset - start) };
    start = part < params.length ? end + sqlLiteral(params[part]).length : end;
    if (offset < start) return { part, offset: text.length };
  }
  return { part: strings.length - 1, offset: strings.at(-1)?.length ?? 0 };
}

/** A name's value as a table, or an error that says what it is instead. */
function tableFrom(name: string, value: unknown): Table {
  if (isTable(value)) return value;
  if (isIterable(value)) return tableFromRows(name, value);
  throw new TableError(
    `the query reads ${name}, which is ${described(value)}; it must be a table or an array of objects`,
    "not-a-table",
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (value instanceof Promise) return "a promise";
  const { constructor } = value;
  return typeof constructor === "function" && constructor !== Object
    ? `a ${constructor.name}`
    : "an object";
}
