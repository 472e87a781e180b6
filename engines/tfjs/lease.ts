import type { ReadyBackend } from "./backend.ts";

/*
 * tfjs has one current backend for the whole realm. Runs on the same backend may take turns between
 * their steps; a run on another one waits until they are over.
 */
const realm: { current?: "webgpu" | "wasm"; holders: number; waiting: (() => void)[] } = {
  holders: 0,
  waiting: [],
};

/** Waits until a backend can be the current one, makes it that, and gives what ends the hold. */
export async function holdBackend({ tf, kernels }: ReadyBackend): Promise<() => void> {
  while (realm.holders > 0 && realm.current !== kernels.backend)
    await new Promise<void>((resolve) => realm.waiting.push(resolve));
  realm.holders++;
  realm.current = kernels.backend;
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    realm.holders--;
    if (realm.holders === 0) for (const resolve of realm.waiting.splice(0)) resolve();
  };
  try {
    if (tf.getBackend() !== kernels.backend) await tf.setBackend(kernels.backend);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}
