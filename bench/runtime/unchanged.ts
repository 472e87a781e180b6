import type { Contender } from "./contender.ts";
import type { Graph } from "./graphs.ts";
import { median } from "./median.ts";

/** What an edit costs that changes no value that anybody sees. */
export interface Unchanged {
  /** bodies that ran when the root's new code gave the value it had */
  readonly sameRoot: number;
  /** bodies that ran when the root's value changed, and that of its one reader did not */
  readonly sameReader: number;
  /** milliseconds of the second, until what was edited and its reader were done; a median */
  readonly time: number;
}

const readers = 1000;
const warmUps = 10;

/** The root; a cell that gives its sign; a thousand that read the sign. */
const graph: Graph = {
  name: "sign",
  inputs: Array.from({ length: readers + 2 }, (_, i) => (i === 0 ? [] : i === 1 ? [0] : [1])),
};

/** Counts the bodies of edits that leave the sign of the root as it was. */
export async function countUnchanged(contender: Contender, rounds: number): Promise<Unchanged> {
  let bodies = 0;
  contender.prepare?.(graph);
  const opened = await contender.open(graph, (cell, own, ...inputs) => {
    bodies++;
    // numbers below one are another code for one value
    if (cell === 0) return Math.ceil(own);
    return cell === 1 ? Math.sign(inputs[0] ?? 0) : own + (inputs[0] ?? 0);
  });
  const edit = async (own: number): Promise<{ bodies: number; time: number }> => {
    bodies = 0;
    opened.prepare?.(0, own);
    const began = performance.now();
    await opened.edit(0, own, [graph.inputs.length - 1]);
    const time = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { bodies, time };
  };
  for (let round = 0; round < warmUps; round++) await edit(-1 - round);
  await edit(1);
  const sameRoot = await edit(0.5);
  const times = [];
  let sameReader = 0;
  for (let round = 0; round < rounds; round++) {
    const found = await edit(2 + round);
    times.push(found.time);
    sameReader = Math.max(sameReader, found.bodies);
  }
  opened.dispose();
  return { sameRoot: sameRoot.bodies, sameReader, time: median(times) };
}
