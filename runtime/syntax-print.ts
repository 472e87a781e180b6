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
  if (Array.isArray(value)) {
    let items = "";
    for (let i = 0; i < value.length; i++)
      items += i === 0 ? print(value[i]) : `,${print(value[i])}`;
    return `[${items}]`;
  }
  if (!isNode(value)) return printPlain(value);
  if (value.type === "TemplateElement") return `T${JSON.stringify(value.value.raw)}`;
  if (value.type === "Literal" && value.regex)
    return `R${JSON.stringify([value.regex.pattern, value.regex.flags])}`;
  const node = value as unknown as Readonly<Record<string, unknown>>;
  let members = "";
  for (const key of meantKeys(value)) {
    const member = node[key];
    if (member === undefined) continue;
    members += members === "" ? `${key}:${print(member)}` : `,${key}:${print(member)}`;
  }
  return `${value.type}{${members}}`;
}

/** The members that mean something of all nodes seen of a type, in the order of their names. */
const keysOfType = new Map<string, { readonly all: Set<string>; meant: readonly string[] }>();

/** Sorting the members of each node by themselves would cost more than the rest of the print. */
function meantKeys(node: AnyNode): readonly string[] {
  let keys = keysOfType.get(node.type);
  if (keys === undefined) keysOfType.set(node.type, (keys = { all: new Set(), meant: [] }));
  for (const key of Object.keys(node)) {
    if (keys.all.has(key)) continue;
    keys.all.add(key);
    if (!unmeant.has(key)) keys.meant = [...keys.meant, key].sort((a, b) => (a < b ? -1 : 1));
  }
  return keys.meant;
}

function printPlain(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return String(value);
}
