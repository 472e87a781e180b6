import type { Cell, CellError, CellMode } from "./cell.ts";
import { notRunFault } from "./cell-fault.ts";
import { compileJavaScript, type CompiledScript } from "./compile-javascript.ts";
import { CompileCache } from "./compile-cache.ts";
import { compileObservable, type CompiledObservable } from "./compile-observable.ts";
import { compileSql, type CompiledSql } from "./compile-sql.ts";
import { compileTemplate } from "./compile-template.ts";
import { compileTypeScript, loadTypeScript } from "./compile-typescript.ts";
import type { CompiledCell, FaultyCell } from "./compiled-cell.ts";
import type { ImportModule } from "./import-module.ts";
import { once } from "./once.ts";
import { placeAt, type Place } from "./place.ts";
import { sha256 } from "./sha256.ts";

/** How cells are compiled. */
export interface CompileOptions {
  /** gives the modules that cells import; by default only those with an absolute URL */
  readonly importModule?: ImportModule;
}

/**
 * Compiles a cell: finds what it reads and defines. Its body is made when it first runs. Never
 * throws: what is wrong with the source is in {@link FaultyCell.fault}, with its place.
 *
 * A promise for a `ts` cell only, because the TypeScript compiler is loaded when it is first needed.
 */
export function compileCell(
  cell: Cell,
  options: CompileOptions = {},
): CompiledCell | FaultyCell | Promise<CompiledCell | FaultyCell> {
  if (cell.mode !== "ts") return attempt(cell, () => compileSync(cell, options));
  return loadTypeScript().then(
    (typescript) =>
      attempt(cell, () =>
        fromSource(cell, options, () => compileTypeScript(cell.source, typescript, options)),
      ),
    (error: unknown) =>
      faulty(cell, {
        name: "Error",
        code: "no-typescript",
        message: "The TypeScript compiler could not be loaded",
        hint: "Make the cell JavaScript, or install the package typescript.",
        cause: error,
      }),
  );
}

/** Whether compiling failed. */
export function isFaulty(compiled: CompiledCell | FaultyCell): compiled is FaultyCell {
  return "fault" in compiled;
}

function compileSync(cell: Cell, options: CompileOptions): CompiledCell | FaultyCell {
  const { mode, source } = cell;
  switch (mode) {
    case "sql":
      return foreignDatabase(cell) ?? fromSource(cell, options, () => compileSql(source, options));
    case "ojs":
      return fromSource(cell, options, () => compileObservable(source));
    case "md":
    case "html":
    case "dot":
      return fromTemplate(cell, mode, options);
    case "tex":
      return fromTemplate(cell, "tex.block", options);
    case "node":
    case "python":
    case "r":
      return notRun(cell, interpreters[mode]);
    default:
      return fromSource(cell, options, () => compileJavaScript(source, options));
  }
}

const interpreters = { node: "Node.js", python: "Python", r: "R" } as const;

/** Modes whose cells are one value, named by the cell's `output` attribute. */
const valueModes = new Set<CellMode>(["md", "html", "tex", "dot", "sql"]);

function fromTemplate(cell: Cell, tag: string, options: CompileOptions): CompiledCell {
  const { source } = cell;
  return fromSource(cell, options, () =>
    source.trim() === ""
      ? compileJavaScript("undefined", options)
      : compileTemplate(source, tag, options),
  );
}

/** What a source of a mode compiles to, whichever cell it is of. */
interface CompiledSource {
  readonly script: CompiledScript | CompiledSql | CompiledObservable;
  readonly codeDigest: () => string;
  readonly places: () => Readonly<Record<string, Place>>;
}

const cache = new CompileCache<CompiledSource>();

function fromSource(
  cell: Cell,
  options: CompileOptions,
  compile: () => CompiledSource["script"],
): CompiledCell {
  const make = (): CompiledSource => {
    const script = compile();
    return {
      script,
      codeDigest: once(() => sha256(codeOf(cell, script))),
      places: once(script.places),
    };
  };
  // modules that a caller gives are its own
  const isShared = options.importModule === undefined;
  return fromScript(cell, isShared ? cache.get(`${cell.mode} ${cell.source}`, make) : make());
}

function fromScript(cell: Cell, { script, codeDigest, places }: CompiledSource): CompiledCell {
  const isValue = valueModes.has(cell.mode);
  const asks = script.inputs.includes("display") || script.inputs.includes("view");
  const shows = isValue ? cell.source.trim() !== "" : script.isExpression;
  // what an `ojs` cell defines is in its source
  const isNamed = !("kind" in script) && script.isExpression && cell.output !== undefined;
  const body = script.body(cell.id);
  let run: CompiledCell["run"] | undefined;
  return {
    cell,
    inputs: script.inputs,
    outputs: isNamed ? [cell.output] : script.outputs,
    kind: "kind" in script ? script.kind : script.isExpression ? "value" : "exports",
    autodisplay: shows && !cell.hidden && (isValue || cell.mode === "ojs" || !asks),
    get run() {
      return (run ??= body.make());
    },
    ...("references" in script ? { references: script.references } : {}),
    get codeDigest() {
      return codeDigest();
    },
    volatile: script.volatile,
    get places() {
      return places();
    },
    locate: (error) => body.locate(error) ?? {},
  };
}

/** The code as the fingerprint counts it: for text, the text; for the rest, what it means. */
function codeOf({ mode, source }: Cell, script: CompiledScript): string {
  const isText = mode === "md" || mode === "html" || mode === "tex" || mode === "dot";
  return `${mode}\n${isText ? source : script.canonical()}`;
}

function attempt(cell: Cell, compile: () => CompiledCell | FaultyCell): CompiledCell | FaultyCell {
  try {
    return compile();
  } catch (error) {
    return faulty(cell, faultFromError(error, cell.source));
  }
}

/** acorn, notebook-kit and we say in three ways where a syntax error stands. */
function faultFromError(error: unknown, source: string): CellError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), cause: error };
  const suffix = /\s*\((\d+):(\d+)\)$/.exec(error.message);
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  let place: Place | undefined;
  if (suffix) place = { line: Number(suffix[1]), column: Number(suffix[2]) + 1 };
  else if ("pos" in error && typeof error.pos === "number") place = placeAt(source, error.pos);
  return {
    name: error.name,
    code: "code" in error && typeof error.code === "string" ? error.code : "syntax",
    message: suffix ? error.message.slice(0, suffix.index) : error.message,
    ...place,
    ...(hint !== undefined && { hint }),
    cause: error,
  };
}

function foreignDatabase(cell: Cell): FaultyCell | undefined {
  const { database } = cell;
  if (database === undefined || database === "" || database === "var:db") return undefined;
  return faulty(cell, {
    name: "Error",
    code: "foreign-database",
    message: `This cell asks the database "${database}", and only the workbook's own is run`,
    hint: "Take the database attribute away, or bring the data in as a file.",
  });
}

function notRun(cell: Cell, language: string): FaultyCell {
  return faulty(cell, notRunFault(language));
}

function faulty(cell: Cell, fault: CellError): FaultyCell {
  return { cell, fault, outputs: likelyOutputs(cell) };
}

/** Declarations at the margin are likely at the top level. */
function likelyOutputs({ mode, source, output }: Cell): readonly string[] {
  if (mode !== "js" && mode !== "ts") return output === undefined ? [] : [output];
  const declaration =
    /^(?:const|let|var|class|(?:async\s+)?function\s*\*?)\s+([\p{L}_$][\p{L}\d_$]*)/gmu;
  return [...new Set(Array.from(source.matchAll(declaration), ([, name = ""]) => name))];
}
