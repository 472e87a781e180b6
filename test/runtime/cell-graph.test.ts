import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeCells, type GraphCell, type KnownNames } from "../../runtime/cell-graph.ts";

/** A cell that reads names and defines others; `tables` are those that it asks for in SQL. */
function cellOf(
  id: number,
  inputs: readonly string[],
  outputs: readonly string[],
  tables?: readonly string[],
): GraphCell {
  return {
    cell: {
      id,
      mode: tables === undefined ? "js" : "sql",
      source: "",
      pinned: true,
      hidden: false,
    },
    inputs,
    outputs,
    kind: "exports",
    autodisplay: false,
    run: () => undefined,
    ...(tables && {
      references: tables.map((name) => ({ kind: "table", name, start: 0, end: 0 }) as const),
    }),
    codeDigest: "",
    volatile: false,
    places: {},
    locate: () => ({}),
  };
}

const known: KnownNames = {
  builtins: new Set(["d3"]),
  isGlobal: (name) => name === "document",
  globals: () => ["document"],
};

const place = (cells: readonly GraphCell[]) => placeCells(cells, known);

describe("placing cells", () => {
  test("a cell depends on itself exactly where a way leads from it back to it", () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
    fc.assert(
      fc.property(edges, (list) => {
        const cells = Array.from({ length: 8 }, (_, id) => {
          const reads = list.filter(([from]) => from === id).map(([, to]) => `c${to}`);
          return cellOf(id, [...new Set(reads)], [`c${id}`]);
        });
        const placements = place(cells);
        for (let id = 0; id < 8; id++) {
          const reached = new Set<number>();
          const todo = [id];
          for (let at = todo.pop(); at !== undefined; at = todo.pop())
            for (const [from, to] of list)
              if (from === at && !reached.has(to)) {
                reached.add(to);
                todo.push(to);
              }
          const placement = placements.get(id);
          expect(placement?.kind === "fault" && placement.fault.code === "cycle").toBe(
            reached.has(id),
          );
        }
      }),
    );
  });

  test("a circle is named one way round, with all the cells that it goes through", () => {
    const cells = [cellOf(1, ["b"], ["a"]), cellOf(2, ["c"], ["b"]), cellOf(3, ["a"], ["c"])];
    const message = "Circular definition: `b` → `c` → `a` → `b`, in cells 1, 2 and 3";
    for (const placement of place([...cells, cellOf(4, ["a"], [])]).values())
      expect(placement).toMatchObject(
        placement.defines.length === 0 ? { kind: "runs", inputs: ["a"] } : { fault: { message } },
      );
  });

  test("SQL names a table exactly, else but for its case, and never the cell's own", () => {
    const cells = [
      cellOf(1, [], ["Trips"]),
      cellOf(2, [], ["TRIPS"]),
      cellOf(3, [], ["own"], ["TRIPS", "trips", "OWN", "elsewhere"]),
    ];
    expect(place(cells).get(3)).toEqual({
      kind: "runs",
      inputs: ["TRIPS", "Trips"],
      tables: { TRIPS: "TRIPS", trips: "Trips" },
      defines: ["own"],
    });
  });

  test("of cells that define one name the first has it, and each says with which others", () => {
    const placements = place([
      cellOf(3, [], ["a", "b"]),
      cellOf(1, [], ["a"]),
      cellOf(2, ["b"], []),
    ]);
    const message = "`a` is defined more than once: in cells 1 and 3";
    expect(placements.get(3)).toMatchObject({ fault: { message }, defines: ["a", "b"] });
    expect(placements.get(1)).toMatchObject({ fault: { message }, defines: [] });
    expect(placements.get(2)).toMatchObject({ kind: "runs", inputs: ["b"] });
  });

  test("a name that nothing defines is an error with what it likely was, in each cell", () => {
    const cells = [cellOf(1, [], ["total"]), cellOf(2, ["totla"], []), cellOf(3, ["totla"], [])];
    for (const id of [2, 3])
      expect(place(cells).get(id)).toMatchObject({
        fault: { code: "undefined-name", hint: "Did you mean `total`?" },
      });
  });

  test.each([
    ["a chain that is read backwards", (i: number) => cellOf(i, [`c${i + 1}`], [`c${i}`])],
    ["cells that all lack one name", (i: number) => cellOf(i, ["gone"], [`c${i}`])],
    ["queries in another case", (i: number) => cellOf(i, [], [`c${i}`], [`C${i + 1}`])],
  ])("%s takes time in proportion", (_, make) => {
    const graph = (size: number) => [
      ...Array.from({ length: size }, (__, i) => make(i)),
      cellOf(size, [], [`c${size}`]),
    ];
    const [small, large] = [graph(2000), graph(16_000)];
    let [shortest, longest] = [Infinity, Infinity];
    for (let round = 0; round < 8; round++) {
      shortest = Math.min(
        shortest,
        timeOf(() => place(small)),
      );
      longest = Math.min(
        longest,
        timeOf(() => place(large)),
      );
      if (longest < shortest * 16) break;
    }
    // eight times the cells: 8 where the work is linear, 64 where it is quadratic
    expect(longest / Math.max(shortest, 0.5)).toBeLessThan(32);
  });
});

function timeOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
