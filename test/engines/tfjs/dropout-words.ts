import { randomStream, uniforms } from "../../../engines/random.ts";
import { webgpuReady } from "../../../engines/tfjs/backend.ts";
import { holdBackend } from "../../../engines/tfjs/lease.ts";

/** How many of a shader's dropout decisions differ from the generator's, and how many there are. */
export async function dropoutWords(): Promise<{ readonly wrong: number; readonly all: number }> {
  const ready = await webgpuReady();
  const release = await holdBackend(ready);
  const { kernels } = ready;
  let wrong = 0;
  let all = 0;
  for (const [seed, layer, step, rate] of [
    [0, 0, 0, 0.5],
    [4_294_967_295, 3, 70_000, 0.1],
    [17, 1, 2, 0.123],
  ] as const) {
    const sequence = { seed, stream: randomStream.dropout, layer, step };
    const size = 10_007;
    const ones = kernels.upload(new Float32Array(size).fill(1), [size, 1]);
    const dropped = kernels.dropout(ones, rate, sequence);
    const actual = await kernels.read(dropped);
    const scale = Math.fround(1 / (1 - rate));
    uniforms(sequence, size).forEach((u, i) => {
      all++;
      if (actual[i] !== (u >= rate ? scale : 0)) wrong++;
    });
    ones.dispose();
    dropped.dispose();
  }
  release();
  return { wrong, all };
}
