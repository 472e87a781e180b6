import { transpile } from "@observablehq/notebook-kit";
import { parseExpressionAt } from "acorn";
import { cellFunction, type Body } from "./cell-function.ts";
import type { CompiledScript, ScriptBody } from "./compile-javascript.ts";
import { once } from "./once.ts";
import { placeAt, type Place } from "./place.ts";
import { printSyntax } from "./syntax-print.ts";
import { isVolatile, mayBeVolatile } from "./volatile.ts";

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
export function compileObservable(source: string): CompiledObservable {
  const {
    body,
    inputs = [],
    output,
    autodisplay,
    autoview,
    automutable,
  } = transpile({
    id: 0,
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
  const parse = once(() => parseExpressionAt(body, 0, { ecmaVersion: "latest" }));
  return {
    kind,
    inputs,
    outputs: name === undefined ? [] : [name],
    // a cell without code is a program, which shows nothing
    isExpression: autodisplay === true,
    body: (id) => observableBody(id, source, body),
    canonical: () => printSyntax(parse()),
    volatile: mayBeVolatile(body) && isVolatile(parse()),
    places: () => Object.fromEntries(inputs.map((input) => [input, firstWord(source, input)])),
  };
}

function observableBody(id: number, source: string, code: string): ScriptBody {
  const made = cellFunction({
    id,
    parameters: [],
    before: "return (",
    code,
    after: ")",
    isAsync: false,
  });
  return {
    make: once(() => {
      const definition: unknown = Reflect.apply(made.make(), undefined, []);
      return typeof definition === "function" ? (definition as Body) : () => definition;
    }),
    locate: (error) => {
      const place = made.locate(error);
      if (!place) return undefined;
      const start = startOfBody(source, code);
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
