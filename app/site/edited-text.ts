import type { Edit } from "./frame-links.ts";

/** The text with its places changed. The places may come in any order and do not overlap. */
export function editedText(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const [start, end, replacement] of edits.toSorted((a, b) => a[0] - b[0])) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}
