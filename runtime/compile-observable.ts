import { transpile } from "@observablehq/notebook-kit";
import { parseExpressionAt } from "acorn";
import { cellFunction } from "./cell-function.ts";
import type { CompiledScript, ScriptOptions } from "./compile-javascript.ts";
import { placeAt, type Place } from "./place.ts";
import { printSyntax } from "./syntax-print.ts";
import { isVolatile } from "./volatile.ts";

/** A compiled cell in Observable JavaScript; `view` for `viewof`, `mutable` for `mutable`. */
export interface CompiledObservable extends CompiledScript {
  readonly kind: "value" | "view" | "mutable";
}

/**
 * Compiles Observable JavaScript as notebook-kit does. `viewof x` and `mutable x` define `x`; who
 * reads `viewof x` or writes `mutable x` has an input `viewof$x` or `mutable$x`.
 *
 * @throws {SyntaxError} also for `import`, which would reach for observablehq.com
 */
export function compileObservable(source: string, options: ScriptOptions): CompiledObservable {
  const {
    body,
    inputs = [],
    output,
    autodisplay,
    autoview,
    automutable,
  } = transpile({
    id: options.id,
    mode: "ojs",
    value: source,
    pinned: true,
    hidden: false,
  } as Parameters<typeof transpile>[0]);
  if (body.includes("observable:") || body.startsWith("async (__variable)"))
    throw new SyntaxError(
      "Cells of other notebooks are not imported: they are on observablehq.com",
    );
  const name = output?.replace(/^(?:viewof\$|mutable )/, "");
  const kind = autoview ? "view" : automutable ? "mutable" : "value";
  const made = cellFunction({
    id: options.id,
    parameters: [],
    before: "return (",
    code: body,
    after: ")",
    isAsync: false,
  });
  const definition = made.call(undefined, []);
  const tree = parseExpressionAt(body, 0, { ecmaVersion: "latest" });
  const start = startOfBody(source, body);
  return {
    kind,
    inputs,
    outputs: name === undefined ? [] : [name],
    // a cell without code is a program, which shows nothing
    isExpression: autodisplay === true,
    run(...values) {
      return typeof definition === "function"
        ? Reflect.apply(definition, this, values)
        : definition;
    },
    canonical: () => printSyntax(tree),
    volatile: isVolatile(tree),
    places: Object.fromEntries(inputs.map((input) => [input, firstWord(source, input)])),
    locate: (error) => {
      const place = made.locate(error);
      if (!place) return undefined;
      const line = start.line + Math.max(0, place.line - 2);
      return { line, column: place.line === 2 ? start.column + place.column - 1 : place.column };
    },
  };
}

/** notebook-kit writes a function header on a line of its own, then the body as it stands. */
function startOfBody(source: string, body: string): Place {
  const line = body.split("\n")[1] ?? "";
  return placeAt(source, Math.max(0, source.indexOf(line)));
}

function firstWord(source: string, input: string): Place {
  const [, word = input] = /^(?:viewof|mutable)\$(.*)$/.exec(input) ?? [];
  const at = source.search(new RegExp(`(?<![\\w$.])${word.replaceAll("$", "\\$")}(?![\\w$])`));
  return placeAt(source, Math.max(0, at));
}
