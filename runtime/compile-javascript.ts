import type { AnyNode, ImportDeclaration, Program } from "acorn";
import { simple } from "acorn-walk";
import { cellFunction, type Body } from "./cell-function.ts";
import { importModule, importNames, type ImportModule } from "./import-module.ts";
import { once } from "./once.ts";
import { parseScript } from "./parse-script.ts";
import { blanked, placeAt, type Place } from "./place.ts";
import { printSyntax } from "./syntax-print.ts";
import { isVolatile, mayBeVolatile } from "./volatile.ts";

/**
 * What compiling JavaScript gives; the part of a compiled cell that depends neither on its mode nor
 * on which cell it is.
 */
export interface CompiledScript {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly isExpression: boolean;
  /** the body for the cell of an id, which stacks name */
  readonly body: (id: number) => ScriptBody;
  /** the code as the fingerprint counts it */
  readonly canonical: () => string;
  readonly volatile: boolean;
  /** where each input is first read */
  readonly places: () => Readonly<Record<string, Place>>;
}

/** The body of one cell, and what finds its errors. */
export interface ScriptBody {
  /** the body, which is made when it is first wanted */
  readonly make: () => Body;
  /** the place in the source where an error was thrown; nothing where the stack does not say */
  readonly locate: (error: unknown) => Place | undefined;
}

/** How a script is compiled. */
export interface ScriptOptions {
  readonly importModule?: ImportModule | undefined;
  /** values that the code reads beside its inputs, by names that no cell can use */
  readonly hidden?: Readonly<Record<string, unknown>>;
}

/**
 * Compiles an expression or a program as notebook-kit does: what it declares at the top are its
 * outputs, what it does not declare its inputs. Lines and columns of the code stay what they are.
 *
 * @throws {SyntaxError}
 */
export function compileJavaScript(source: string, options: ScriptOptions): CompiledScript {
  const { body, references, declares, isExpression, awaits } = parseScript(source);
  const hidden = { ...options.hidden };
  const { code, statement } = withoutImports(source, body, hidden, options.importModule);
  const hiddenNames = Object.keys(hidden);
  const hiddenValues = Object.values(hidden);
  const isOwn = (name: string) => name in hidden;
  const inputs = [...new Set(references.map(({ name }) => name))].filter((name) => !isOwn(name));
  const outputs = [...new Set(declares)];
  return {
    inputs,
    outputs,
    isExpression,
    body(id) {
      const { make, locate } = cellFunction({
        id,
        parameters: [...inputs, ...hiddenNames],
        before: statement + (isExpression ? "return (" : ""),
        code,
        after: isExpression ? ")" : `return {${outputs.join(", ")}};`,
        isAsync: awaits || statement !== "",
      });
      if (hiddenValues.length === 0) return { make, locate };
      const withHidden = (body: Body): Body =>
        function (...values) {
          return Reflect.apply(body, this, [...values, ...hiddenValues]);
        };
      return { make: once(() => withHidden(make())), locate };
    },
    canonical: () => printSyntax(body),
    volatile: mayBeVolatile(source) && isVolatile(body),
    places: () => firstPlaces(source, references),
  };
}

function firstPlaces(
  source: string,
  references: readonly { readonly name: string; readonly start: number }[],
): Record<string, Place> {
  const first = new Map<string, number>();
  for (const { name, start } of references)
    first.set(name, Math.min(start, first.get(name) ?? start));
  return Object.fromEntries([...first].map(([name, start]) => [name, placeAt(source, start)]));
}

function importDeclarations(program: Program): ImportDeclaration[] {
  return program.body.filter((node) => node.type === "ImportDeclaration");
}

/**
 * Code whose imports go through a loader of ours, which joins the hidden values, and the statement
 * that imports at its start.
 */
function withoutImports(
  source: string,
  body: AnyNode,
  hidden: Record<string, unknown>,
  load: ImportModule = importModule,
): { readonly code: string; readonly statement: string } {
  // a keyword has no other spelling
  if (!source.includes("import")) return { code: source, statement: "" };
  refuseImportMeta(body);
  const imports = body.type === "Program" ? importDeclarations(body) : [];
  const loader = freeName(source);
  const code = rewriteImports(source, body, imports, loader);
  if (code !== source)
    hidden[loader] = (specifier: unknown, names?: readonly string[]) =>
      importNames(load, specifier, names);
  return { code, statement: importStatement(imports, loader) };
}

/** `import` declarations move to the front; `import(…)` becomes a call of ours. The shape stays. */
function rewriteImports(
  source: string,
  body: AnyNode,
  imports: readonly ImportDeclaration[],
  loader: string,
): string {
  const edits = imports.map(({ start, end }) => ({
    start,
    text: blanked(source.slice(start, end)),
  }));
  simple(body, {
    ImportExpression: ({ start }) => void edits.push({ start, text: loader }),
  });
  return edits.reduce(
    (code, { start, text }) => code.slice(0, start) + text + code.slice(start + text.length),
    source,
  );
}

/** All imports at once, as one declaration on one line. */
function importStatement(imports: readonly ImportDeclaration[], loader: string): string {
  const taken = imports.flatMap(importParts);
  if (taken.length === 0) return "";
  const patterns = taken.map(({ pattern }) => pattern).join(", ");
  const calls = taken.map(
    ({ specifier, names }) => `${loader}(${JSON.stringify(specifier)}, ${JSON.stringify(names)})`,
  );
  return `const [${patterns}] = await Promise.all([${calls.join(", ")}]);`;
}

function importParts(node: ImportDeclaration) {
  const specifier = String(node.source.value);
  const names: string[] = [];
  const members: string[] = [];
  const parts: { pattern: string; specifier: string; names: readonly string[] }[] = [];
  for (const item of node.specifiers) {
    if (item.type === "ImportNamespaceSpecifier") {
      parts.push({ pattern: item.local.name, specifier, names: [] });
      continue;
    }
    const name =
      item.type === "ImportDefaultSpecifier"
        ? "default"
        : item.imported.type === "Identifier"
          ? item.imported.name
          : String(item.imported.value);
    names.push(name);
    members.push(`${JSON.stringify(name)}: ${item.local.name}`);
  }
  if (members.length > 0 || parts.length === 0)
    parts.push({ pattern: `{${members.join(", ")}}`, specifier, names });
  return parts;
}

/** As long as the word `import`, so that columns stay, and nowhere in the source. */
function freeName(source: string): string {
  for (let i = 0; i < 100; i++) {
    const name = `$imp${String(i).padStart(2, "0")}`;
    if (!source.includes(name)) return name;
  }
  throw new SyntaxError("The cell uses all of the names $imp00 to $imp99");
}

function refuseImportMeta(body: AnyNode): void {
  simple(body, {
    MetaProperty({ meta, start }) {
      if (meta.name === "import")
        throw Object.assign(new SyntaxError("A cell is not a module, so it has no import.meta"), {
          pos: start,
        });
    },
  });
}
