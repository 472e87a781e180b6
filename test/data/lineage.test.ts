import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isReproducible, lineageDigest, lineageFrom, type Lineage } from "../../data/lineage.ts";
import { tokenizeSql } from "../../runtime/sql.ts";

const engine = "v1.5.6";
const flights = { "data/flights.parquet": "f1" };

function made(sql: string, tables: Record<string, Lineage> = {}, files = {}): Lineage {
  const named = Object.entries(tables).map(([name, lineage]) => [name, { lineage }] as const);
  return lineageFrom(sql, { engine, tables: Object.fromEntries(named), files });
}

/** The same tokens with other white space and comments between them. */
function reformatted(sql: string, gaps: readonly string[]): string {
  let i = 0;
  return tokenizeSql(sql)
    .map(({ kind, text }) => (kind === "space" ? (gaps[i++ % gaps.length] ?? " ") : text))
    .join("");
}

const gap = fc.constantFrom(" ", "\n", "\t  ", " /* why */ ", " -- so\n");
const sql = fc.constantFrom(
  "select a , b from t where a > 1",
  "from t select 'x  y' , 2",
  "with x as ( from t ) select count ( * ) from x",
);

describe("the digest of a lineage", () => {
  test("does not depend on formatting and comments", () => {
    fc.assert(
      fc.property(sql, fc.array(gap, { minLength: 1 }), (text, gaps) => {
        const base = made("from 'data/flights.parquet'", {}, flights);
        expect(lineageDigest(made(reformatted(text, gaps), { t: base }))).toBe(
          lineageDigest(made(text, { t: base })),
        );
      }),
    );
  });

  test("depends on every literal, file, engine and input, however far back", () => {
    const parts = fc.record({
      literal: fc.nat(),
      text: fc.string(),
      file: fc.string({ minLength: 1 }),
      engine: fc.constantFrom("v1.5.6", "v1.5.7"),
      first: fc.nat(),
      depth: fc.integer({ min: 0, max: 4 }),
    });
    type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never;
    const digest = (one: Parts): string => {
      const run = (text: string, tables = {}, files = {}): Lineage =>
        lineageFrom(text, { engine: one.engine, tables, files });
      let lineage = run(`select ${one.first} from 'f'`, {}, { f: one.file });
      for (let i = 0; i < one.depth; i++) lineage = run(`from t${i}`, { [`t${i}`]: { lineage } });
      const text = one.text.replaceAll("'", "''");
      return lineageDigest(run(`select ${one.literal}, '${text}' from t`, { t: { lineage } }));
    };
    fc.assert(
      fc.property(
        parts,
        parts,
        fc.constantFrom(...(["literal", "text", "file", "engine", "first", "depth"] as const)),
        (a, b, key) => {
          const changed = { ...a, [key]: b[key] };
          expect(digest(changed) === digest(a)).toBe(a[key] === b[key]);
        },
      ),
    );
  });

  test("does not depend on the order in which inputs are named", () => {
    const [a, b] = [made("select 1"), made("select 2")];
    expect(lineageDigest(made("from a, b", { a, b }))).toBe(
      lineageDigest(made("from a, b", { b, a })),
    );
    expect(lineageDigest(made("from a, b", { a: b, b: a }))).not.toBe(
      lineageDigest(made("from a, b", { a, b })),
    );
  });
});

describe("a lineage", () => {
  test("names equal statements once, in an order in which they can run, the last one last", () => {
    const graph = fc.array(
      fc.record({
        sql: fc.constantFrom("a", "b", "c"),
        inputs: fc.dictionary(fc.constantFrom("x", "y", "__proto__", "z"), fc.nat(), {
          maxKeys: 3,
        }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(graph, (nodes) => {
        const lineages: Lineage[] = [];
        for (const [i, { sql: text, inputs }] of nodes.entries())
          lineages.push(
            made(
              i === 0 ? "first" : `${text} ${i}`,
              Object.fromEntries(
                Object.entries(inputs).flatMap(([name, at]) => {
                  const input = lineages[at % Math.max(1, i)];
                  return input === undefined ? [] : [[name, input]];
                }),
              ),
            ),
          );
        const last = lineages.at(-1);
        const { statements } = last ?? { statements: [] };
        expect(new Set(statements.map((each) => JSON.stringify(each))).size).toBe(
          statements.length,
        );
        for (const [i, { tables }] of statements.entries())
          for (const at of Object.values(tables)) expect(at).toBeLessThan(i);
        const { sql: text = "" } = nodes.at(-1) ?? {};
        expect(statements.at(-1)?.sql).toBe(
          nodes.length === 1 ? "first" : `${text} ${nodes.length - 1}`,
        );
        expect(unfolded(statements.length - 1, last)).toEqual(
          expandedNode(nodes.length - 1, nodes),
        );
      }),
    );
  });

  test("with rows of JavaScript in it, however far back, is not reproducible", () => {
    const base = made("from 'f'", {}, { f: "1" });
    const mixed = lineageFrom("from a, b", {
      engine,
      tables: { a: { lineage: base }, b: { digest: "b1" } },
      files: {},
    });
    expect(isReproducible(made("from base", { base }))).toBe(true);
    expect(isReproducible(mixed)).toBe(false);
    expect(isReproducible(made("from later", { later: mixed }))).toBe(false);
    expect(mixed.statements.at(-1)?.rows).toEqual({ b: "b1" });
  });
});

/** A statement with what it reads written out in full, as a tree. */
function unfolded(index: number, lineage: Lineage | undefined): unknown {
  const statement = lineage?.statements[index];
  const inputs = Object.entries(statement?.tables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [statement?.sql, inputs.map(([name, at]) => [name, unfolded(at, lineage)])];
}

function expandedNode(
  index: number,
  nodes: readonly { readonly sql: string; readonly inputs: Record<string, number> }[],
): unknown {
  const node = nodes[index];
  const inputs = index === 0 ? [] : Object.entries(node?.inputs ?? {});
  return [
    index === 0 ? "first" : `${node?.sql} ${index}`,
    inputs
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, at]) => [name, expandedNode(at % index, nodes)]),
  ];
}
