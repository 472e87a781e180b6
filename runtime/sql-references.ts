import {
  identifierName,
  literalText,
  significantTokens,
  splitStatements,
  type SqlToken,
} from "./sql-tokens.ts";

/** A table or file that SQL reads, and where its name stands, in UTF-16 units. */
export interface TableReference {
  /** the name as SQL means it: quotes and their escapes removed, case kept */
  readonly name: string;
  /** `file` for a literal: `from 'data/penguins.csv'` */
  readonly kind: "table" | "file";
  readonly start: number;
  readonly end: number;
}

/**
 * The tables and files that SQL reads, in order of appearance and as often as they are named: what
 * stands after FROM and JOIN (and after PIVOT, UNPIVOT, SUMMARIZE, DESCRIBE and TABLE where a query
 * begins), less the names that WITH gives and those that an earlier statement of the script creates.
 *
 * Left to the database: table functions such as `range(10)`, and names with a schema or catalog.
 *
 * It reads tokens, not a grammar, so it works on SQL that is not finished and needs no table to
 * exist. FROM counts only where a query is: not in `extract(year from day)`, `trim(both from x)`,
 * `x is distinct from y`.
 */
export function tableReferences(sql: string): TableReference[] {
  const references: TableReference[] = [];
  const names = new Scope();
  for (const statement of splitStatements(sql)) {
    const tokens = significantTokens(statement.text);
    new Walk(references, statement.start, names).inner(group(tokens), true);
    const name = createdName(tokens);
    if (name !== undefined) names.add(fold(name));
  }
  return references;
}

/** Tokens with their brackets matched. Only round ones can hold a query. */
type Item = SqlToken | Group;

interface Group {
  readonly kind: "group";
  readonly round: boolean;
  readonly items: readonly Item[];
  /** the first token inside, however deep; `((select 1) union …)` begins with select */
  leading: Item | undefined;
}

/** How deep brackets in brackets are looked at. DuckDB itself refuses ten thousand. */
const deepest = 500;

function group(tokens: readonly SqlToken[]): Item[] {
  const top: Item[] = [];
  const open: { readonly items: Item[]; readonly group?: Group }[] = [{ items: top }];
  const close = () => {
    const inner = open.pop()?.group;
    if (inner) inner.leading = leading(inner);
  };
  for (const token of tokens) {
    const items = open.length > deepest ? [] : (open.at(-1)?.items ?? top);
    if (token.kind !== "operator") items.push(token);
    else if ("([{".includes(token.text)) {
      const inner: Item[] = [];
      const group: Group = {
        kind: "group",
        round: token.text === "(",
        items: inner,
        leading: undefined,
      };
      items.push(group);
      open.push({ items: inner, group });
    } else if (")]}".includes(token.text)) {
      if (open.length > 1) close();
    } else items.push(token);
  }
  while (open.length > 1) close();
  return top;
}

function leading({ items }: Group): Item | undefined {
  const first = items[0];
  return first?.kind === "group" && !items.some(isJoin) ? first.leading : first;
}

function isJoin(item: Item): boolean {
  return word(item) === "join" || text(item) === ",";
}

/** The names that stand for no table. Those given inside brackets are gone after them. */
class Scope {
  private readonly counts = new Map<string, number>();
  private readonly given: string[] = [];

  has(name: string): boolean {
    return (this.counts.get(name) ?? 0) > 0;
  }

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.given.push(name);
  }

  /** Reads something, and forgets the names that it gave. */
  within(read: () => void): void {
    const before = this.given.length;
    read();
    for (const name of this.given.splice(before))
      this.counts.set(name, (this.counts.get(name) ?? 0) - 1);
  }
}

const setOperations = new Set(["union", "intersect", "except"]);
const setModifiers = new Set(["all", "distinct", "by", "name"]);
const changes = new Set(["insert", "update", "delete", "merge", "create"]);
const tableFirst = new Set(
  "pivot unpivot pivot_wider pivot_longer summarize describe desc table".split(" "),
);
const clauses = new Set(
  "where group having order limit offset window qualify select set returning fetch values union intersect except".split(
    " ",
  ),
);

class Walk {
  constructor(
    private readonly references: TableReference[],
    private readonly offset: number,
    private readonly names: Scope,
  ) {}

  /**
   * Reads one bracket level, with a scope of its own. `begins` says whether a query can begin at its
   * first item, `tables` whether a table stands there, as in `from (a join b using (id))`.
   */
  inner(items: readonly Item[], begins: boolean, tables = false): void {
    this.names.within(() => this.query(items, begins, tables));
  }

  private query(items: readonly Item[], begins: boolean, tables: boolean): void {
    let verb = "";
    let inQuery = tables;
    let inFrom = tables;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (item === undefined) break;
      if (tables) {
        tables = false;
        i = this.table(items, i);
        continue;
      }
      if (item.kind === "group") {
        const trims = word(items[i - 1]) === "trim" && word(item.items[0]) === "from";
        this.inner(item.items, item.round && !trims);
        begins = false;
        continue;
      }
      if (item.text === "," && item.kind === "operator") tables = inFrom;
      const key = isMember(items, i) ? "" : word(item);
      const began = begins;
      begins = began && (key === "with" || key === "explain" || key === "analyze");
      if (began && key === "with") {
        i = this.commonTables(items, i);
      } else if (began && tableFirst.has(key)) {
        tables = !beginsQuery(items[i + 1]);
        begins = !tables;
      } else if (key === "from" && (inQuery || began) && !isDistinctFrom(items, i)) {
        inQuery = inFrom = tables = true;
      } else if (key === "join" && inFrom) {
        tables = true;
      } else if (key === "using" && (verb === "delete" || verb === "merge")) {
        tables = word(items[i + 1]) !== "" && inFrom;
      } else if (setOperations.has(key)) {
        while (setModifiers.has(word(items[i + 1]))) i++;
        begins = true;
        inFrom = false;
      } else if (key === "as" && verb === "create") {
        begins = true;
      } else if (clauses.has(key)) {
        inFrom = false;
        inQuery ||= key === "select";
      } else if (began && changes.has(key)) {
        verb = key;
        inQuery = true;
      }
    }
  }

  /** Reads what stands where a table must; gives the index of its last item. */
  private table(items: readonly Item[], i: number): number {
    i = tableStart(items, i);
    const item = items[i];
    if (item === undefined) return i;
    if (item.kind === "group") {
      this.inner(item.items, true, item.round && !beginsQuery(item.leading));
      return i;
    }
    const next = items[i + 1];
    if (item.kind === "string" && item.text.startsWith("'")) this.add("file", item);
    else if (isName(item) && text(next) === ".") return qualifiedEnd(items, i);
    else if (isName(item) && !(next?.kind === "group" && next.round)) {
      if (!this.names.has(fold(identifierName(item)))) this.add("table", item);
    } else if (!isName(item)) return i - 1;
    return i;
  }

  /** Reads `WITH a AS (…), b AS (…)` and adds its names; gives the index of its last item. */
  private commonTables(items: readonly Item[], i: number): number {
    const recursive = word(items[i + 1]) === "recursive";
    let next = recursive ? i + 2 : i + 1;
    for (;;) {
      const name = items[next];
      if (name === undefined || !isName(name)) return next - 1;
      let body = next + 1;
      if (items[body]?.kind === "group") body++;
      if (word(items[body]) === "using") body += 3;
      if (word(items[body]) !== "as") return next - 1;
      body++;
      while (word(items[body]) === "not" || word(items[body]) === "materialized") body++;
      const query = items[body];
      if (query?.kind !== "group") return body - 1;
      const own = fold(identifierName(name));
      this.names.within(() => {
        if (recursive) this.names.add(own);
        this.inner(query.items, true);
      });
      this.names.add(own);
      if (text(items[body + 1]) !== ",") return body;
      next = body + 2;
    }
  }

  private add(kind: TableReference["kind"], token: SqlToken): void {
    this.references.push({
      name: kind === "file" ? literalText(token) : identifierName(token),
      kind,
      start: this.offset + token.start,
      end: this.offset + token.end,
    });
  }
}

/** An unquoted word in lower case, or nothing. */
function word(item: Item | undefined): string {
  return item?.kind === "word" ? item.text.toLowerCase() : "";
}

function text(item: Item | undefined): string {
  return item === undefined || item.kind === "group" ? "" : item.text;
}

function isName(item: Item): item is SqlToken {
  return item.kind === "word" || item.kind === "quoted";
}

/** Names in SQL do not tell upper from lower case. */
function fold(name: string): string {
  return name.toLowerCase();
}

function isMember(items: readonly Item[], i: number): boolean {
  return text(items[i - 1]) === ".";
}

function isDistinctFrom(items: readonly Item[], i: number): boolean {
  const before = word(items[i - 2]);
  return word(items[i - 1]) === "distinct" && (before === "is" || before === "not");
}

function beginsQuery(item: Item | undefined): boolean {
  const key = word(item);
  return ["select", "with", "from", "values"].includes(key) || tableFirst.has(key);
}

/** Past words before a table, and past an alias: DuckDB also takes it first, `from p: penguins`. */
function tableStart(items: readonly Item[], i: number): number {
  for (;;) {
    const item = items[i];
    if (word(item) === "lateral" || word(item) === "only") i++;
    else if (item && isName(item) && text(items[i + 1]) === ":") i += 2;
    else return i;
  }
}

function qualifiedEnd(items: readonly Item[], i: number): number {
  while (text(items[i + 1]) === "." && i + 2 < items.length) i += 2;
  return i;
}

/** The name that `CREATE [OR REPLACE] [TEMP] TABLE | VIEW [IF NOT EXISTS] name` makes. */
function createdName(tokens: readonly SqlToken[]): string | undefined {
  if (word(tokens[0]) !== "create") return undefined;
  const kind = tokens.findIndex((token) => ["table", "view"].includes(word(token)));
  if (kind < 0 || kind > 4) return undefined;
  let at = kind + 1;
  while (["if", "not", "exists"].includes(word(tokens[at]))) at++;
  const name = tokens[at];
  return name && isName(name) && text(tokens[at + 1]) !== "." ? identifierName(name) : undefined;
}
