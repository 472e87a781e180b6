import type { AnyNode, Node } from "acorn";
import { isNode } from "./syntax-print.ts";

/**
 * Whether code reads the clock, randomness or the network, so that running it again on the same
 * inputs may give another value: `Date.now()`, `new Date()`, `Math.random()`, `crypto`, `fetch`,
 * modules from elsewhere, the builtin `now`, and d3's functions that do the same.
 *
 * It goes by name, so it does not see through `const D = Date`. A name that the code declares
 * anywhere is taken for the code's own.
 */
export function isVolatile(tree: Node): boolean {
  const declared = new Set<string>();
  visit(tree, (node) => declareNames(node, declared));
  let found = false;
  visit(tree, (node, parent) => {
    found ||= readsWorld(node, parent, declared);
  });
  return found;
}

/**
 * Whether a source may be volatile, by its letters alone. Few sources are and walking a tree costs
 * more, so ask this before {@link isVolatile}.
 */
export function mayBeVolatile(source: string): boolean {
  return volatileLetters.test(source);
}

/**
 * Something of each name that {@link isVolatile} looks for; and a backslash, which may begin the
 * escape that spells one.
 */
const volatileLetters =
  /Date|Temporal|d3|fetch|performance|crypto|XMLHttpRequest|WebSocket|EventSource|now|random|import|\\/;

/** Reading any of these, or any member of them, reads the world. */
const volatileNames = new Set(
  "fetch performance crypto XMLHttpRequest WebSocket EventSource now Temporal".split(" "),
);

const volatileMembers = new Map([
  ["Date", /^now$/],
  ["Math", /^random$/],
  ["d3", /^(?:random[A-Z]\w*|shuffle|now|json|csv|tsv|dsv|text|blob|buffer|image|xml|html|svg)$/],
]);

function readsWorld(node: AnyNode, parent: AnyNode | undefined, own: Set<string>): boolean {
  switch (node.type) {
    case "ImportExpression":
    case "ImportDeclaration":
      return true;
    case "Identifier":
      return volatileNames.has(node.name) && !own.has(node.name) && isRead(node, parent);
    case "NewExpression":
      return node.arguments.length === 0 && globalName(node.callee, own) === "Date";
    case "CallExpression":
      return globalName(node.callee, own) === "Date";
    case "MemberExpression": {
      const name = globalName(node, own);
      if (name !== undefined && volatileNames.has(name)) return true;
      const object = globalName(node.object, own);
      const member = memberName(node);
      return member !== undefined && (volatileMembers.get(object ?? "")?.test(member) ?? false);
    }
    case "VariableDeclarator":
      return destructuresWorld(node.id, node.init, own);
    default:
      return false;
  }
}

/** `const {random} = Math` */
function destructuresWorld(id: AnyNode, from: AnyNode | null | undefined, own: Set<string>) {
  const pattern = from ? volatileMembers.get(globalName(from, own) ?? "") : undefined;
  if (!pattern || id.type !== "ObjectPattern") return false;
  return id.properties.some(
    (property) =>
      property.type === "Property" &&
      property.key.type === "Identifier" &&
      pattern.test(property.key.name),
  );
}

/** The global that an expression names, `Date` for `Date`, `globalThis.Date` and `window.Date`. */
function globalName(node: AnyNode, own: Set<string>): string | undefined {
  if (node.type === "Identifier") return own.has(node.name) ? undefined : node.name;
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return undefined;
  const isGlobal = /^(?:globalThis|window|self)$/.test(node.object.name);
  return isGlobal && !own.has(node.object.name) ? memberName(node) : undefined;
}

function memberName(node: AnyNode & { type: "MemberExpression" }): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** Whether an identifier is a variable that is read, not the name of a member or a key. */
function isRead(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent?.type === "Property") return parent.value === node || parent.computed;
  if (parent?.type === "MethodDefinition" || parent?.type === "PropertyDefinition")
    return parent.value === node || parent.computed;
  return parent?.type !== "LabeledStatement";
}

function declareNames(node: AnyNode, names: Set<string>): void {
  switch (node.type) {
    case "VariableDeclarator":
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ClassDeclaration":
    case "ClassExpression":
      if (node.id) declarePattern(node.id, names);
  }
  if ("params" in node) for (const parameter of node.params) declarePattern(parameter, names);
  if (node.type === "CatchClause" && node.param) declarePattern(node.param, names);
  if ("local" in node && node.type !== "ExportSpecifier") declarePattern(node.local, names);
}

function declarePattern(node: AnyNode, names: Set<string>): void {
  switch (node.type) {
    case "Identifier":
      names.add(node.name);
      break;
    case "ObjectPattern":
      for (const property of node.properties)
        declarePattern(property.type === "Property" ? property.value : property, names);
      break;
    case "ArrayPattern":
      for (const element of node.elements) if (element) declarePattern(element, names);
      break;
    case "RestElement":
      declarePattern(node.argument, names);
      break;
    case "AssignmentPattern":
      declarePattern(node.left, names);
  }
}

function visit(
  value: unknown,
  see: (node: AnyNode, parent: AnyNode | undefined) => void,
  parent?: AnyNode,
): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see, parent);
  else if (isNode(value)) {
    see(value, parent);
    for (const member of Object.values(value))
      if (typeof member === "object" && member !== null) visit(member, see, value);
  }
}
