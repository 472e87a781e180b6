/** A place in a text: 1-based line, 1-based column in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset. Lines end as in JavaScript: at LF, CR, CRLF and the two separators. */
export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (const { 0: lineBreak, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
    if (index + lineBreak.length > offset) break;
    line++;
    start = index + lineBreak.length;
  }
  return { line, column: offset - start + 1 };
}

/** Text of the same shape that says nothing: line breaks stay, all else becomes spaces. */
export function blanked(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}
