import { canonicalSql } from "../runtime/sql.ts";
import { jsonDigest } from "../runtime/sha256.ts";

/** How a table is made: the statements that lead from files to it, and the engine that ran them. */
export interface Lineage {
  /** `v1.5.6` */
  readonly engine: string;
  /** each reads files and results of earlier ones; the last one makes the table */
  readonly statements: readonly LineageStatement[];
}

/** One statement of a {@link Lineage}, with what the names in it stand for. */
export interface LineageStatement {
  /** as tokens with single spaces, so that comments and formatting do not count; literals written out */
  readonly sql: string;
  /** by name: the index of the earlier statement whose result it is */
  readonly tables: Readonly<Record<string, number>>;
  /** by path as the SQL names it: SHA-256 of the file's bytes */
  readonly files: Readonly<Record<string, string>>;
  /** by name: the content digest of rows that no SQL made */
  readonly rows: Readonly<Record<string, string>>;
}

/** What a statement reads. */
export interface LineageInputs {
  readonly engine: string;
  /** by name; a table without a lineage is known by its content digest alone */
  readonly tables: Readonly<
    Record<string, { readonly lineage: Lineage } | { readonly digest: string }>
  >;
  readonly files: Readonly<Record<string, string>>;
}

/** The lineage of what a statement makes of its inputs. Equal statements are named once. */
export function lineageFrom(sql: string, { engine, tables, files }: LineageInputs): Lineage {
  const statements: LineageStatement[] = [];
  const known = new Map<string, number>();
  const add = (statement: LineageStatement): number => {
    const name = JSON.stringify(statement);
    const index = known.get(name) ?? statements.push(statement) - 1;
    known.set(name, index);
    return index;
  };
  const read: [name: string, index: number][] = [];
  const rows: [name: string, digest: string][] = [];
  for (const [name, table] of Object.entries(sorted(tables))) {
    if ("digest" in table) {
      rows.push([name, table.digest]);
      continue;
    }
    const places: number[] = [];
    for (const statement of table.lineage.statements)
      places.push(add({ ...statement, tables: moved(statement.tables, places) }));
    read.push([name, places.at(-1) ?? 0]);
  }
  add({
    sql: canonicalSql(sql),
    tables: Object.fromEntries(read),
    files: sorted(files),
    rows: Object.fromEntries(rows),
  });
  return { engine, statements };
}

/** The digest that names a table by how it is made. */
export function lineageDigest({ engine, statements }: Lineage): string {
  return jsonDigest(["tierbook.lineage/2", engine, statements]);
}

/** The files that the last statement reads by itself: SHA-256 of their bytes, by path. */
export function lineageFiles({ statements }: Lineage): Readonly<Record<string, string>> {
  return statements.at(-1)?.files ?? {};
}

/** Whether somebody who has the files can make the table: nothing in it came from JavaScript. */
export function isReproducible({ statements }: Lineage): boolean {
  return statements.every(({ rows }) => Object.keys(rows).length === 0);
}

function moved(
  tables: Readonly<Record<string, number>>,
  places: readonly number[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, index]) => [name, places[index] ?? index]),
  );
}

function sorted<Value>(named: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}
