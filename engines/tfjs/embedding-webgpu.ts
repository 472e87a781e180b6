import type { Tensor } from "@tensorflow/tfjs-core";
import type { EmbedGradients } from "./kernels.ts";
import { integer, type ProgramRunner } from "./program-runner.ts";
import * as programs from "./programs-embedding.ts";

/** {@link Kernels.embed} in one program. */
export function embed(
  runner: ProgramRunner,
  x: Tensor,
  table: Tensor,
  indices: readonly number[],
): Tensor {
  const [rows = 0, width = 0] = x.shape;
  const [words = 1, units = 1] = table.shape;
  const outputs = width + indices.length * (units - 1);
  return runner.make(
    [rows, outputs],
    programs.embedProgram(indices, units, rows * outputs),
    [x, table],
    [integer(width), integer(words)],
  );
}

/**
 * {@link Kernels.embedGradients}. What it costs grows with the batch and not with the vocabulary: the
 * entries of each word are chained, and each chain is summed from its first entry on.
 */
export function embedGradients(
  runner: ProgramRunner,
  x: Tensor,
  table: Tensor,
  indices: readonly number[],
  gradient: Tensor,
  wantsInput: boolean,
): EmbedGradients {
  const [rows = 0, width = 0] = x.shape;
  const [words = 1, units = 1] = table.shape;
  const entries = rows * indices.length;
  const entryWords = runner.make(
    [entries],
    programs.entryWordsProgram(indices, rows),
    [x],
    [integer(width), integer(words)],
  );
  const chains = runner.make([2 * entries], programs.entryChainsProgram(entries), [entryWords]);
  const ofTable = runner.make(table.shape, programs.zeroProgram(table.size), []);
  runner.run(
    ofTable,
    programs.tableGradientProgram(indices, units, entries),
    [entryWords, chains, gradient],
    [integer(entries), integer(gradient.shape[1] ?? 0)],
  );
  const ofInput = wantsInput
    ? runner.make(
        x.shape,
        programs.embedInputGradientProgram(indices, units, x.size),
        [gradient],
        [integer(width)],
      )
    : undefined;
  for (const tensor of [entryWords, chains, gradient]) tensor.dispose();
  return { table: ofTable, ...(ofInput && { input: ofInput }) };
}
