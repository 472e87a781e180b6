import type * as TypeScript from "typescript";
import {
  compileJavaScript,
  type CompiledScript,
  type ScriptOptions,
} from "./compile-javascript.ts";
import type { Place } from "./place.ts";
import { relocated } from "./relocated.ts";
import { originalPlaces } from "./source-map.ts";

/** The TypeScript compiler; 3.7 MB, so it is loaded with the first `ts` cell and not before. */
export type TypeScriptCompiler = typeof TypeScript;

/** Loads the TypeScript compiler, once. */
export function loadTypeScript(): Promise<TypeScriptCompiler> {
  return (loading ??= import("typescript").then((module) => module.default ?? module));
}

let loading: Promise<TypeScriptCompiler> | undefined;

/**
 * Compiles TypeScript: the types go, what is left is compiled as JavaScript. Types are not checked.
 *
 * @throws {SyntaxError} with `pos`, the offset in the source
 */
export function compileTypeScript(
  source: string,
  typescript: TypeScriptCompiler,
  options: ScriptOptions,
): CompiledScript {
  const wrapped = `(\n${source}\n)`;
  const isExpression = isLoneExpression(wrapped, typescript);
  const { code, mappings } = withoutTypes(isExpression ? wrapped : source, typescript);
  let original: ((place: Place) => Place) | undefined;
  const back = (place: Place): Place => {
    const { line, column } = (original ??= originalPlaces(mappings))(place);
    return isExpression ? { line: Math.max(1, line - 1), column } : { line, column };
  };
  const script = compileJavaScript(code, options);
  return {
    ...relocated(script, (_, located) => {
      const place = located();
      return place && back(place);
    }),
    places: () =>
      Object.fromEntries(
        Object.entries(script.places()).map(([name, place]) => [name, back(place)]),
      ),
  };
}

function withoutTypes(source: string, typescript: TypeScriptCompiler) {
  const { outputText, sourceMapText, diagnostics } = typescript.transpileModule(source, {
    fileName: "cell.ts",
    reportDiagnostics: true,
    compilerOptions: {
      target: typescript.ScriptTarget.ESNext,
      module: typescript.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      sourceMap: true,
    },
  });
  const [fault] = diagnostics ?? [];
  if (fault)
    throw Object.assign(
      new SyntaxError(typescript.flattenDiagnosticMessageText(fault.messageText, " ")),
      { pos: fault.start ?? 0 },
    );
  const map: { mappings?: string } = JSON.parse(sourceMapText ?? "{}");
  const code = outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");
  // A semicolon that the printer adds would make a statement of an expression; export {} marks a
  // module that imports only types.
  return {
    code: (source.startsWith("(\n") ? code.replace(/;\s*$/, "") : code).replace(
      /(?:^|\n)export \{\};\s*$/,
      "",
    ),
    mappings: map.mappings ?? "",
  };
}

/** Whether `(…)` is one expression, and no named function or class, which is a declaration. */
function isLoneExpression(wrapped: string, typescript: TypeScriptCompiler): boolean {
  const { diagnostics } = typescript.transpileModule(wrapped, {
    fileName: "cell.ts",
    reportDiagnostics: true,
  });
  if (diagnostics?.length) return false;
  const target = typescript.ScriptTarget.ESNext;
  const { statements } = typescript.createSourceFile("cell.ts", wrapped, target);
  const [statement] = statements;
  if (statements.length !== 1 || !statement || !typescript.isExpressionStatement(statement))
    return false;
  if (!typescript.isParenthesizedExpression(statement.expression)) return false;
  const { expression } = statement.expression;
  const isNamed =
    (typescript.isFunctionExpression(expression) || typescript.isClassExpression(expression)) &&
    expression.name !== undefined;
  return !isNamed;
}
