import * as preact from "@preact/signals-core";
import * as alien from "alien-signals";
import type { Contender, Work } from "./contender.ts";
import { leavesOf, type Graph } from "./graphs.ts";

/** `@preact/signals-core`: each cell a computed value, each leaf an effect. */
export const preactSignals: Contender = contender("preact signals", {
  signal: (initial) => {
    const signal = preact.signal(initial);
    return { read: () => signal.value, write: (value) => (signal.value = value) };
  },
  computed: (compute) => {
    const computed = preact.computed(compute);
    return () => computed.value;
  },
  effect: preact.effect,
});

/** `alien-signals`: each cell a computed value, each leaf an effect. */
export const alienSignals: Contender = contender("alien signals", {
  signal: (initial) => {
    const signal = alien.signal(initial);
    return { read: () => signal(), write: (value) => signal(value) };
  },
  computed: (compute) => alien.computed(compute),
  effect: alien.effect,
});

interface Signals {
  signal(initial: number): { read(): number; write(value: number): void };
  computed(compute: () => number): () => number;
  effect(run: () => void): () => void;
}

function contender(name: string, signals: Signals): Contender {
  return {
    name,
    open: (graph, work) => {
      const owns = graph.inputs.map((_, i) => signals.signal(i));
      const values = computedCells(signals, graph, work, (i) => owns[i]?.read() ?? NaN);
      const ends = leavesOf(graph).map((leaf) => signals.effect(() => void values[leaf]?.()));
      return Promise.resolve({
        edit: (cell: number, own: number) => {
          owns[cell]?.write(own);
          return Promise.resolve();
        },
        dispose: () => ends.forEach((end) => end()),
      });
    },
  };
}

function computedCells(
  { computed }: Signals,
  { inputs }: Graph,
  work: Work,
  own: (cell: number) => number,
): readonly (() => number)[] {
  const values: (() => number)[] = [];
  inputs.forEach((reads, i) => {
    const sources = reads.flatMap((input) => values[input] ?? []);
    values.push(computed(() => work(i, own(i), ...sources.map((read) => read()))));
  });
  return values;
}
