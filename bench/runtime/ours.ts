import { Workbook, type Cell } from "../../runtime/index.ts";
import { Arrivals, type Contender } from "./contender.ts";
import { leavesOf, type Graph } from "./graphs.ts";

/** Our workbook: source in, compiled by us; an edit is new source for a cell. */
export const ours: Contender = {
  name: "Tierbook",
  open: async (graph, work) => {
    const arrivals = new Arrivals();
    const opened = arrivals.of(leavesOf(graph));
    let cells = cellsOf(graph);
    const workbook = new Workbook(cells, {
      builtins: { work: () => work },
      observer: {
        status: ({ id, state }) => {
          if (state === "fresh") arrivals.arrived(id - 1);
        },
      },
    });
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

/** The graph as cells of a workbook. */
export function cellsOf(graph: Graph): readonly Cell[] {
  return graph.inputs.map((_, i) => cellOf(graph, i, i));
}

function cellOf({ inputs }: Graph, cell: number, own: number): Cell {
  const parameters = [cell, own, ...(inputs[cell] ?? []).map((input) => `c${input}`)];
  const source = `const c${cell} = work(${parameters.join(", ")});`;
  return { id: cell + 1, mode: "js", source, pinned: true, hidden: false };
}
