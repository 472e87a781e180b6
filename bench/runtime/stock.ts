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
  let bodies: readonly Body[] = [];
  return {
    name,
    prepare: (graph) => {
      bodies = graph.inputs.map((_, i) => bodyOf(graph, i, i));
    },
    open: async (graph, given) => {
      work = given;
      const arrivals = new Arrivals();
      const opened = arrivals.of(leavesOf(graph));
      const runtime = make();
      const module = runtime.module();
      const variables = graph.inputs.map((_, i) =>
        define(module.variable({ fulfilled: () => arrivals.arrived(i) }), graph, i, bodies[i]),
      );
      await opened;
      let next: Body | undefined;
      return {
        prepare: (cell, own) => {
          next = bodyOf(graph, cell, own);
        },
        edit: (cell, _own, leaves) => {
          const settled = arrivals.of(leaves);
          const variable = variables[cell];
          if (variable !== undefined) define(variable, graph, cell, next);
          return settled;
        },
        dispose: () => runtime.dispose(),
      };
    },
  };
}

type Body = (...inputs: never[]) => unknown;

/** A cell's body, of its own source as in any notebook: engines do not treat it as one with others. */
function bodyOf(graph: Graph, cell: number, own: number): Body {
  const names = namesOf(graph, cell);
  const code = `return work(${[cell, own, ...names].join(", ")});`;
  // oxlint-disable-next-line no-implied-eval -- a notebook's cell is made so
  return new Function("work", ...names, code) as Body;
}

function define(variable: Variable, graph: Graph, cell: number, body: Body | undefined): Variable {
  if (body === undefined) throw new Error("prepare makes the bodies");
  return variable.define(`c${cell}`, ["work", ...namesOf(graph, cell)], body);
}

function namesOf({ inputs }: Graph, cell: number): readonly string[] {
  return (inputs[cell] ?? []).map((input) => `c${input}`);
}
