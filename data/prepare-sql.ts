import {
  significantTokens,
  splitStatements,
  tableReferences,
  type SqlToken,
} from "../runtime/sql.ts";
import { canBeView } from "./can-be-view.ts";
import { QueryError } from "./query-client.ts";
import { quoteName } from "./sql-type.ts";

/** One statement that may run, and the files that it names. */
export interface CheckedSql {
  readonly sql: string;
  /** the paths after FROM and JOIN, each once */
  readonly files: readonly string[];
  /** see {@link canBeView} */
  readonly canBeView: boolean;
}

/** What names stand for inside the database: SQL text that can stand after FROM. */
export interface SqlBindings {
  readonly tables: ReadonlyMap<string, string>;
  /** by the path as the SQL names it */
  readonly files: ReadonlyMap<string, string>;
}

/** SQL as the database gets it. */
export interface PreparedSql {
  readonly text: string;
  /** the table or view that the text makes; `rows` makes neither and returns rows (EXPLAIN) */
  readonly target: string;
  readonly makes: "table" | "view" | "rows";
  /** where in the SQL that was given a byte of the text comes from, in UTF-16 units */
  offsetOf(byte: number): number | undefined;
}

const queryWords = new Set(
  "select with from values table pivot unpivot pivot_wider pivot_longer".split(" "),
);
const aboutWords = new Set(["describe", "desc", "summarize", "show"]);

/**
 * Checks that SQL is one statement that returns rows and changes nothing.
 *
 * @throws {QueryError} `refused`, with what to do instead
 */
export function checkSql(sql: string): CheckedSql {
  const [statement, second] = splitStatements(sql);
  if (!statement) throw new QueryError("there is no query; write a SELECT", "refused", 0);
  if (second)
    throw new QueryError(
      "there is more than one statement; put each in a cell of its own",
      "refused",
      second.start,
    );
  const tokens = significantTokens(statement.text);
  const explained = explainedQuery(tokens);
  const first = tokens[explained];
  const word = first ? wordOf(first) : "";
  if (first?.text !== "(" && !queryWords.has(word) && !(aboutWords.has(word) && explained === 0))
    throw new QueryError(refusal(first), "refused", statement.start + (first?.start ?? 0));
  const files = tableReferences(sql).filter(({ kind }) => kind === "file");
  return {
    sql,
    files: [...new Set(files.map(({ name }) => name))],
    canBeView: canBeView(tokens),
  };
}

/**
 * Rewrites a checked statement so that its names mean what `bindings` says and its rows are those of
 * a new table or view. The person's text stays as it is, but for files, which become names: bound names are
 * common table expressions before it, merged into its own WITH.
 */
export function prepareSql(
  { sql }: CheckedSql,
  target: string,
  bindings: SqlBindings,
  kind: "table" | "view" = "table",
): PreparedSql {
  const [statement] = splitStatements(sql);
  const { start, end } = statement ?? { start: 0, end: sql.length };
  const tokens = significantTokens(sql.slice(start, end)).map((token) => ({
    ...token,
    start: token.start + start,
    end: token.end + start,
  }));
  const text = new SqlText(sql, fileReplacements(sql, bindings.files));
  const bound = commonTables(bindings);
  const explained = explainedQuery(tokens);
  const first = tokens[explained];
  const word = first ? wordOf(first) : "";
  if (explained > 0) {
    text.copy(start, first?.start ?? end);
    appendQuery(text, tokens.slice(explained), end, bound);
    return text.done(target, "rows");
  }
  text.insert(`create ${kind} ${target} as `);
  if (first && aboutWords.has(word)) {
    text.insert("from (");
    appendAbout(text, tokens, end, bound);
    text.insert(")");
  } else appendQuery(text, tokens, end, bound);
  return text.done(target, kind);
}

/** Index of the first token of what EXPLAIN explains; 0 where there is no EXPLAIN. */
function explainedQuery(tokens: readonly SqlToken[]): number {
  if (!tokens[0] || wordOf(tokens[0]) !== "explain") return 0;
  let at = 1;
  if (tokens[at]?.text === "(" && !queryWords.has(wordOf(tokens[at + 1]))) {
    while (at < tokens.length && tokens[at]?.text !== ")") at++;
    at++;
  }
  return wordOf(tokens[at]) === "analyze" ? at + 1 : at;
}

/** The query with the bound names before it, or among those of its own WITH. */
function appendQuery(
  text: SqlText,
  tokens: readonly SqlToken[],
  end: number,
  bound: ReadonlyMap<string, string>,
): void {
  const first = tokens[0];
  const start = first?.start ?? end;
  const definitions = [...bound.values()].join(", ");
  if (bound.size === 0) text.copy(start, end);
  else if (!first || wordOf(first) !== "with") {
    text.insert(`with ${definitions} `);
    text.copy(start, end);
  } else if (ownNames(tokens).some((name) => bound.has(name))) {
    // a name that the query defines anew may still be read in its own definition
    text.insert(`with ${definitions} select * from (`);
    text.copy(start, end);
    text.insert(")");
  } else {
    const keyword = wordOf(tokens[1]) === "recursive" ? (tokens[1] ?? first) : first;
    text.copy(start, keyword.end);
    text.insert(` ${definitions},`);
    text.copy(keyword.end, end);
  }
}

/** DESCRIBE, SUMMARIZE and SHOW of a query or a bound name; WITH must stand after the keyword. */
function appendAbout(
  text: SqlText,
  tokens: readonly SqlToken[],
  end: number,
  bound: ReadonlyMap<string, string>,
): void {
  const [keyword, next] = tokens;
  if (!keyword || !next || (wordOf(keyword) === "show" && !bound.has(nameOf(next)))) {
    text.copy(keyword?.start ?? end, end);
    return;
  }
  text.insert(wordOf(keyword) === "summarize" ? "summarize " : "describe ");
  if (queryWords.has(wordOf(next)) || next.text === "(") {
    appendQuery(text, tokens.slice(1), end, bound);
    return;
  }
  if (bound.size > 0) text.insert(`with ${[...bound.values()].join(", ")} `);
  text.insert("from ");
  text.copy(next.start, end);
}

/** Definitions by the name that they define, in lower case: names in SQL ignore case. */
function commonTables({ tables, files }: SqlBindings): ReadonlyMap<string, string> {
  const definitions = new Map<string, string>();
  for (const [name, source] of [...tables, ...files])
    definitions.set(
      name.toLowerCase(),
      `${quoteName(name)} as not materialized (select * from ${source})`,
    );
  return definitions;
}

function fileReplacements(sql: string, files: ReadonlyMap<string, string>): Replacement[] {
  return tableReferences(sql)
    .filter(({ kind, name }) => kind === "file" && files.has(name))
    .map(({ name, start, end }) => ({ start, end, text: quoteName(name) }));
}

/** The names that a query's first WITH defines, in lower case. */
function ownNames(tokens: readonly SqlToken[]): string[] {
  const names: string[] = [];
  let depth = 0;
  let expectsName = true;
  for (const token of tokens.slice(wordOf(tokens[1]) === "recursive" ? 2 : 1)) {
    if (token.text === "(") depth++;
    else if (token.text === ")") depth--;
    else if (depth > 0) continue;
    else if (expectsName) {
      names.push(nameOf(token));
      expectsName = false;
    } else if (token.text === ",") expectsName = true;
    else if (queryWords.has(wordOf(token))) break;
  }
  return names;
}

function refusal(first: SqlToken | undefined): string {
  const what = first ? first.text.toUpperCase() : "an empty EXPLAIN";
  return (
    `${what} is not a query; a SQL cell reads and changes nothing. ` +
    "Write SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN"
  );
}

function wordOf(token: SqlToken | undefined): string {
  return token?.kind === "word" ? token.text.toLowerCase() : "";
}

/** The name that a token stands for, in lower case. */
function nameOf({ kind, text }: SqlToken): string {
  const name =
    kind === "quoted"
      ? text.slice(1, -1).replaceAll('""', '"')
      : kind === "string"
        ? text.slice(1, -1).replaceAll("''", "'")
        : text;
  return name.toLowerCase();
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Text made of pieces of the original and of our own, which remembers where each came from. */
class SqlText {
  private readonly pieces: { readonly text: string; readonly start?: number; fixed?: boolean }[] =
    [];

  constructor(
    private readonly original: string,
    private readonly replacements: readonly Replacement[],
  ) {}

  insert(text: string): void {
    this.pieces.push({ text });
  }

  copy(start: number, end: number): void {
    let at = start;
    for (const replacement of this.replacements) {
      if (replacement.start < at || replacement.end > end) continue;
      this.pieces.push({ text: this.original.slice(at, replacement.start), start: at });
      this.pieces.push({ text: replacement.text, start: replacement.start, fixed: true });
      at = replacement.end;
    }
    this.pieces.push({ text: this.original.slice(at, end), start: at });
  }

  done(target: string, makes: PreparedSql["makes"]): PreparedSql {
    return {
      text: this.pieces.map(({ text }) => text).join(""),
      target,
      makes,
      offsetOf: (byte) => this.offsetOf(byte),
    };
  }

  private offsetOf(byte: number): number | undefined {
    const encoder = new TextEncoder();
    let left = byte;
    for (const { text, start, fixed } of this.pieces) {
      const bytes = encoder.encode(text);
      if (left < bytes.length || (left === bytes.length && start !== undefined)) {
        if (start === undefined || fixed) return start;
        return start + new TextDecoder().decode(bytes.subarray(0, left)).length;
      }
      left -= bytes.length;
    }
    return undefined;
  }
}
