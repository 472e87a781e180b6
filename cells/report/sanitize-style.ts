/*
 * Styles from a workbook. They may look as they like, load nothing, and reach nothing outside their
 * output: not the marks that say what does not count.
 */

/** What may begin a rule of a workbook's style that is no selector. */
const groups = /@(?!media\b|supports\b|container\b)/i;

/** Functions that load, and what older browsers run. A backslash could write any of them. */
const loads =
  /\\|image-set\s*\(|\bsrc\s*\(|cross-fade\s*\(|\bimage\s*\(|element\s*\(|paint\s*\(|expression\s*\(|-moz-binding|behavior\s*:|javascript:/i;

/** `url(…)`, with what is in it up to its end or its first white space. */
const urls = /url\s*\(\s*["']?([^\s"')]*)/gi;

/** Whether a text of CSS asks for nothing outside the file. */
export function loadsNothing(css: string): boolean {
  if (loads.test(css)) return false;
  return [...css.matchAll(urls)].every(([, address = ""]) => isInside(address));
}

function isInside(address: string): boolean {
  return address.startsWith("#") || /^data:(?:image|font)\//i.test(address);
}

/** The declarations of a `style` attribute that may stay. */
export function safeDeclarations(style: string): string {
  return splitDeclarations(style)
    .filter((declaration) => loadsNothing(declaration) && staysInPlace(declaration))
    .join(";");
}

/** Whether a text of CSS takes nothing out of the box that its output has. */
function staysInPlace(css: string): boolean {
  return [...css.matchAll(/(?:^|[;{\s])position\s*:\s*([^;}]*)/gi)].every(([, value = ""]) =>
    /^(?:static|relative|absolute|inherit|initial|unset)\s*(?:!important)?\s*$/i.test(value),
  );
}

const prefix = ":where(.tb-output){";

/**
 * A style sheet confined to the outputs, by nesting all of it. Undefined for one that would load
 * something, leave its box, or that is not plain enough to tell.
 */
export function confinedStyle(css: string): string | undefined {
  const trimmed = css.trim();
  const isConfined = trimmed.startsWith(prefix) && trimmed.endsWith("}");
  const own = withoutComments(isConfined ? trimmed.slice(prefix.length, -1) : trimmed);
  // an explicit parent could stand anywhere in a selector: `.cell:has(&) .notice`
  if (own === undefined || /[&<]/.test(own) || groups.test(own)) return undefined;
  if (!loadsNothing(own) || !staysInPlace(own) || !isBalanced(own)) return undefined;
  return `${prefix}${own}}`;
}

/** HTML with the styles in it as they were before {@link confinedStyle}, for a file of its own. */
export function withFreeStyles(html: string): string {
  return html.replace(/<style([^>]*)>([^<]*)<\/style>/g, (all, attributes: string, css: string) =>
    css.startsWith(prefix) ? `<style${attributes}>${css.slice(prefix.length, -1)}</style>` : all,
  );
}

function withoutComments(css: string): string | undefined {
  const without = css.replace(/\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g, " ");
  return without.includes("/*") ? undefined : without.trim();
}

/** Whether all that is opened is closed, and nothing more: the text cannot end its nest. */
function isBalanced(css: string): boolean {
  const open: string[] = [];
  for (const { kind, text } of tokens(css)) {
    if (kind === "broken") return false;
    if (kind !== "bracket") continue;
    const closing = closes[text];
    if (closing !== undefined) open.push(closing);
    else if (open.pop() !== text) return false;
  }
  return open.length === 0;
}

/** Splits at the semicolons that are in no string and no bracket. */
function splitDeclarations(css: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const { kind, text } of tokens(css)) {
    if (kind === "bracket") depth += text in closes ? 1 : -1;
    if (kind === "semicolon" && depth === 0) parts.push("");
    else parts[parts.length - 1] += text;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

const closes: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

interface CssToken {
  readonly kind: "string" | "bracket" | "semicolon" | "other" | "broken";
  readonly text: string;
}

const token = /("[^"\n]*"|'[^'\n]*')|([{}()[\]])|(;)|([^"'{}()[\];]+)|(["'])/g;

/** A text of CSS without escapes and comments, in pieces. */
function* tokens(css: string): Generator<CssToken> {
  for (const [text, string, bracket, semicolon, other] of css.matchAll(token))
    yield {
      text,
      kind:
        string !== undefined
          ? "string"
          : bracket !== undefined
            ? "bracket"
            : semicolon !== undefined
              ? "semicolon"
              : other !== undefined
                ? "other"
                : "broken",
    };
}
