import { QueryError } from "./query-client.ts";

/**
 * What DuckDB said, as a {@link QueryError}. Connections have `errors_as_json` on, so kind and
 * position come apart from the message.
 *
 * @param offsetOf from DuckDB's position, in bytes, to one in the SQL that was given
 */
export function queryErrorFrom(
  cause: unknown,
  offsetOf: (byte: number) => number | undefined = () => undefined,
): QueryError {
  if (cause instanceof QueryError) return cause;
  const said = parsed(cause instanceof Error ? cause.message : String(cause));
  const code = codes.get(said.kind) ?? "other";
  const offset = said.position === undefined ? undefined : offsetOf(said.position);
  const message = code === "cancelled" ? "the query was cancelled" : advised(said.text);
  return new QueryError(message, code, offset, { cause });
}

/** The same error in words of the query, where it is a table that nobody knows. */
export function missingTableError(
  error: QueryError,
  sql: string,
  known: readonly string[],
): QueryError | undefined {
  const missing = /^Table with name (.+) does not exist!/.exec(error.message)?.[1];
  if (missing === undefined) return undefined;
  const at = error.offset ?? sql.toLowerCase().indexOf(missing.toLowerCase());
  const hint =
    known.length > 0
      ? `this query knows ${known.join(", ")}`
      : "name a cell's table, or a file between quotes: from 'data/file.csv'";
  const offset = at < 0 ? undefined : at;
  return new QueryError(`there is no table ${missing}; ${hint}`, "catalog", offset, {
    cause: error,
  });
}

const codes: ReadonlyMap<string, string> = new Map([
  ["Parser", "syntax"],
  ["Syntax", "syntax"],
  ["Catalog", "catalog"],
  ["Binder", "binder"],
  ["INTERRUPT", "cancelled"],
  ["Interrupt", "cancelled"],
  ["Out of Memory", "out-of-memory"],
  ["Conversion", "conversion"],
  ["Permission", "refused"],
]);

interface Said {
  readonly kind: string;
  readonly text: string;
  readonly position?: number;
}

/** Reads DuckDB's JSON, which may stand after the kind in words, and inside another. */
function parsed(message: string): Said {
  const prefix = /^([A-Za-z ]+?) Error: /.exec(message);
  const json = objectIn(message.slice(message.indexOf("{")));
  if (!json) return { kind: prefix?.[1] ?? "", text: message.slice(prefix?.[0].length ?? 0) };
  const kind = String(json["exception_type"] ?? prefix?.[1] ?? "");
  const text = String(json["exception_message"] ?? message);
  const inner = objectIn(text) ? parsed(text) : { kind, text };
  const position = Number(json["position"]);
  return {
    ...inner,
    kind: inner.kind || kind,
    ...(json["position"] !== undefined && Number.isFinite(position) ? { position } : undefined),
  };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** DuckDB's advice names extensions and system tables that nobody here can use. */
function advised(text: string): string {
  const missing = /it exists in the (\w+) extension/.exec(text);
  if (missing)
    return `${text.slice(0, text.indexOf("\n")).trim()} That extension is not in Tierbook.`;
  return text
    .replace(/\nDid you mean "(?:pg_|duckdb_|sqlite_|tierbook\.|[a-z_]+\.tierbook\.)[^"]*"\?/g, "")
    .replace(/\n+LINE \d+:[^]*$/, "")
    .trim();
}
