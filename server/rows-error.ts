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
