import { parse, type Node } from "acorn";
import { ancestor } from "acorn-walk";
import { framePartsName, type Edit, type ModuleLinks } from "../../app/site/frame-links.ts";

/** What a module's text says about other parts. */
export interface LinkedModule extends ModuleLinks {
  /** modules that it loads when it needs them */
  readonly loads: readonly string[];
  readonly sheets: readonly string[];
  /** other files that it names by address */
  readonly files: readonly string[];
}

/** The bundler's output has a shape that the frame's loader was not made for. */
export class LinkError extends Error {}

/** The variable in which Vite lists the files that it would preload. */
const preloadList = "__vite__mapDeps";

/**
 * Finds where a built module names other parts, and says what to put there.
 *
 * @throws {LinkError} where it names them in a way that is not known here
 */
export function linkModule(name: string, code: string): LinkedModule {
  const preloads = preloadsOf(name, code);
  const imports: Edit[] = [];
  const edits: Edit[] = [];
  const loads: string[] = [];
  const sheets: string[] = [];
  const files: string[] = [];
  let numLists = 0;
  const parts = `globalThis.${framePartsName}`;
  const statically = ({ source }: Sourced): void => {
    if (source) imports.push([source.start, source.end, partName(name, source.value)]);
  };
  ancestor(parse(code, { ecmaVersion: "latest", sourceType: "module" }), {
    ImportDeclaration: (node) => statically(node),
    ExportNamedDeclaration: (node) => statically(node),
    ExportAllDeclaration: (node) => statically(node),
    ImportExpression(node) {
      const { source } = node;
      const target = textOf(source);
      // what a cell imports is known when it runs; the frame's policy decides about it
      if (target === undefined) return;
      const module = partName(name, target);
      loads.push(module);
      edits.push([node.start, node.end, `${parts}.load(${JSON.stringify(module)})`]);
    },
    MetaProperty(_node, _state, ancestors) {
      const around = ancestors.at(-2);
      if (!isMember(around) || memberName(around) !== "url") return;
      edits.push([around.start, around.end, `${parts}.url(${JSON.stringify(name)})`]);
    },
    NewExpression(node) {
      const [address, base] = node.arguments;
      if (!isNamed(node.callee, "URL") || !isMember(base)) return;
      const target = base.object.type === "MetaProperty" ? textOf(address) : undefined;
      if (target !== undefined) files.push(partName(name, `./${target.replace(/^\.\//, "")}`));
    },
    Identifier(node, _, ancestors) {
      if (isNamed(node, preloadList) && !ancestors.some(declaresPreloads)) numLists += 1;
    },
    CallExpression(node) {
      const [, list] = node.arguments;
      if (!isCall(list) || !isNamed(list.callee, preloadList)) return;
      const [indices] = list.arguments;
      if (indices?.type !== "ArrayExpression") throw unknown(name, `${preloadList} without a list`);
      const styles = (indices as unknown as { elements: Node[] }).elements
        .map((element) => preloads[Number(valueOf(element))])
        .map((path) => partName(name, path))
        .filter((part) => part.endsWith(".css"));
      sheets.push(...styles);
      edits.push([node.callee.start, node.callee.end, `${parts}.withStyles`]);
      edits.push([list.start, list.end, JSON.stringify(styles)]);
      numLists -= 1;
    },
  });
  if (numLists > 0) throw unknown(name, `${preloadList} that preloads nothing`);
  const inOrder = (a: Edit, b: Edit): number => a[0] - b[0];
  return { imports: imports.sort(inOrder), edits: edits.sort(inOrder), loads, sheets, files };
}

/** The files that Vite's list names, in its order. */
function preloadsOf(name: string, code: string): readonly string[] {
  if (!code.includes(preloadList)) return [];
  const list = new RegExp(`const ${preloadList}=[^[]*\\(m\\.f=(\\[[^\\]]*\\])\\)`).exec(code)?.[1];
  if (list === undefined) throw unknown(name, `${preloadList} of another form`);
  return JSON.parse(list) as string[];
}

function partName(name: string, specifier: unknown): string {
  const part = /^\.\/(\w[\w.-]*)$/.exec(String(specifier))?.[1];
  if (part === undefined) throw unknown(name, `the import of ${JSON.stringify(specifier)}`);
  return part;
}

function unknown(name: string, what: string): LinkError {
  return new LinkError(
    `${name} has ${what}, which the loader of a static site's frame does not know. ` +
      "See scripts/frame-links/link-module.ts: the bundler's output has changed.",
  );
}

function declaresPreloads(node: Node): boolean {
  return (
    node.type === "VariableDeclarator" && isNamed((node as Node & { id: Node }).id, preloadList)
  );
}

interface Sourced {
  readonly source?: (Node & { readonly value?: unknown }) | null | undefined;
}

type Member = Node & { readonly object: Node; readonly property: Node & { name?: string } };

function isMember(node: Node | undefined): node is Member {
  return node?.type === "MemberExpression";
}

function memberName({ property }: Member): string | undefined {
  return property.name;
}

function isCall(node: Node | undefined): node is Node & { callee: Node; arguments: Node[] } {
  return node?.type === "CallExpression";
}

function isNamed(node: Node, name: string): boolean {
  return node.type === "Identifier" && (node as Node & { name: string }).name === name;
}

/** The text of a literal or of a template without a hole. */
function textOf(node: Node | undefined): string | undefined {
  const value = node === undefined ? undefined : valueOf(node);
  return typeof value === "string" ? value : undefined;
}

function valueOf(node: Node): unknown {
  if (node.type === "Literal") return (node as Node & { value: unknown }).value;
  if (node.type !== "TemplateLiteral") return undefined;
  const { quasis } = node as Node & { quasis: { value: { cooked?: string | null } }[] };
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
}
