import { Runtime } from "@observablehq/runtime";
import { Workbook, type Cell } from "../../runtime/index.ts";
import { median } from "./median.ts";
import { soon } from "./stock.ts";

const old = 10_000;
const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, old).unref());

/** How long the new body of a cell waits to start while its old one goes on, in milliseconds. */
export interface Restart {
  readonly name: string;
  readonly time: number;
  /** how often it was measured */
  readonly rounds: number;
}

/** Gives a cell whose body takes ten seconds another body, and times when that starts. */
export async function timeRestart(rounds: number): Promise<readonly Restart[]> {
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await restartOurs());
  const [asIs, onMicrotask] = await Promise.all([
    restartStock(new Runtime()),
    restartStock(soon(new Runtime())),
  ]);
  return [
    { name: "Tierbook", time: median(times), rounds },
    { name: "stock", time: asIs, rounds: 1 },
    { name: "stock, microtask", time: onMicrotask, rounds: 1 },
  ];
}

async function restartOurs(): Promise<number> {
  const began = deferred();
  const started = deferred();
  const workbook = new Workbook([cell("const a = (began(), await wait());")], {
    builtins: {
      began: () => began.resolve,
      started: () => started.resolve,
      wait: () => wait,
    },
  });
  await began.promise;
  const edited = performance.now();
  workbook.setCells([cell("const a = started();")]);
  const time = (await started.promise) - edited;
  workbook.dispose();
  return time;
}

async function restartStock(runtime: Runtime): Promise<number> {
  const began = deferred();
  const started = deferred();
  const variable = runtime.module().variable(true);
  variable.define("a", [], () => {
    began.resolve();
    // unlike the timer, this keeps the process alive for the stock runtime
    return new Promise((resolve) => setTimeout(resolve, old));
  });
  await began.promise;
  const edited = performance.now();
  variable.define("a", [], () => started.resolve());
  const time = (await started.promise) - edited;
  runtime.dispose();
  return time;
}

function cell(source: string): Cell {
  return { id: 1, mode: "js", source, pinned: true, hidden: false };
}

/** A promise of the time when it was resolved. */
function deferred(): { readonly promise: Promise<number>; resolve(): void } {
  let resolve = (_time: number): void => undefined;
  const promise = new Promise<number>((yes) => (resolve = yes));
  return { promise, resolve: () => resolve(performance.now()) };
}
