import { Runtime, type Variable } from "@observablehq/runtime";
import { Arrivals, type Contender, type Work } from "./contender.ts";
import { leavesOf, type Graph } from "./graphs.ts";

/** The stock runtime, which waits for a frame (in Node: `setImmediate`) before it computes. */
export const stock: Contender = contender("stock", () => new Runtime(builtins));

/** The stock runtime, but for computing on a microtask, as ours does. */
export const stockSoon: Contender = contender("stock, microtask", () =>
  soon(new Runtime(builtins)),
);

/** Schedules a stock runtime on a microtask. */
export function soon(runtime: Runtime): Runtime {
  runtime._computeSoon = () =>
    Promise.resolve().then(() => (runtime._disposed ? undefined : runtime._computeNow()));
  return runtime;
}

let work: Work = () => NaN;
// read through a builtin, as our cells read it
const builtins = { work: () => work };

function contender(name: string, make: () => Runtime): Contender {
  return {
    name,
    open: async (graph, given) => {
      work = given;
      const arrivals = new Arrivals();
      const opened = arrivals.of(leavesOf(graph));
      const runtime = make();
      const module = runtime.module();
      const variables = graph.inputs.map((_, i) =>
        define(module.variable({ fulfilled: () => arrivals.arrived(i) }), graph, i, i),
      );
      await opened;
      return {
        edit: (cell, own, leaves) => {
          const settled = arrivals.of(leaves);
          const variable = variables[cell];
          if (variable !== undefined) define(variable, graph, cell, own);
          return settled;
        },
        dispose: () => runtime.dispose(),
      };
    },
  };
}

function define(variable: Variable, { inputs }: Graph, cell: number, own: number): Variable {
  const names = (inputs[cell] ?? []).map((input) => `c${input}`);
  return variable.define(`c${cell}`, ["work", ...names], (run: Work, ...values: number[]) =>
    run(cell, own, ...values),
  );
}
