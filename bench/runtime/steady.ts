import type { Contender } from "./contender.ts";
import { mix } from "./edits.ts";
import { leavesBelow, type Graph } from "./graphs.ts";
import { median } from "./median.ts";

/**
 * Milliseconds from an edit of the root to every leaf's value, in a library that does nothing else
 * meanwhile: a median of many edits, after as many that warm it up.
 */
export async function timeSteady(
  graph: Graph,
  contender: Contender,
  rounds: number,
): Promise<number> {
  contender.prepare?.(graph);
  const open = await contender.open(graph, (_cell, own, ...inputs) => mix(own, inputs));
  const leaves = leavesBelow(graph, 0);
  const times: number[] = [];
  for (let round = -rounds; round < rounds; round++) {
    open.prepare?.(0, 1000 + round);
    const began = performance.now();
    await open.edit(0, 1000 + round, leaves);
    if (round >= 0) times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve));
  }
  open.dispose();
  return median(times);
}
