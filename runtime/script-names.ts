import type { AnyNode, Identifier, Node, Pattern } from "acorn";
import { base } from "acorn-walk";
import { languageGlobals } from "./globals.ts";

/** What a script reads and declares. */
export interface ScriptNames {
  /** where it reads what it does not declare */
  readonly references: readonly Identifier[];
  /** names that it declares at its top level */
  readonly declares: readonly string[];
  /** whether it awaits outside of functions */
  readonly awaits: boolean;
}

/** Calls of these are checked and marked in the tree by notebook-kit. */
const features = new Set(["FileAttachment", "DatabaseClient", "Secret"]);

/**
 * Finds names in one walk over a tree, by notebook-kit's rules.
 *
 * @returns undefined where a name is used as these rules may not allow, so that notebook-kit must
 *   decide
 */
export function findNames(tree: AnyNode): ScriptNames | undefined {
  const walk = new NameWalk();
  walk.see(tree, outside);
  return walk.names(tree);
}

/** What may declare names. A block has those of `let`, a function those of `var` too. */
class Scope {
  private names: Set<string> | undefined;
  constructor(
    readonly node: Node | undefined,
    readonly above: Scope | undefined,
    readonly kind: "function" | "block" | "name",
  ) {}

  declare(name: string): void {
    (this.names ??= new Set()).add(name);
  }

  /** Whether the name is declared here or around here. */
  knows(name: string): boolean {
    if (this.names?.has(name) === true) return true;
    return this.above?.knows(name) ?? false;
  }

  /** The nearest function or program; undefined in an expression outside of functions. */
  get function(): Scope | undefined {
    return this.kind === "function" ? this : this.above?.function;
  }

  /** The nearest block, function or program. */
  get block(): Scope | undefined {
    return this.kind === "name" ? this.above?.block : this;
  }
}

/** How acorn-walk goes on from a node: it calls `see` on each node below. */
type Walker = (node: AnyNode, scope: Scope, see: NameWalk["see"]) => void;
const walkers: Readonly<Record<string, Walker | undefined>> = base as never;

const outside = new Scope(undefined, undefined, "name");

class NameWalk {
  private readonly reads: { readonly node: Identifier; readonly scope: Scope }[] = [];
  private readonly writes: { readonly name: string; readonly scope: Scope }[] = [];
  private awaits = false;
  private isCertain = true;

  /** `as` is acorn-walk's: the same node may be walked as what stands in a certain place. */
  readonly see = (node: AnyNode, scope: Scope, as: string = node.type): void => {
    const within = this.enter(node, scope, as);
    const walkOn = walkers[as];
    if (walkOn === undefined) this.isCertain = false;
    else walkOn(node, within, this.see);
  };

  names(tree: AnyNode): ScriptNames | undefined {
    if (!this.isCertain || this.writes.some(({ name, scope }) => !scope.knows(name)))
      return undefined;
    const references = this.reads
      .filter(({ node: { name }, scope }) => !scope.knows(name) && !languageGlobals.has(name))
      .map(({ node }) => node);
    if (references.some(({ name }) => features.has(name))) return undefined;
    const declares = topLevelNames(tree);
    if (declares.some((name) => languageGlobals.has(name) || name === "arguments"))
      return undefined;
    return { references, declares, awaits: this.awaits };
  }

  /** Notes what a node means for names, and gives the scope within it. */
  private enter(node: AnyNode, scope: Scope, as: string): Scope {
    if (as === "VariablePattern" && node.type === "Identifier") this.reads.push({ node, scope });
    if (as !== node.type) return scope;
    switch (node.type) {
      case "Identifier":
        this.reads.push({ node, scope });
        return scope;
      case "Program":
        return new Scope(node, scope, "function");
      case "FunctionDeclaration":
        if (node.id) scope.function?.declare(node.id.name);
        return functionScope(node, scope);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return functionScope(node, scope);
      case "ClassDeclaration":
        if (node.id) scope.function?.declare(node.id.name);
        return scope;
      case "ClassExpression": {
        const own = new Scope(node, scope, "name");
        if (node.id) own.declare(node.id.name);
        return own;
      }
      case "CatchClause": {
        const own = new Scope(node, scope, "name");
        if (node.param) declarePattern(node.param, own);
        return own;
      }
      case "BlockStatement":
      case "SwitchStatement":
      case "ForStatement":
        return new Scope(node, scope, "block");
      case "ForInStatement":
      case "ForOfStatement": {
        const own = new Scope(node, scope, "block");
        if (node.type === "ForOfStatement" && node.await) this.wait(scope);
        if (node.left.type !== "VariableDeclaration") this.write(node.left, own);
        return own;
      }
      case "VariableDeclaration": {
        const to = node.kind === "var" ? scope.function : scope.block;
        if (to !== undefined) for (const { id } of node.declarations) declarePattern(id, to);
        return scope;
      }
      case "ImportDeclaration":
        for (const { local } of node.specifiers) scope.declare(local.name);
        return scope;
      case "AwaitExpression":
        this.wait(scope);
        return scope;
      case "AssignmentExpression":
      case "AssignmentPattern":
        this.write(node.left, scope);
        return scope;
      case "UpdateExpression":
        this.write(node.argument, scope);
        return scope;
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
      case "ExportDefaultDeclaration":
        this.isCertain = false;
        return scope;
      default:
        return scope;
    }
  }

  private wait(scope: Scope): void {
    const within = scope.function?.node?.type;
    if (within === undefined || within === "Program") this.awaits = true;
  }

  /** Names that are given a value, which only the script's own may be. */
  private write(target: AnyNode, scope: Scope): void {
    switch (target.type) {
      case "Identifier":
        this.writes.push({ name: target.name, scope });
        break;
      case "ArrayPattern":
        for (const element of target.elements) if (element) this.write(element, scope);
        break;
      case "ObjectPattern":
        for (const property of target.properties) {
          if (property.type === "Property") this.write(property.value, scope);
          else this.isCertain = false;
        }
        break;
      case "RestElement":
        this.write(target.argument, scope);
    }
  }
}

function functionScope(
  node: AnyNode & {
    type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression";
  },
  scope: Scope,
): Scope {
  const own = new Scope(node, scope, "function");
  for (const parameter of node.params) declarePattern(parameter, own);
  if (node.id) own.declare(node.id.name);
  if (node.type !== "ArrowFunctionExpression") own.declare("arguments");
  return own;
}

function declarePattern(pattern: Pattern, scope: Scope): void {
  for (const name of patternNames(pattern)) scope.declare(name);
}

function topLevelNames(tree: AnyNode): string[] {
  if (tree.type !== "Program") return [];
  return tree.body.flatMap((node) => {
    switch (node.type) {
      case "VariableDeclaration":
        return node.declarations.flatMap(({ id }) => patternNames(id));
      case "FunctionDeclaration":
      case "ClassDeclaration":
        return [node.id.name];
      case "ImportDeclaration":
        return node.specifiers.map(({ local }) => local.name);
      default:
        return [];
    }
  });
}

function patternNames(pattern: Pattern): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === "Property" ? property.value : property),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? patternNames(element) : []));
    case "RestElement":
      return patternNames(pattern.argument);
    case "AssignmentPattern":
      return patternNames(pattern.left);
    default:
      return [];
  }
}
