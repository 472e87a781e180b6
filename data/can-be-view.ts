import type { SqlToken } from "../runtime/sql.ts";

const pivots = wordSet("pivot unpivot pivot_wider pivot_longer");
const aboutTables = wordSet("explain describe desc summarize show");
/** Functions that `duckdb_functions()` does not call consistent. */
const changingFunctions = wordSet(
  "random uuid uuidv4 uuidv7 gen_random_uuid nextval currval now today get_current_time " +
    "get_current_timestamp transaction_timestamp txid_current",
);
/** The same, without brackets. */
const changingWords = wordSet(
  "current_date current_time current_timestamp current_localtime current_localtimestamp localtime " +
    "localtimestamp tablesample",
);

/**
 * Whether a view can stand for a query: it is no PIVOT and no statement about tables, which DuckDB
 * makes no views of, and it reads neither clock nor chance, which would give other rows each time
 * that the view is read. It goes by words, so it may say no where yes would do.
 *
 * @param tokens of one statement, those that mean something
 */
export function canBeView(tokens: readonly SqlToken[]): boolean {
  return !aboutTables.has(wordAt(tokens, 0)) && !tokens.some((_, i) => isUnfit(tokens, i));
}

function isUnfit(tokens: readonly SqlToken[], i: number): boolean {
  const word = wordAt(tokens, i);
  return (
    pivots.has(word) ||
    changingWords.has(word) ||
    (changingFunctions.has(word) && tokens[i + 1]?.text === "(") ||
    (word === "using" && wordAt(tokens, i + 1) === "sample")
  );
}

function wordAt(tokens: readonly SqlToken[], i: number): string {
  const token = tokens[i];
  return token?.kind === "word" ? token.text.toLowerCase() : "";
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
