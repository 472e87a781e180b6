/** An attribute of a start tag. Places are UTF-16 units from the start of the tag. */
export interface HtmlAttribute {
  /** lower case */
  readonly name: string;
  /** character references are resolved as far as {@link decodeReferences} does */
  readonly value: string;
  /** whether an earlier attribute has the name, so that this one does not count */
  readonly repeats: boolean;
  readonly start: number;
  readonly end: number;
}

/** A tag, or the text of an element whose content is not markup: a script, a title, a style. */
export interface HtmlToken {
  readonly kind: "start" | "end" | "text";
  /** the element's name, lower case; of the element around it for `text` */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The elements whose content is one `text` token. */
export const rawElements: ReadonlySet<string> = new Set(
  "script style title textarea xmp iframe noembed noframes plaintext".split(" "),
);

/**
 * The tags of an HTML text in order, by the tokenizer of the HTML standard (13.2.5): comments and
 * declarations hold no tags, nor do scripts and other raw text, whose content comes as one `text`.
 * What lies between tokens is text, comments and declarations.
 */
export function* htmlTokens(html: string): Generator<HtmlToken, void> {
  const mark = /<(?:!--|[!?]|\/?[a-z]|\/)/gi;
  for (let match = mark.exec(html); match; match = mark.exec(html)) {
    const start = match.index;
    if (match[0] === "<!--") mark.lastIndex = commentEnd(html, start);
    else if (!/[a-z]$/i.test(match[0])) mark.lastIndex = past(html.indexOf(">", start), html);
    else {
      const tag = readTag(html, start);
      if (!tag) return;
      const { name, end } = tag;
      const kind = match[0].startsWith("</") ? "end" : "start";
      yield { kind, name, start, end };
      mark.lastIndex = end;
      if (kind === "start" && rawElements.has(name)) {
        mark.lastIndex = rawEnd(html, end, name);
        yield { kind: "text", name, start: end, end: mark.lastIndex };
      }
    }
  }
}

/** The attributes of a tag, `<script id="1">`, in order; of two with one name the first counts. */
export function htmlAttributes(tag: string): HtmlAttribute[] {
  return readTag(tag, 0)?.attributes ?? [];
}

/**
 * Where the content of a script ends: at the `<` of the end tag that closes it, or at the end of the
 * text. After `<!--` and a `<script` inside it the next `</script` does not close (the double-escaped
 * state, 13.2.5.17 to 13.2.5.31).
 */
export function scriptEnd(html: string, from: number): number {
  const mark = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi;
  let state: "plain" | "escaped" | "double" = "plain";
  mark.lastIndex = from;
  for (let match = mark.exec(html); match; match = mark.exec(html)) {
    switch (match[0].toLowerCase()) {
      case "<!--":
        if (state === "plain") state = "escaped";
        mark.lastIndex = match.index + 2; // its dashes may be those of a closing -->
        break;
      case "-->":
        state = "plain";
        break;
      case "<script":
        if (state === "escaped") state = "double";
        break;
      default:
        if (state !== "double") return match.index;
        state = "escaped";
    }
  }
  return html.length;
}

/** Resolves numeric references and the names that serialisers write; others stay as they are. */
export function decodeReferences(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos|nbsp));/gi,
    (all, dec, hex, name) => {
      if (typeof name === "string") return named.get(name.toLowerCase()) ?? all;
      const code = Number.parseInt(dec ?? hex, dec === undefined ? 16 : 10);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}

/** Text as it stands in an element or between double quotes. */
export function encodeReferences(text: string): string {
  return text.replace(/[&<>"\u00a0]/g, (character) => encoded.get(character) ?? character);
}

const named = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
]);
const encoded = new Map([...named].map(([name, character]) => [character, `&${name};`]));

function past(index: number, html: string): number {
  return index < 0 ? html.length : index + 1;
}

function commentEnd(html: string, start: number): number {
  const close = /--!?>/g;
  const short = /^<!--(?:-?>)/.exec(html.slice(start, start + 6));
  if (short) return start + short[0].length;
  close.lastIndex = start + 4;
  return close.test(html) ? close.lastIndex : html.length;
}

const blank = /[\t\n\f\r ]*/y;
const tagName = /<\/?([^\t\n\f\r />]*)/y;
const attributeName = /.[^\t\n\f\r />=]*/sy;
const bareValue = /[^\t\n\f\r >]*/y;

/** Reads the tag at `start`; nothing where the text ends inside it. Places count from `start`. */
function readTag(
  html: string,
  start: number,
): { name: string; attributes: HtmlAttribute[]; end: number } | undefined {
  let at = start;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(html);
    at += match?.[0].length ?? 0;
    return match?.[0] ?? "";
  };
  const name = take(tagName).replace(/^<\/?/, "").toLowerCase();
  const attributes: HtmlAttribute[] = [];
  const seen = new Set<string>();
  for (;;) {
    take(blank);
    if (at >= html.length) return undefined;
    if (html[at] === ">") return { name, attributes, end: at + 1 };
    if (html[at] === "/") {
      at++;
      continue;
    }
    const from = at;
    const key = take(attributeName).toLowerCase();
    const to = at;
    let value = "";
    take(blank);
    if (html[at] === "=") {
      at++;
      take(blank);
      const quote = html[at];
      if (quote === '"' || quote === "'") {
        const close = html.indexOf(quote, at + 1);
        if (close < 0) return undefined;
        value = html.slice(at + 1, close);
        at = close + 1;
      } else value = take(bareValue);
    } else at = to;
    attributes.push({
      name: key,
      value: decodeReferences(value),
      repeats: seen.has(key),
      start: from - start,
      end: at - start,
    });
    seen.add(key);
  }
}

function rawEnd(html: string, from: number, name: string): number {
  if (name === "script") return scriptEnd(html, from);
  if (name === "plaintext") return html.length;
  const close = new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, "gi");
  close.lastIndex = from;
  return close.exec(html)?.index ?? html.length;
}
