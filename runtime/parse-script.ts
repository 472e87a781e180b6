import { parseJavaScript } from "@observablehq/notebook-kit";
import {
  Parser,
  tokTypes,
  type AnyNode,
  type Expression,
  type Identifier,
  type Program,
} from "acorn";
import { findNames } from "./script-names.ts";

/** A script as its syntax tree, with the names that decide where it stands among the cells. */
export interface ParsedScript {
  readonly body: Expression | Program;
  /** whether it is one expression, and no program */
  readonly isExpression: boolean;
  /** where it reads what it does not declare, in the order of the source's evaluation */
  readonly references: readonly Identifier[];
  /** names that it declares at its top level, perhaps with doubles */
  readonly declares: readonly string[];
  /** whether it awaits outside of functions */
  readonly awaits: boolean;
}

/**
 * Parses a script as notebook-kit's `parseJavaScript` does, and gives the same. That one parses most
 * scripts twice and walks each tree some sixteen times, so what is certain after one parse and one
 * walk is decided here, and notebook-kit is asked about the rest, which includes all that is wrong.
 *
 * @throws {SyntaxError} as notebook-kit does
 */
export function parseScript(source: string): ParsedScript {
  return parseOnce(source) ?? parseFully(source);
}

function parseFully(source: string): ParsedScript {
  const { body, references, declarations, expression, async: awaits } = parseJavaScript(source);
  const declares = declarations?.map(({ name }) => name) ?? [];
  return { body, isExpression: expression, references, declares, awaits };
}

function parseOnce(source: string): ParsedScript | undefined {
  try {
    const body = parseBody(source);
    const names = findNames(body);
    return names && { body, isExpression: body.type !== "Program", ...names };
  } catch {
    return undefined;
  }
}

function parseBody(source: string): Expression | Program {
  const parser = parserOf(source);
  const program = parser.startNode();
  parser.nextToken();
  const word = firstWord(parser);
  if (statementWords.has(word)) return parser.parseTopLevel(program);
  if (!declarationWords.has(word)) return parseExpression(parser) ?? parseProgram(source);
  parser.parseTopLevel(program);
  // `function f() {} (1)` is a call, so only what cannot go on an expression may follow
  const [first, second] = program.body;
  const isDecided = isDeclaration(first) && (second === undefined || isDeclaration(second));
  return isDecided ? program : (parseExpression(startOf(source)) ?? program);
}

/** The keyword at a parser's token; empty where there is none. */
function firstWord({ type, value }: OpenParser): string {
  return type.keyword ?? (type === tokTypes.name && value === "let" ? "let" : "");
}

/** The one expression that the source is; nothing where it is none. */
function parseExpression(parser: OpenParser): Expression | undefined {
  // an error costs as much as a parse, and a source without code is no expression
  if (parser.type === tokTypes.eof) return undefined;
  let expression: Expression;
  try {
    expression = parser.parseExpression();
  } catch {
    return undefined;
  }
  if (parser.type !== tokTypes.eof) return undefined;
  const isNamed =
    (expression.type === "FunctionExpression" || expression.type === "ClassExpression") &&
    Boolean(expression.id);
  return isNamed ? undefined : expression;
}

/** A parser at the first token. */
function startOf(source: string): OpenParser {
  const parser = parserOf(source);
  parser.nextToken();
  return parser;
}

function parseProgram(source: string): Program {
  return Parser.parse(source, options);
}

function isDeclaration(node: AnyNode | undefined): boolean {
  return (
    node?.type === "VariableDeclaration" ||
    node?.type === "FunctionDeclaration" ||
    node?.type === "ClassDeclaration"
  );
}

/** Words that no expression begins with; a name `let` is none in a module. */
const statementWords = new Set(
  "break const continue debugger do for if let return switch throw try var while".split(" "),
);

/** Words with which both an expression and a declaration can begin. */
const declarationWords = new Set(["function", "class"]);

const options = { ecmaVersion: "latest", sourceType: "module" } as const;

/** The parts of acorn's parser that its declarations leave out; notebook-kit uses them too. */
interface OpenParser {
  readonly type: object & { readonly keyword?: string };
  readonly value: unknown;
  nextToken(): void;
  startNode(): Program;
  parseTopLevel(node: Program): Program;
  parseExpression(): Expression;
}

function parserOf(source: string): OpenParser {
  return new CellParser(options, source, 0);
}

const CellParser = Parser as unknown as new (
  settings: typeof options,
  source: string,
  from: number,
) => OpenParser;
