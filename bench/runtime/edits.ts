import type { Contender, OpenGraph, Work } from "./contender.ts";
import { leavesBelow, leavesOf, type Graph } from "./graphs.ts";
import { median } from "./median.ts";

/** Medians in milliseconds, by contender. */
export interface Timed {
  /** from nothing to every leaf's value */
  readonly opening: readonly number[];
  /** from an edit of the root to every leaf's value */
  readonly root: readonly number[];
  /** from an edit of the last leaf to its value */
  readonly leaf: readonly number[];
}

const warmUps = 3;

/**
 * Opens a graph in every library and edits it there, in turns, so that what else the machine does
 * hits all alike. Leaf values are checked after every edit, outside of what is timed.
 *
 * @param rounds how often each is measured; a few more go before, to warm up
 */
export async function timeEdits(
  graph: Graph,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Timed> {
  const times = contenders.map(() => ({ opening: [0], root: [0], leaf: [0] }));
  for (const each of times) for (const list of Object.values(each)) list.pop();
  const standing = [];
  for (const contender of contenders) standing.push(await Standing.open(graph, contender));
  const last = leavesOf(graph).at(-1) ?? 0;
  for (let round = -warmUps; round < rounds; round++)
    for (let k = 0; k < contenders.length; k++) {
      const i = (k + round + warmUps) % contenders.length;
      const [contender, open, kept] = [contenders[i], standing[i], times[i]];
      if (contender === undefined || open === undefined || kept === undefined) continue;
      const root = await open.edit(0, 1000 + round);
      const leaf = await open.edit(last, 2000 + round);
      const opening = await timeOpening(graph, contender);
      if (round < 0) continue;
      kept.root.push(root);
      kept.leaf.push(leaf);
      kept.opening.push(opening);
    }
  for (const open of standing) open.dispose();
  return {
    opening: times.map(({ opening }) => median(opening)),
    root: times.map(({ root }) => median(root)),
    leaf: times.map(({ leaf }) => median(leaf)),
  };
}

/**
 * A cell's value: cheap, and another whenever any input is. It is no linear function of the inputs,
 * because in a ladder of diamonds what changed would cancel out.
 */
export function mix(own: number, inputs: readonly number[]): number {
  let value = own;
  for (const input of inputs)
    value = (Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) + (input ^ (input >>> 13))) | 0;
  return value;
}

/** A graph that stands in one library, with what each cell should give beside it. */
class Standing {
  private constructor(
    private readonly graph: Graph,
    private readonly name: string,
    private readonly open: OpenGraph,
    private readonly given: readonly number[],
    private readonly owns: number[],
  ) {}

  static async open(graph: Graph, contender: Contender): Promise<Standing> {
    const given: number[] = [];
    const work: Work = (cell, own, ...inputs) => (given[cell] = mix(own, inputs));
    const owns = graph.inputs.map((_, i) => i);
    contender.prepare?.(graph);
    return new Standing(graph, contender.name, await contender.open(graph, work), given, owns);
  }

  /** Edits a cell and gives the milliseconds until the leaves below it have their values. */
  async edit(cell: number, own: number): Promise<number> {
    const leaves = leavesBelow(this.graph, cell);
    this.open.prepare?.(cell, own);
    const began = performance.now();
    await this.open.edit(cell, own, leaves);
    const time = performance.now() - began;
    this.owns[cell] = own;
    this.check();
    await rest();
    return time;
  }

  dispose(): void {
    this.open.dispose();
  }

  private check(): void {
    const wanted: number[] = [];
    this.graph.inputs.forEach((reads, i) => {
      const inputs = reads.map((input) => wanted[input] ?? NaN);
      wanted.push(mix(this.owns[i] ?? NaN, inputs));
    });
    for (const leaf of leavesOf(this.graph))
      if (this.given[leaf] !== wanted[leaf])
        throw new Error(
          `${this.name}, ${this.graph.name}: leaf ${leaf} is ${this.given[leaf]}, not ${wanted[leaf]}`,
        );
  }
}

async function timeOpening(graph: Graph, contender: Contender): Promise<number> {
  contender.prepare?.(graph);
  const began = performance.now();
  const opened = await contender.open(graph, (_cell, own, ...inputs) => mix(own, inputs));
  const time = performance.now() - began;
  opened.dispose();
  await rest();
  return time;
}

/** Lets what an edit left behind end before the next is timed. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
