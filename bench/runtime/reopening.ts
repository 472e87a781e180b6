import { Workbook, type ResultStore, type WorkbookOptions } from "../../runtime/index.ts";
import type { Contender } from "./contender.ts";
import { chain, leavesOf } from "./graphs.ts";
import { median } from "./median.ts";
import { cellsOf } from "./ours.ts";

/** What it takes to open a workbook that was open before. */
export interface Reopening {
  readonly name: string;
  /** bodies that ran */
  readonly bodies: number;
  /** milliseconds until the last cell has its value; a median */
  readonly time: number;
}

const size = 300;

/** A chain, so that nothing can be had at the same time as anything else. */
const graph = chain(size);

/**
 * Opens a chain of cells anew, in a peer and with results that are kept from before.
 *
 * @param work milliseconds that each body takes
 */
export async function timeReopening(
  peer: Contender,
  work: number,
  rounds: number,
): Promise<readonly Reopening[]> {
  const store = new HeldResults();
  await openOurs(work, store);
  const kept = store.size;
  if (kept < size) throw new Error(`${kept} of ${size} results were kept`);
  const found: Record<"peer" | "anew" | "again", Reopening[]> = { peer: [], anew: [], again: [] };
  for (let round = 0; round < rounds; round++) {
    found.peer.push(await openPeer(peer, work));
    found.anew.push(await openOurs(work));
    found.again.push(await openOurs(work, store));
  }
  return Object.values(found).map((times) => ({
    name: times[0]?.name ?? "",
    bodies: Math.max(...times.map(({ bodies }) => bodies)),
    time: median(times.map(({ time }) => time)),
  }));
}

async function openPeer(contender: Contender, work: number): Promise<Reopening> {
  let bodies = 0;
  contender.prepare?.(graph);
  const began = performance.now();
  const opened = await contender.open(graph, (_cell, own, ...inputs) => {
    bodies++;
    return busy(work, own + (inputs[0] ?? 0));
  });
  const time = performance.now() - began;
  opened.dispose();
  return { name: contender.name, bodies, time };
}

async function openOurs(work: number, results?: HeldResults): Promise<Reopening> {
  let bodies = 0;
  const options: WorkbookOptions = {
    builtins: {
      work:
        () =>
        (_cell: number, own: number, ...inputs: readonly number[]) => {
          bodies++;
          return busy(work, own + (inputs[0] ?? 0));
        },
    },
    ...(results === undefined ? {} : { results }),
  };
  const isKept = results !== undefined && !results.isEmpty;
  const began = performance.now();
  const workbook = new Workbook(cellsOf(graph), options);
  await workbook.value(`c${leavesOf(graph).at(-1)}`);
  const time = performance.now() - began;
  await results?.filled(size);
  workbook.dispose();
  return { name: isKept ? "Tierbook, results kept" : "Tierbook", bodies, time };
}

/** Takes its time, as a body does that has something to calculate. */
function busy(milliseconds: number, value: number): number {
  const end = performance.now() + milliseconds;
  while (milliseconds > 0 && performance.now() < end);
  return value;
}

/** Results in memory, as the page has the small ones. */
class HeldResults implements ResultStore {
  private readonly held = new Map<string, Uint8Array>();

  get isEmpty(): boolean {
    return this.held.size === 0;
  }

  get size(): number {
    return this.held.size;
  }

  has(key: string): boolean {
    return this.held.has(key);
  }

  get(key: string): Uint8Array | undefined {
    return this.held.get(key)?.slice();
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  put(key: string, bytes: Uint8Array): void {
    this.held.set(key, bytes.slice());
  }

  delete(key: string): void {
    this.held.delete(key);
  }

  fileDigest(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Waits until so many results are kept. */
  async filled(count: number): Promise<void> {
    const end = performance.now() + 30_000;
    while (this.held.size < count && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
