import {
  compileCell,
  isFaulty,
  Workbook,
  type Cell,
  type CompiledCell,
  type WorkbookOptions,
} from "../../runtime/index.ts";
import type { Contender, Work } from "./contender.ts";
import type { Graph } from "./graphs.ts";

/** Our workbook: source in, compiled by us; an edit is new source for a cell. */
export const ours: Contender = {
  name: "Tierbook",
  open: async (graph, work) => {
    // what was compiled once is known: a remark makes each opening one of text that nobody has seen
    const remark = ` // ${++openings}`;
    let cells = graph.inputs.map((_, i) => cellOf(graph, i, i, remark));
    const workbook = new Workbook(cells, optionsFor(work));
    await lastOf(workbook, [graph.inputs.length - 1]);
    return {
      edit: async (cell, own, leaves) => {
        cells = cells.with(cell, cellOf(graph, cell, own));
        workbook.setCells(cells);
        await lastOf(workbook, leaves);
      },
      dispose: () => workbook.dispose(),
    };
  },
};

let openings = 0;

/** Our workbook with cells that were compiled before, as the others are given functions. */
export const oursCompiled: Contender = compiledContender("Tierbook, compiled", optionsFor);

/** The same, with nobody who watches and no memory for edits that are undone. */
export const oursBare: Contender = compiledContender("Tierbook, bare", (work) => ({
  builtins: { work: () => work },
  memory: { cheapRuns: 0, runs: 0, bytes: 0 },
}));

function compiledContender(name: string, options: (work: Work) => WorkbookOptions): Contender {
  let compiledCells: readonly CompiledCell[] = [];
  return {
    name,
    prepare: (graph) => {
      compiledCells = cellsOf(graph).map(compiled);
    },
    open: async (graph, work) => {
      const workbook = new Workbook([], options(work));
      workbook.setCompiledCells(compiledCells);
      await lastOf(workbook, [graph.inputs.length - 1]);
      let next: CompiledCell | undefined;
      return {
        prepare: (cell, own) => {
          next = compiled(cellOf(graph, cell, own));
        },
        edit: async (_cell, _own, leaves) => {
          if (next !== undefined) workbook.setCompiledCell(next);
          await lastOf(workbook, leaves);
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

function cellOf({ inputs }: Graph, cell: number, own: number, remark = ""): Cell {
  const parameters = [cell, own, ...(inputs[cell] ?? []).map((input) => `c${input}`)];
  const source = `const c${cell} = work(${parameters.join(", ")});${remark}`;
  return { id: cell + 1, mode: "js", source, pinned: true, hidden: false };
}

function compiled(cell: Cell): CompiledCell {
  const made = compileCell(cell);
  if (made instanceof Promise || isFaulty(made)) throw new Error("This compiles, and at once");
  // both are made when they are first wanted
  void made.run;
  void made.codeDigest;
  return made;
}

/** Bodies that wait for nothing are through in one wave: with one leaf, all are done. */
async function lastOf(workbook: Workbook, leaves: readonly number[]): Promise<void> {
  await workbook.value(`c${leaves.at(-1)}`);
}

/** With an observer that hears of every change, as the page does. */
function optionsFor(work: Work): WorkbookOptions {
  let told = 0;
  return {
    builtins: { work: () => work },
    observer: { status: () => void told++ },
  };
}
