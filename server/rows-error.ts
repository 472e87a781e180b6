import type { QueryError } from "../data/query-client.ts";
import type { Check } from "../engines/receipt.ts";

/** Rows that cannot be made or trained on: where, what is wrong, what to do. */
export class RowsError extends Error {
  readonly code = "rows";
}

/** Faults as one text, the first with its hint. */
export function faultText([first, ...others]: readonly Check[]): string {
  if (first === undefined) return "";
  const { where, message, hint } = first;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${where === undefined ? "" : `${where}: `}${message}${hint === undefined ? "" : `; ${hint}`}${more}`;
}

/** What DuckDB said, with what to do about it where it is that something was not enough. */
export function reasonFromQuery({ message, code }: QueryError): string {
  if (code !== "out-of-memory") return message;
  // the lines after the first advise settings that nobody can change here
  const [said = ""] = message.split("\n");
  const variable = said.includes("offload") ? "TIERBOOK_ROWS_DISK" : "TIERBOOK_ROWS_MEMORY";
  return `${said.replace(/\.$/, "")}; make it smaller, or give the rows more with ${variable}`;
}
