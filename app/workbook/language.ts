import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { markdown } from "@codemirror/lang-markdown";
import { PostgreSQL, sql, type SQLNamespace } from "@codemirror/lang-sql";
import type { LanguageSupport } from "@codemirror/language";
import type { CellMode } from "../../runtime/cell.ts";
import { dotLanguage } from "./dot-language.ts";
import { texLanguage } from "./tex-language.ts";

/**
 * The language in which a cell of a mode is edited, or undefined where it is plain text.
 *
 * @param tables columns by table name, for the completion of SQL
 */
export function languageOf(mode: CellMode, tables: SQLNamespace = {}): LanguageSupport | undefined {
  switch (mode) {
    case "js":
    case "ojs":
    case "node":
      return javascript();
    case "ts":
      return javascript({ typescript: true });
    case "md":
      return markdown({ completeHTMLTags: false });
    case "html":
      return html();
    case "sql":
      // DuckDB's parser descends from PostgreSQL's.
      return sql({ dialect: PostgreSQL, schema: tables });
    case "tex":
      return texLanguage();
    case "dot":
      return dotLanguage();
    default:
      return undefined;
  }
}

/** The modes that a person can choose for a new cell. */
export const editableModes = [
  "js",
  "md",
  "sql",
  "html",
  "tex",
  "dot",
  "ts",
] as const satisfies readonly CellMode[];

/** Whether a cell of this mode shows text that it renders, so that its source is out of the way. */
export function isProse(mode: CellMode): boolean {
  return mode === "md" || mode === "html" || mode === "tex" || mode === "dot";
}
