import type { Graph } from "./graphs.ts";

/** What every body calls, in every library: a cell's value from its own number and its inputs. */
export type Work = (cell: number, own: number, ...inputs: readonly number[]) => number;

/** What makes the values of a reactive graph: ours, or a peer. */
export interface Contender {
  readonly name: string;
  /** Gets ready to open a graph; what it costs is not measured. */
  prepare?(graph: Graph): void;
  /** Makes a graph, in which each cell calls `work`, and settles it. */
  open(graph: Graph, work: Work): Promise<OpenGraph>;
}

/** A graph that stands and has settled. */
export interface OpenGraph {
  /** Gets ready for an edit; what it costs is not measured. */
  prepare?(cell: number, own: number): void;
  /**
   * Gives a cell another number of its own, and waits until each of `leaves` has its value. A
   * library that runs code is given the cell's new code; one that does not, sets a signal.
   */
  edit(cell: number, own: number, leaves: readonly number[]): Promise<void>;
  dispose(): void;
}

/** Counts leaves as they come to their values. */
export class Arrivals {
  private readonly missing = new Set<number>();
  private resolve = (): void => undefined;

  /** Resolves once each leaf was told to have {@link arrived}. */
  of(leaves: readonly number[]): Promise<void> {
    for (const leaf of leaves) this.missing.add(leaf);
    return new Promise((resolve) => (this.resolve = resolve));
  }

  /** The leaf has its value. */
  arrived(leaf: number): void {
    if (this.missing.delete(leaf) && this.missing.size === 0) this.resolve();
  }
}
