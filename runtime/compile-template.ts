import { parseTemplate } from "@observablehq/notebook-kit";
import {
  compileJavaScript,
  type CompiledScript,
  type ScriptOptions,
} from "./compile-javascript.ts";
import { blanked, placeAt } from "./place.ts";
import { relocated } from "./relocated.ts";
import { TemplateError } from "./template-text.ts";

/** A source with `${…}` in it, cut up. There is one text more than there are expressions. */
export interface TemplateParts {
  /** the texts, exactly as written but for `\${` and `$\{`, which stand for `${` */
  readonly strings: readonly string[];
  /** where each `${…}` stands, its braces included, in UTF-16 units */
  readonly holes: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Cuts a template up.
 *
 * @throws {SyntaxError} for an expression in it that is none
 */
export function templateParts(source: string): TemplateParts {
  if (source === "") return { strings: [""], holes: [] };
  const { quasis } = parseTemplate(source);
  const holes = quasis.slice(1).map(({ start }, i) => ({ start: quasis[i]?.end ?? 0, end: start }));
  return {
    strings: quasis.map(({ start, end }) => unescapeHoles(source.slice(start, end))),
    holes,
  };
}

/**
 * Compiles a cell that is a template: a call of the tag, a builtin such as `md`, on the texts and
 * the values of its expressions. A {@link TemplateError} of the tag about these texts stands at its
 * place in the source.
 *
 * @throws {SyntaxError}
 */
export function compileTemplate(
  source: string,
  tag: string,
  options: ScriptOptions,
): CompiledScript {
  const { strings, holes } = templateParts(source);
  const texts = Object.freeze(Object.assign([...strings], { raw: Object.freeze([...strings]) }));
  const script = compileHoles(source, holes, tag, { $$texts: texts }, options);
  return relocated(script, (error, located) =>
    error instanceof TemplateError && error.strings === texts
      ? placeAt(source, sourceOffset(source, holes, error))
      : located(),
  );
}

/**
 * Compiles a call of a function on the values of a source's `${…}`, after the values of `first`. All
 * else of the source is blanked, so that lines and columns in the code are those of the source.
 */
export function compileHoles(
  source: string,
  holes: TemplateParts["holes"],
  callee: string,
  first: Readonly<Record<string, unknown>>,
  options: ScriptOptions,
): CompiledScript {
  let shape = "";
  let from = 0;
  for (const { start, end } of holes) {
    const expression = source.slice(start + 2, end - 1);
    shape += `${blanked(source.slice(from, start))},(${expression})`;
    from = end;
  }
  shape += blanked(source.slice(from));
  const before = `${callee}(${Object.keys(first).join(", ")}\n`;
  const script = compileJavaScript(`${before}${shape}\n)`, {
    ...options,
    hidden: { ...options.hidden, ...first },
  });
  const back = ({ line, column }: { line: number; column: number }) => ({
    line: Math.max(1, line - 1),
    column,
  });
  return {
    ...relocated(script, (_, located) => {
      const place = located();
      return place && back(place);
    }),
    places: () =>
      Object.fromEntries(
        Object.entries(script.places()).map(([name, place]) => [
          name,
          place.line === 1 ? placeAt(source, 0) : back(place),
        ]),
      ),
  };
}

/** Where an offset in one of the texts stands in the source, which also has their escapes. */
function sourceOffset(
  source: string,
  holes: TemplateParts["holes"],
  { index, offset }: TemplateError,
): number {
  const start = holes[index - 1]?.end ?? 0;
  const written = source.slice(start, holes[index]?.start);
  let end = offset;
  while (end < written.length && unescapeHoles(written.slice(0, end)).length < offset) end++;
  return start + end;
}

/** A backslash before or inside `${` makes it text; a backslash that is itself escaped does not. */
function unescapeHoles(text: string): string {
  return text.replace(/(\\*)\$(\\?)\{/g, (all, before: string, inside: string) => {
    if (inside) return `${before}\${`;
    return before.length % 2 === 1 ? `${before.slice(1)}\${` : all;
  });
}
