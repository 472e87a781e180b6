/** What a piece of SQL text is. `quoted` is a quoted identifier, `string` any literal text. */
export type SqlTokenKind =
  "word" | "quoted" | "string" | "number" | "operator" | "comment" | "space" | "parameter";

/** A piece of SQL text, with its place in UTF-16 units. */
export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One statement of a script, without its semicolon and the white space around it. */
export interface SqlStatement {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts SQL into tokens by DuckDB's lexical rules (those of PostgreSQL, with `?` as a parameter and
 * numbers like `1_000` and `0x1F`). The concatenated texts are the input. Never throws: what is not
 * closed reaches to the end.
 */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let start = 0; start < sql.length;) {
    const [kind, end] = tokenAt(sql, start);
    tokens.push({ kind, text: sql.slice(start, end), start, end });
    start = end;
  }
  return tokens;
}

/** The tokens that mean something: neither comments nor white space. */
export function significantTokens(sql: string): SqlToken[] {
  return tokenizeSql(sql).filter(isSignificant);
}

/** The statements of a script in order; empty ones are left out. */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let first: SqlToken | undefined;
  let last: SqlToken | undefined;
  const close = () => {
    if (first && last)
      statements.push({
        text: sql.slice(first.start, last.end),
        start: first.start,
        end: last.end,
      });
    first = last = undefined;
  };
  for (const token of significantTokens(sql)) {
    if (token.text === ";") close();
    else {
      first ??= token;
      last = token;
    }
  }
  close();
  return statements;
}

/**
 * SQL without comments, and with one space between tokens. Two texts have the same canonical form if
 * and only if they are the same tokens, so it is what a fingerprint is made of. Case is kept.
 */
export function canonicalSql(sql: string): string {
  let text = "";
  let previous: SqlToken | undefined;
  for (const token of tokenizeSql(sql)) {
    if (!isSignificant(token)) continue;
    // A line break joins two literals into one ('a'⏎'b' is 'ab'); a space makes the second an alias.
    const joined =
      previous?.kind === "string" &&
      token.kind === "string" &&
      /[\n\r]/.test(sql.slice(previous.end, token.start));
    if (previous) text += joined ? "\n" : " ";
    text += token.text;
    previous = token;
  }
  return text;
}

/** The name that a word or a quoted identifier stands for. */
export function identifierName(token: SqlToken): string {
  return token.kind === "quoted"
    ? token.text.slice(1, closes(token.text, '"') ? -1 : undefined).replaceAll('""', '"')
    : token.text;
}

/** The text that a plain `'…'` literal stands for. */
export function literalText(token: SqlToken): string {
  return token.text.slice(1, closes(token.text, "'") ? -1 : undefined).replaceAll("''", "'");
}

function isSignificant({ kind, text }: SqlToken): boolean {
  // A comment that is never closed is an error to the database, so it counts.
  return kind === "comment" ? text.startsWith("/*") && !isClosedComment(text) : kind !== "space";
}

function closes(text: string, quote: string): boolean {
  return text.length > 1 && text.endsWith(quote);
}

const space = /\s+/y;
const lineComment = /--[^\n\r]*/y;
const plainString = /(?:[xXbB]|[uU]&)?'(?:[^']|'')*(?:'|$)/y;
const escapeString = /[eE]'(?:[^'\\]|\\[^]|'')*(?:'|\\?$)/y;
const quotedIdentifier = /(?:[uU]&)?"(?:[^"]|"")*(?:"|$)/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const parameter = /\$\d+|\$[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|\?\d*/y;
const number =
  /0[xX][\da-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)(?:\d[\d_]*)?)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const symbolic = /[~!@^&|`+\-*/%<>=]+/y;
const punctuation = /::|:=|\.\.|[^]/uy;

function tokenAt(sql: string, start: number): [SqlTokenKind, number] {
  const end = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(sql) ? pattern.lastIndex : 0;
  };
  let to: number;
  if ((to = end(space))) return ["space", to];
  if ((to = end(lineComment))) return ["comment", to];
  if (sql.startsWith("/*", start)) return ["comment", blockCommentEnd(sql, start)];
  if ((to = end(escapeString)) || (to = end(plainString))) return ["string", to];
  if ((to = end(quotedIdentifier))) return ["quoted", to];
  if ((to = end(dollarQuote))) return ["string", dollarStringEnd(sql, start, to)];
  if ((to = end(parameter))) return ["parameter", to];
  if ((to = end(number))) return ["number", to];
  if ((to = end(word))) return ["word", wordEnd(sql, start, to)];
  if ((to = end(symbolic))) return ["operator", operatorEnd(sql, start, to)];
  return ["operator", end(punctuation)];
}

/** Block comments nest, as in PostgreSQL and unlike in C. */
function blockCommentEnd(sql: string, start: number): number {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let match = mark.exec(sql); match; match = mark.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

function isClosedComment(text: string): boolean {
  let depth = 0;
  for (const [mark] of text.matchAll(/\/\*|\*\//g)) depth += mark === "/*" ? 1 : -1;
  return depth === 0;
}

function dollarStringEnd(sql: string, start: number, open: number): number {
  const tag = sql.slice(start, open);
  const close = sql.indexOf(tag, open);
  return close < 0 ? sql.length : close + tag.length;
}

/** White space beyond ASCII ends a word, as DuckDB reads it. */
function wordEnd(sql: string, start: number, end: number): number {
  const gap = sql.slice(start, end).search(/\s/);
  return gap < 0 ? end : start + gap;
}

/**
 * An operator stops before a comment, and gives up a trailing sign unless it is one of those that
 * may end in one: `a<-1` is `<` and `-1`, `@-` is one operator (PostgreSQL, 4.1.3).
 */
function operatorEnd(sql: string, start: number, end: number): number {
  let text = sql.slice(start, end);
  const comment = text.search(/--|\/\*/);
  if (comment > 0) text = text.slice(0, comment);
  if (!/[~!@%^&|`]/.test(text) && text !== "->" && text.length > 1)
    text = text.replace(/(?<=.)[+-]+$/, "");
  return start + text.length;
}
