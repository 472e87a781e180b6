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
  const take = (kind: SqlTokenKind, start: number, end: number): number => {
    tokens.push({ kind, text: sql.slice(start, end), start, end });
    return end;
  };
  for (let at = 0; at < sql.length;) {
    const [kind, end] = tokenAt(sql, at);
    // The signs that an operator gives up are each an operator, so no run is read twice.
    const first = kind === "operator" ? operatorEnd(sql, at, end) : end;
    for (at = take(kind, at, first); at < end;) at = take(kind, at, at + 1);
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

// A pattern must end where its token ends: what is read and given back is read again.
const space = /\s+/y;
const lineComment = /--[^\n\r]*/y;
const escapeString = /[eE]'/y;
const plainString = /(?:[xXbB]|[uU]&)?'/y;
const quotedIdentifier = /(?:[uU]&)?"/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const parameter = /\$\d+|\$[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|\?\d*/y;
const number =
  /0[xX][\da-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)(?:\d[\d_]*)?)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
// White space beyond ASCII ends a word, as DuckDB reads it.
const letters = String.raw`A-Za-z_\u0080-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff`;
const word = new RegExp(`[${letters}][${letters}\\d$]*`, "y");
const symbol = /[~!@^&|`+\-*/%<>=]/;
const punctuation = /::|:=|\.\.|[^]/uy;

/** The token at `start`; of a run of operator characters all, which {@link operatorEnd} divides. */
function tokenAt(sql: string, start: number): [SqlTokenKind, number] {
  const end = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(sql) ? pattern.lastIndex : 0;
  };
  let to: number;
  if ((to = end(space))) return ["space", to];
  if ((to = end(lineComment))) return ["comment", to];
  if (sql.startsWith("/*", start)) return ["comment", blockCommentEnd(sql, start)];
  if ((to = end(escapeString))) return ["string", escapeStringEnd(sql, to)];
  if ((to = end(plainString))) return ["string", quotedEnd(sql, to, "'")];
  if ((to = end(quotedIdentifier))) return ["quoted", quotedEnd(sql, to, '"')];
  if ((to = end(dollarQuote))) return ["string", dollarStringEnd(sql, start, to)];
  if ((to = end(parameter))) return ["parameter", to];
  if ((to = end(number))) return ["number", to];
  if ((to = end(word))) return ["word", to];
  return ["operator", symbolsEnd(sql, start) || end(punctuation)];
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

/** Where the text ends whose opening quote ends at `from`; two quotes stand for one. */
function quotedEnd(sql: string, from: number, quote: string): number {
  for (let at = sql.indexOf(quote, from); at >= 0; at = sql.indexOf(quote, at + 2))
    if (sql[at + 1] !== quote) return at + 1;
  return sql.length;
}

/** As {@link quotedEnd}, for a text in which a backslash escapes. */
function escapeStringEnd(sql: string, from: number): number {
  const mark = /\\|''?/g;
  mark.lastIndex = from;
  for (let match = mark.exec(sql); match; match = mark.exec(sql)) {
    if (match[0] === "'") return mark.lastIndex;
    if (match[0] === "\\") mark.lastIndex++;
  }
  return sql.length;
}

function dollarStringEnd(sql: string, start: number, open: number): number {
  const tag = sql.slice(start, open);
  const close = sql.indexOf(tag, open);
  return close < 0 ? sql.length : close + tag.length;
}

/** Where a run of operator characters ends: before a comment at the latest. 0 where none begins. */
function symbolsEnd(sql: string, start: number): number {
  let end = start;
  while (symbol.test(sql.charAt(end)) && !isCommentStart(sql, end)) end++;
  return end > start ? end : 0;
}

function isCommentStart(sql: string, at: number): boolean {
  return sql.startsWith("--", at) || sql.startsWith("/*", at);
}

/**
 * The first operator of a run gives up its trailing signs unless it is one of those that may end in
 * one: `a<-1` is `<` and `-1`, `@-` is one operator (PostgreSQL, 4.1.3).
 */
function operatorEnd(sql: string, start: number, end: number): number {
  if (/[~!@%^&|`]/.test(sql.slice(start, end))) return end;
  let last = end;
  while (last > start + 1 && "+-".includes(sql.charAt(last - 1))) last--;
  return last;
}
