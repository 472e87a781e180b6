import { engineVersion, isReproducible, lineageDigest, QueryError } from "../data/index.ts";
import type { Lineage, LineageStatement } from "../data/lineage.ts";
import { checkSql, type CheckedSql } from "../data/prepare-sql.ts";
import type { LineageRows } from "../engines/run.ts";
import { significantTokens, tokenizeSql } from "../runtime/sql.ts";
import { ServerError } from "./server-error.ts";

/** SQL that anybody may have written takes time to read; more than this of a lineage is refused. */
const mostCharacters = 200_000;
const deepestBrackets = 200;
/** past this many, characters of operators take time by the square of their number */
const longestOperator = 1_000;

/** Table functions that change how the engine itself works, and return nothing that rows are made of. */
const engineFunctions: ReadonlySet<string> = new Set(
  "enable_logging disable_logging truncate_duckdb_logs enable_profiling disable_profiling checkpoint force_checkpoint".split(
    " ",
  ),
);

/**
 * Checks that rows named by lineage can be made here: the digest is the lineage's, nothing in it came
 * from JavaScript, the engine is ours, each statement is one query, and all that it names is said.
 *
 * @throws {ServerError} 422 `lineage`, or `sql` with the statement's number and the place in it
 */
export function checkLineage({ digest, lineage }: LineageRows): void {
  if (lineageDigest(lineage) !== digest)
    throw wrong(`the rows' digest is not their lineage's, which is ${lineageDigest(lineage)}`);
  if (lineage.engine !== engineVersion)
    throw wrong(
      `the rows are made with DuckDB ${lineage.engine}, and here is ${engineVersion}`,
      "run the workbook with this server's own page",
    );
  if (!isReproducible(lineage))
    throw wrong(
      `the rows read ${namesOf(lineage).join(", ")}, which no SQL made`,
      "make it in SQL from a file, or train on rows that are few enough to be sent",
    );
  checkStatements(lineage);
}

/**
 * The statements of a lineage, as they are to be run.
 *
 * @throws {ServerError} 422 `sql`
 */
export function checkStatements({ statements }: Lineage): readonly CheckedSql[] {
  const characters = statements.reduce((sum, { sql }) => sum + sql.length, 0);
  if (characters > mostCharacters)
    throw new ServerError(
      422,
      "sql",
      `the rows' statements have ${characters.toLocaleString("en")} characters; ${mostCharacters.toLocaleString("en")} are the most`,
      { hint: "put long lists of values into a file, and join it" },
    );
  return statements.map((statement, i) => checkStatement(statement, i, statements.length));
}

function checkStatement(statement: LineageStatement, index: number, count: number): CheckedSql {
  const { sql, tables, files } = statement;
  const refuse = (message: string, hint: string, offset?: number): ServerError =>
    new ServerError(422, "sql", `${placeIn(index, count, sql, offset)}: ${message}`, { hint });
  checkSize(sql, refuse);
  let checked: CheckedSql;
  try {
    checked = checkSql(sql);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw refuse(error.message, "change the cell that it comes from", error.offset);
  }
  const [first] = significantTokens(sql);
  if (first?.text.toLowerCase() === "explain")
    throw refuse("EXPLAIN gives a plan, not rows to train on", "train on the query itself", 0);
  checkFunctions(sql, refuse);
  const later = Object.entries(tables).find(([, read]) => read >= index);
  if (later !== undefined)
    throw refuse(
      `it reads \`${later[0]}\` from statement ${later[1] + 1}, which does not come before it`,
      "a lineage names earlier statements only",
    );
  const unknown = checked.files.find((path) => !Object.hasOwn(files, path));
  if (unknown !== undefined)
    throw refuse(
      `it reads the file '${unknown}', which its lineage does not name`,
      "name the file by its path in the workspace, and run the cell again",
      sql.indexOf(unknown),
    );
  return checked;
}

type Refuse = (message: string, hint: string, offset?: number) => ServerError;

function checkSize(sql: string, refuse: Refuse): void {
  const operator = new RegExp(`[~!@^&|\`+\\-*/%<>=]{${longestOperator}}`).exec(sql);
  if (operator !== null)
    throw refuse("this operator is too long to be one", "take it out", operator.index);
  let depth = 0;
  for (const { text, start, kind } of tokenizeSql(sql)) {
    if (kind !== "operator") continue;
    if ("([{".includes(text)) depth++;
    if (")]}".includes(text)) depth--;
    if (depth > deepestBrackets)
      throw refuse(
        `its brackets stand more than ${deepestBrackets} deep`,
        "take it apart: name a part WITH, or put it into a cell of its own",
        start,
      );
  }
}

function checkFunctions(sql: string, refuse: Refuse): void {
  const tokens = significantTokens(sql);
  tokens.forEach(({ text, kind, start }, i) => {
    const name = (kind === "quoted" ? text.slice(1, -1) : text).toLowerCase();
    if (kind !== "word" && kind !== "quoted") return;
    if (engineFunctions.has(name) && tokens[i + 1]?.text === "(")
      throw refuse(`${name} changes the engine, and rows are only read`, "take it out", start);
  });
}

/** Where something stands: `statement 2 of 3, at character 15 («from flights f»)`. */
export function placeIn(index: number, count: number, sql: string, offset?: number): string {
  const statement = `statement ${index + 1} of ${count}`;
  if (offset === undefined || offset < 0) return `${statement} («${excerpt(sql, 0, 60)}»)`;
  return `${statement}, at character ${offset + 1} («${excerpt(sql, offset, 40)}»)`;
}

function excerpt(sql: string, start: number, length: number): string {
  const text = sql.slice(start, start + length).replaceAll(/\s+/g, " ");
  return start + length < sql.length ? `${text}…` : text;
}

function namesOf({ statements }: Lineage): string[] {
  return [...new Set(statements.flatMap(({ rows }) => Object.keys(rows)))];
}

function wrong(
  message: string,
  hint = "run the cell again, then ask for the run again",
): ServerError {
  return new ServerError(422, "lineage", message, { hint });
}
