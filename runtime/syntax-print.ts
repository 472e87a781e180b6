import type { AnyNode, Node } from "acorn";

/**
 * A syntax tree as text: the same for two sources if and only if they differ in nothing but
 * comments, white space, redundant parentheses and the spelling of a literal (`'a'` or `"a"`). It is
 * what the fingerprint of JavaScript is made of; nothing else is forgiven, not even a renamed local.
 */
export function printSyntax(tree: Node): string {
  return print(tree);
}

/** Whether a value is a node of a syntax tree. */
export function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}

/** Where a node stands and how a literal is spelled are not its meaning. */
const unmeant = new Set(["type", "start", "end", "loc", "range", "raw"]);

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (!isNode(value)) return printPlain(value);
  if (value.type === "TemplateElement") return `T${JSON.stringify(value.value.raw)}`;
  if (value.type === "Literal" && value.regex)
    return `R${JSON.stringify([value.regex.pattern, value.regex.flags])}`;
  const members = Object.entries(value)
    .filter(([key, member]) => !unmeant.has(key) && member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${key}:${print(member)}`);
  return `${value.type}{${members.join(",")}}`;
}

function printPlain(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return String(value);
}
