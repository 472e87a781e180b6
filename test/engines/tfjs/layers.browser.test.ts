import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openModulePage, type ModulePage } from "../../harness/module-page.ts";
import { deviation, type Deviations } from "./layer-kernels.ts";
import { layeredPlan, type LayeredResult } from "./layered-network.ts";
import { layeredOptimizers } from "./layered-optimizers.ts";
import { referenceLayered } from "./layered-reference.ts";

let opened: ModulePage;

beforeAll(async () => {
  opened = await openModulePage("test/engines/tfjs/layer-page.ts");
});
afterAll(() => opened?.close());

/** Calls a function of the page; neither tensors nor device errors may be left by it. */
async function call<T>(name: string, ...values: readonly unknown[]): Promise<T> {
  const { value, leaked, fault } = (await opened.page.evaluate(
    ([of, with_]) =>
      (globalThis as unknown as Record<string, (...given: readonly unknown[]) => unknown>)[of]?.(
        ...with_,
      ),
    [name, values] as const,
  )) as { value: T; leaked: number; fault: string | undefined };
  expect(fault).toBeUndefined();
  expect(leaked).toBe(0);
  return value;
}

describe("the kernels on WebGPU", () => {
  test("embed, normalise and weigh as the float64 reference does, within 2e-5", async () => {
    const found = await call<Deviations>("layerDeviations");
    expect(Object.keys(found)).toHaveLength(15 + 4 * 8 + 4 * 6 + 4);
    for (const [name, value] of Object.entries(found)) expect(value, name).toBeLessThan(2e-5);
  });

  test("sum a shared table's gradient to the same bits twice", async () => {
    const { first, second } = await call<{ first: string; second: string }>("bitsTwice");
    expect(first.split(",")).toHaveLength(640);
    expect(second).toBe(first);
  });

  test("let NaN through, in batchNorm to its column, in layerNorm to its row", async () => {
    expect(await call("nanPlaces")).toEqual({
      embed: "1:0 1:1",
      batchNorm: "0:1 1:1 2:1",
      normalize: "1:1",
      layerNorm: "1:0 1:1",
    });
  });

  test("move running moments as PyTorch's definition has it, worked out by hand", async () => {
    // [1, 2, 3, 6] has mean 3 and unbiased variance 14 / 3, [0, 4] mean 2 and 8
    const { mean, variance } = await call<{ mean: number; variance: number }>("runningMoments");
    expect(mean).toBeCloseTo(0.9 * 0.3 + 0.2, 6);
    expect(variance).toBeCloseTo(0.9 * (0.9 + 14 / 30) + 0.8, 5);
  });
});

describe("a network of embeddings and normalisations on WebGPU", () => {
  test.each(layeredOptimizers)(
    "trains 20 steps as the float64 reference does with $type, losses within 1e-5",
    async (optimizer) => {
      const actual = await call<LayeredResult>("trainLayered", optimizer);
      const expected = referenceLayered(layeredPlan(optimizer));
      actual.losses.forEach((loss, i) =>
        expect(Math.abs(loss / (expected.losses[i] ?? NaN) - 1)).toBeLessThan(1e-5),
      );
      expect(actual.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 4);
      expect(deviation(actual.logits, expected.logits)).toBeLessThan(1e-3);
      for (const [name, values] of Object.entries(expected.parameters))
        expect(deviation(actual.parameters[name] ?? [], values), name).toBeLessThan(1e-3);
    },
  );

  test("goes on from a checkpoint to the same bits, running moments included", async () => {
    const [, adam] = layeredOptimizers;
    const whole = await call<LayeredResult>("trainLayered", adam);
    expect(await call<LayeredResult>("trainLayered", adam, 7)).toEqual(whole);
  });
});
