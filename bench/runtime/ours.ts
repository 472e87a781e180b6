import { compileCell, Workbook, type Cell, type WorkbookOptions } from "../../runtime/index.ts";
import { Arrivals, type Contender, type Work } from "./contender.ts";
import { leavesOf, type Graph } from "./graphs.ts";

/** Our workbook: source in, compiled by us; an edit is new source for a cell. */
export const ours: Contender = {
  name: "Tierbook",
  open: async (graph, work) => {
    const arrivals = new Arrivals();
    const opened = arrivals.of(leavesOf(graph));
    let cells = cellsOf(graph);
    const workbook = new Workbook(cells, optionsFor(arrivals, work));
    await opened;
    return {
      edit: (cell, own, leaves) => {
        const settled = arrivals.of(leaves);
        cells = cells.with(cell, cellOf(graph, cell, own));
        workbook.setCells(cells);
        return settled;
      },
      dispose: () => workbook.dispose(),
    };
  },
};

/** Our workbook with cells that were compiled before, as the others are given functions. */
export const oursCompiled: Contender = compiledContender();

function compiledContender(): Contender {
  let compiledCells: readonly ReturnType<typeof compiled>[] = [];
  return {
    name: "Tierbook, compiled",
    prepare: (graph) => {
      compiledCells = cellsOf(graph).map(compiled);
    },
    open: async (graph, work) => {
      const arrivals = new Arrivals();
      const opened = arrivals.of(leavesOf(graph));
      const workbook = new Workbook([], optionsFor(arrivals, work));
      workbook.setCompiledCells(compiledCells);
      await opened;
      let next: ReturnType<typeof compiled> | undefined;
      return {
        prepare: (cell, own) => {
          next = compiled(cellOf(graph, cell, own));
        },
        edit: (_cell, _own, leaves) => {
          const settled = arrivals.of(leaves);
          if (next !== undefined) workbook.setCompiledCell(next);
          return settled;
        },
        dispose: () => workbook.dispose(),
      };
    },
  };
}

/** The graph as cells of a workbook. */
export function cellsOf(graph: Graph): readonly Cell[] {
  return graph.inputs.map((_, i) => cellOf(graph, i, i));
}

function cellOf({ inputs }: Graph, cell: number, own: number): Cell {
  const parameters = [cell, own, ...(inputs[cell] ?? []).map((input) => `c${input}`)];
  const source = `const c${cell} = work(${parameters.join(", ")});`;
  return { id: cell + 1, mode: "js", source, pinned: true, hidden: false };
}

function compiled(cell: Cell): Exclude<ReturnType<typeof compileCell>, Promise<unknown>> {
  const made = compileCell(cell);
  if (made instanceof Promise) throw new Error("JavaScript compiles at once");
  return made;
}

function optionsFor(arrivals: Arrivals, work: Work): WorkbookOptions {
  return {
    builtins: { work: () => work },
    observer: {
      status: ({ id, state }) => {
        if (state === "fresh") arrivals.arrived(id - 1);
      },
    },
  };
}
