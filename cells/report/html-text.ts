/**
 * A text as it stands in HTML, between tags or in a quoted attribute. What a file in UTF-8 or an
 * HTML parser would not keep is shown as its picture: NUL and lone surrogates.
 */
export function htmlText(text: string): string {
  return wellFormed(text).replace(/[&<>"\0\r]/g, (character) => written[character] ?? character);
}

/** A text without lone surrogates, which no file in UTF-8 can hold: U+FFFD stands for each. */
export function wellFormed(text: string): string {
  // with the flag u a whole pair is one character, which is no surrogate
  return text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD");
}

const written: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\0": "\u2400",
  "\r": "&#13;",
};
