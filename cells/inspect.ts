import { isTable } from "../data/memory-table.ts";
import { htmlElement } from "./element.ts";

const previewEntries = 8;
const groupSize = 100;
const longestString = 2000;
const previewString = 60;

const toggleAttributes = { class: "inspect-toggle", type: "button", "aria-expanded": "false" };

/**
 * A JavaScript value as a line that opens into its members. Nothing is read before it is opened,
 * so cycles and large values cost nothing; no getter is called; entries past a hundred come in
 * groups.
 *
 * @param name what to write before the value, as in `name: …`
 */
export function inspect(value: unknown, name?: string): HTMLElement {
  const line = htmlElement(document, "div", { class: "inspect" });
  const label = name === undefined ? [] : [token("key", name), ": "];
  const members = membersOf(value);
  if (members === undefined || members.length === 0) {
    line.append(...label, ...leaf(value));
    return line;
  }
  const list = htmlElement(document, "div", { class: "inspect-members", role: "group" });
  const toggle = htmlElement(
    document,
    "button",
    toggleAttributes,
    ...label,
    ...preview(value, members),
  );
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", String(open));
    if (open && list.childElementCount === 0) fill(list, members, 0, members.length);
    list.hidden = !open;
  });
  list.hidden = true;
  line.append(toggle, list);
  return line;
}

/** One thing inside a value: an index, a name or a key, and how to read what it holds. */
interface Member {
  readonly name: string;
  /** whether the name is shown in a preview; an index is not */
  readonly named: boolean;
  read(): unknown;
}

/** A list that can be long, without an object for each of its members. */
interface Members {
  readonly length: number;
  at(index: number): Member;
}

/** Stands for a property whose value only a call of the workbook's code would give. */
const getter = Symbol("getter");

function fill(list: HTMLElement, members: Members, first: number, end: number): void {
  const count = end - first;
  if (count <= groupSize) {
    for (let index = first; index < end; ++index) {
      const member = members.at(index);
      list.append(inspect(member.read(), member.name));
    }
    return;
  }
  const size = groupSize ** Math.ceil(Math.log(count) / Math.log(groupSize) - 1);
  for (let start = first; start < end; start += size)
    list.append(group(members, start, Math.min(end, start + size)));
}

function group(members: Members, first: number, end: number): HTMLElement {
  const list = htmlElement(document, "div", { class: "inspect-members" });
  list.hidden = true;
  const toggle = htmlElement(document, "button", toggleAttributes, `[${first} … ${end - 1}]`);
  toggle.addEventListener("click", () => {
    const open = list.hidden;
    if (open && list.childElementCount === 0) fill(list, members, first, end);
    list.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  });
  return htmlElement(document, "div", { class: "inspect" }, toggle, list);
}

function membersOf(value: unknown): Members | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Date || value instanceof RegExp || value instanceof Promise)
    return undefined;
  if (isTable(value)) return undefined;
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)))
    return indexed(value as ArrayLike<unknown>);
  if (value instanceof Map)
    return listed(
      [...value].map(([key, item]) => ({
        name: textOf(key),
        named: true,
        read: () => item as unknown,
      })),
    );
  if (value instanceof Set) return indexed([...value]);
  return listed(properties(value));
}

function indexed(list: ArrayLike<unknown>): Members {
  return {
    length: list.length,
    at: (index) => ({ name: String(index), named: false, read: () => list[index] }),
  };
}

function listed(list: readonly Member[]): Members {
  return {
    length: list.length,
    at: (index) => list[index] ?? { name: "", named: false, read: () => undefined },
  };
}

function properties(value: object): readonly Member[] {
  try {
    const own = Object.getOwnPropertyDescriptors(value);
    const members = Object.entries(own)
      .filter(([, descriptor]) => descriptor.enumerable === true)
      .map(([name, descriptor]) => ({
        name,
        named: true,
        read: () => (descriptor.get === undefined ? (descriptor.value as unknown) : getter),
      }));
    if (value instanceof Error)
      members.unshift(
        { name: "message", named: true, read: () => value.message },
        { name: "stack", named: true, read: () => value.stack },
      );
    return members;
  } catch {
    return [];
  }
}

function preview(value: unknown, members: Members): Node[] {
  const nodes: Node[] = [];
  const list = Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Set;
  const title = nameOf(value);
  if (title !== "Object" || list) {
    const size = list || value instanceof Map ? `(${members.length})` : "";
    nodes.push(token("class", `${title}${size} `));
  }
  nodes.push(text(list ? "[" : "{"));
  const shown = Math.min(previewEntries, members.length);
  for (let index = 0; index < shown; ++index) {
    const member = members.at(index);
    if (index > 0) nodes.push(text(", "));
    if (member.named) nodes.push(token("key", member.name), text(": "));
    nodes.push(...short(member.read()));
  }
  if (members.length > shown) nodes.push(text(", …"));
  nodes.push(text(list ? "]" : "}"));
  return nodes;
}

/** A member of a preview: never deeper than its own name. */
function short(value: unknown): Node[] {
  if (typeof value === "string" && value.length > previewString)
    return [token("string", `${JSON.stringify(value.slice(0, previewString)).slice(0, -1)}…"`)];
  const members = membersOf(value);
  if (members === undefined) return leaf(value);
  const name = nameOf(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return [token("class", `${name}(${members.length})`)];
  return [token("class", name === "Object" ? "{…}" : `${name} {…}`)];
}

function leaf(value: unknown): Node[] {
  switch (typeof value) {
    case "string":
      return [
        token(
          "string",
          value.length > longestString
            ? `${JSON.stringify(value.slice(0, longestString)).slice(0, -1)}… ${(value.length - longestString).toLocaleString("en")} more characters"`
            : JSON.stringify(value),
        ),
      ];
    case "number":
      return [token("number", Object.is(value, -0) ? "-0" : String(value))];
    case "bigint":
      return [token("number", `${value}n`)];
    case "boolean":
    case "undefined":
      return [token("keyword", String(value))];
    case "symbol":
      return [token("symbol", value === getter ? "(…)" : String(value))];
    case "function":
      return [token("function", functionText(value))];
    default:
      return [token(value === null ? "keyword" : "class", objectText(value))];
  }
}

function objectText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (isTable(value))
    return `Table ${value.name} (${value.numRows.toLocaleString("en")} × ${value.columns.length})`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return "[]";
  const name = nameOf(value);
  return name === "Object" ? "{}" : `${name} {}`;
}

function functionText(value: object): string {
  const source = Function.prototype.toString.call(value);
  const name = "name" in value && typeof value.name === "string" ? value.name : "";
  return source.startsWith("class") ? `class ${name}` : `ƒ ${name}()`;
}

function nameOf(value: unknown): string {
  try {
    if (typeof value !== "object" || value === null) return "";
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null) return "Object";
    const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === "string" && name !== "" ? name : "Object";
  } catch {
    return "Object";
  }
}

function textOf(key: unknown): string {
  return typeof key === "string" ? JSON.stringify(key) : (leaf(key)[0]?.textContent ?? "");
}

function token(kind: string, content: string): HTMLElement {
  return htmlElement(document, "span", { class: `inspect-${kind}` }, content);
}

function text(content: string): Text {
  return document.createTextNode(content);
}
