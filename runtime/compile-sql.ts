import type { CompiledScript, ScriptOptions } from "./compile-javascript.ts";
import { compileHoles, templateParts, type TemplateParts } from "./compile-template.ts";
import type { SqlStatement } from "./compiled-cell.ts";
import { placeAt, type Place } from "./place.ts";
import { relocated } from "./relocated.ts";
import { canonicalSql, significantTokens, tokenizeSql } from "./sql.ts";
import { tableReferences, type TableReference } from "./sql-references.ts";

/** A compiled SQL cell: its body gives the {@link SqlStatement}, or nothing where there is no SQL. */
export interface CompiledSql extends CompiledScript {
  readonly references: readonly TableReference[];
}

/** A `${}` that cannot become a literal. `offset` is its place in the source, in UTF-16 units. */
export class InterpolationError extends SyntaxError {
  readonly code = "interpolation";
  readonly hint =
    "A value becomes a literal with its quotes, so write ${name}, not '${name}'. " +
    "To join it to other text, write 'text' || ${name}.";
  constructor(readonly pos: number) {
    super("A value cannot stand inside quotes: ${} makes a whole literal");
    this.name = "SyntaxError";
  }
}

/**
 * Compiles SQL. Its `${…}` are expressions whose values become typed literals, never text; in a
 * comment they are only text.
 *
 * @throws {SyntaxError} for an expression that is none
 * @throws {InterpolationError} for `${…}` inside quotes
 */
export function compileSql(source: string, options: ScriptOptions): CompiledSql {
  const parts = templateParts(source);
  const marked = withMarks(source, parts.holes);
  const { strings, holes } = withoutComments(source, parts, marked);
  const isBlank = significantTokens(marked).length === 0;
  const statement = (...values: unknown[]): SqlStatement | undefined =>
    isBlank ? undefined : { strings, params: values.slice(1) };
  const script = compileHoles(
    source,
    holes,
    "$$sql",
    { $$first: null },
    {
      ...options,
      hidden: { $$sql: statement },
    },
  );
  return {
    ...relocated(script, (error, located) => placeOfQueryFault(error, source, holes) ?? located()),
    references: tableReferences(marked),
    canonical: () => `${canonicalSql(marked)}\n${script.canonical()}`,
  };
}

/** Where a database refused the statement: it names a string of the template and an offset in it. */
function placeOfQueryFault(
  error: unknown,
  source: string,
  holes: TemplateParts["holes"],
): Place | undefined {
  const place: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, "templatePlace") : undefined;
  if (typeof place !== "object" || place === null) return undefined;
  const part: unknown = Reflect.get(place, "part");
  const offset: unknown = Reflect.get(place, "offset");
  if (typeof part !== "number" || typeof offset !== "number") return undefined;
  return placeAt(source, (holes[part - 1]?.end ?? 0) + offset);
}

/** The source with a parameter in the place of each `${…}`, so that all offsets stay. */
function withMarks(source: string, holes: TemplateParts["holes"]): string {
  return holes.reduce(
    (sql, { start, end }) => sql.slice(0, start) + mark(end - start) + sql.slice(end),
    source,
  );
}

/** Spaces around it keep the parameter apart from what stands beside it. */
function mark(length: number): string {
  return ` ?${" ".repeat(length - 2)}`;
}

/** The template less the holes in comments, whose text stays. */
function withoutComments(source: string, parts: TemplateParts, marked: string): TemplateParts {
  const tokens = tokenizeSql(marked);
  const strings = [parts.strings[0] ?? ""];
  const holes: { start: number; end: number }[] = [];
  let next = 0;
  parts.holes.forEach((hole, i) => {
    const text = parts.strings[i + 1] ?? "";
    while ((tokens[next]?.end ?? Infinity) <= hole.start + 1) next++;
    const kind = tokens[next]?.kind;
    if (kind === "comment") {
      strings.push((strings.pop() ?? "") + source.slice(hole.start, hole.end) + text);
    } else if (kind === "parameter") {
      strings.push(text);
      holes.push(hole);
    } else throw new InterpolationError(hole.start);
  });
  return { strings, holes };
}
