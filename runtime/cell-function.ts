import type { Place } from "./place.ts";

/** A body made from source, and what finds an error's place in that source. */
export interface CellFunction {
  /** the body itself, which is made when it is first wanted */
  readonly make: () => Body;
  /** the place where the source was when an error was thrown; nothing where the stack does not say */
  readonly locate: (error: unknown) => Place | undefined;
}

/** A cell's body, or code before it: called with the values of its parameters. */
export type Body = (this: unknown, ...values: unknown[]) => unknown;

/** What a body is made of. `before` and `after` surround `code`, on lines of their own. */
export interface CellCode {
  /** for messages and debuggers: the cell's id */
  readonly id: number;
  readonly parameters: readonly string[];
  readonly before: string;
  readonly code: string;
  readonly after: string;
  readonly isAsync: boolean;
}

/**
 * Makes the function of a cell's body, in strict mode, under a source URL of its own, so that
 * debuggers show it as a file and stacks name its lines. It is made when it is first wanted: a cell
 * whose result is known never needs one. Then it throws a {@link SyntaxError} for what our parser let
 * pass and the engine does not.
 */
export function cellFunction(code: CellCode): CellFunction {
  let url: string | undefined;
  let body: Body | undefined;
  return {
    make: () => {
      url ??= `tierbook-cell-${code.id}-${++made}.js`;
      return (body ??= makeBody(code, url));
    },
    locate: (error) => {
      const place = url === undefined ? undefined : placeInStack(error, url);
      return place && { line: Math.max(1, place.line - headerLines - 1), column: place.column };
    },
  };
}

function makeBody({ parameters, before, code, after, isAsync }: CellCode, url: string): Body {
  const text = `"use strict";${before}\n${code}\n${after}\n//# sourceURL=${url}`;
  try {
    // oxlint-disable-next-line no-implied-eval -- running the source that a person wrote is our work
    const body: unknown = isAsync
      ? new AsyncFunction(...parameters, text)
      : new Function(...parameters, text);
    return body as Body;
  } catch (error) {
    if (error instanceof SyntaxError) throw Object.assign(error, { code: "syntax" });
    throw error;
  }
}

let made = 0;

// The constructor has no global name.
const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => {}).constructor;

/** Lines that the engine counts before a function's text: `function anonymous(a\n) {\n` has two. */
const headerLines = measureHeader();

function measureHeader(): number {
  try {
    // oxlint-disable-next-line no-implied-eval -- constant text
    new Function("throw new Error()\n//# sourceURL=tierbook-probe.js")();
  } catch (error) {
    const place = placeInStack(error, "tierbook-probe.js");
    if (place) return place.line - 1;
  }
  return 2;
}

/** The innermost frame of a file, in the stacks of V8, SpiderMonkey and JavaScriptCore. */
function placeInStack(error: unknown, url: string): Place | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  const at = error.stack.indexOf(`${url}:`);
  const place = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(error.stack.slice(at + url.length));
  return place ? { line: Number(place[1]), column: Number(place[2] ?? 1) } : undefined;
}
