import type { LineageStatement } from "../../data/index.ts";
import type { LineageRows } from "../../engines/index.ts";
import { h, type Child } from "./dom.ts";
import { counted, shortDigest } from "./plan-text.ts";

/**
 * How the rows of a run are made, read from its request: the files and, folded away, every statement
 * in full. All of it is a stranger's text.
 */
export function lineageSection({ lineage }: LineageRows): readonly Child[] {
  const { engine, statements } = lineage;
  return [
    h("h3", {}, "How the runner makes the rows"),
    h("ul", { class: "lineage-files" }, ...filesOf(statements).map(fileLine)),
    h(
      "details",
      { class: "lineage" },
      h("summary", {}, `${counted(statements.length, "SQL statement")}, DuckDB ${visible(engine)}`),
      h(
        "ol",
        { tabindex: 0, "aria-label": "SQL statements" },
        ...statements.map((statement, i) => statementLine(statement, i === statements.length - 1)),
      ),
    ),
  ];
}

interface LineageFile {
  readonly path: string;
  readonly digest: string;
}

/** Each file once; a path whose bytes are not the same everywhere as often as there are digests. */
function filesOf(statements: readonly LineageStatement[]): LineageFile[] {
  const files = new Map<string, LineageFile>();
  for (const statement of statements)
    for (const [path, digest] of Object.entries(statement.files))
      files.set(`${digest} ${path}`, { path, digest });
  return [...files.values()];
}

function fileLine({ path, digest }: LineageFile): HTMLElement {
  return h(
    "li",
    {},
    h("code", {}, visible(path)),
    h("small", { title: digest }, `SHA-256 ${shortDigest(digest)}…`),
  );
}

function statementLine({ sql, tables }: LineageStatement, isLast: boolean): HTMLElement {
  const reads = Object.entries(tables).map(
    ([name, index]) => `${visible(name)} is statement ${index + 1}`,
  );
  const words = [...reads, ...(isLast ? ["its result is the table"] : [])].join("; ");
  return h("li", {}, h("pre", {}, visible(sql)), words !== "" && h("small", {}, words));
}

/** Text in which what cannot be seen, or would turn the order of what is seen, is written out. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cf}\p{Co}\p{Cn}\u2028\u2029]|(?![\n\t])\p{Cc}/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
