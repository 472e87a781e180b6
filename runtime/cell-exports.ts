import type { CompiledCell } from "./compiled-cell.ts";
import { Stream } from "./stream.ts";

/** What a body gives other cells, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** What naming a value needs of the run that gave it. */
export interface ExportingRun {
  /** the stream of an input's values */
  input(value: unknown): Stream;
  /** makes a stream that code pushes to end with the run */
  ofMutable(stream: Stream): Stream;
}

/** Names what a body gave as the cell's source says: its declarations, its output, its `viewof`. */
export function exportsOf(compiled: CompiledCell, value: unknown, run: ExportingRun): Exports {
  const [output] = compiled.outputs;
  // a body with declarations returns an object of them
  if (compiled.kind === "exports") return (value ?? {}) as Exports;
  if (output === undefined) return {};
  switch (compiled.kind) {
    case "view":
      return { [`viewof$${output}`]: value, [output]: run.input(value) };
    case "mutable":
      return mutableExports(output, value, run);
    case "value":
      return { [output]: value };
  }
}

function mutableExports(output: string, initial: unknown, run: ExportingRun): Exports {
  const stream = new Stream();
  let current = initial;
  stream.push(initial);
  run.ofMutable(stream);
  const mutator = {
    get value(): unknown {
      return current;
    },
    set value(value: unknown) {
      stream.push((current = value));
    },
  };
  return { [output]: stream, [`mutable$${output}`]: mutator };
}
