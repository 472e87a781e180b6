import { readerFor } from "./fingerprint-files.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";

/**
 * The values that a body is called with.
 *
 * @param parameters names that the body reads, in the order of its parameters
 * @param record of the run, which hears of files that the body reads
 * @param inputs those of the record, in its order, with their values
 * @param own gives what no cell defines but the runtime itself does
 */
export function argumentsOf(
  parameters: readonly string[],
  record: FingerprintRecord,
  inputs: readonly { readonly value: unknown }[],
  own: (name: string) => unknown,
): readonly unknown[] {
  const { names } = record;
  return parameters.map((name, i) => {
    // they are the same names in the same order but for what the runtime gives
    const index = names[i] === name ? i : names.indexOf(name);
    if (index < 0) return own(name);
    const value = inputs[index]?.value;
    if (typeof value !== "function") return value;
    return readerFor(value, (path, digest, how) => record.addFile(path, digest, how));
  });
}
