import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { openModulePage, type ModulePage } from "../../harness/module-page.ts";
import { collect } from "../collect.ts";
import { combinations } from "../combinations.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";
import type { LongProducts } from "./long-products.ts";
import type { WorkerAnswer, WorkerRequest } from "./worker.ts";

let opened: ModulePage;

beforeAll(async () => {
  opened = await openModulePage("test/engines/tfjs/page.ts");
});
afterAll(() => opened?.close());

function train(request: WorkerRequest): Promise<WorkerAnswer> {
  return opened.page.evaluate(
    (asked) =>
      (globalThis as unknown as { train: (of: WorkerRequest) => Promise<WorkerAnswer> }).train(
        asked,
      ),
    request,
  );
}

const engine = createTfjsEngine();
const rows = someTable(90);

describe("in a module worker of Chromium", () => {
  test.each(combinations)("WebGPU trains as WASM does: $name", async ({ name, fields }) => {
    const { outcome, losses } = await collect(engine, somePlan({ ...fields, epochs: 1 }), rows);
    const answer = await train({ name, device: "webgpu", epochs: 1 });
    expect(answer.reason).toBeUndefined();
    expect(answer).toMatchObject({
      state: "succeeded",
      environment: { backend: "webgpu", adapterIsSoftware: "true" },
    });
    expect(answer.environment["device"]).toMatch(/swiftshader/i);
    expect(answer.losses).toHaveLength(losses.length);
    losses.forEach((loss, i) =>
      expect(Math.abs(loss - (answer.losses[i] ?? NaN))).toBeLessThan(1e-5 * (1 + Math.abs(loss))),
    );
    for (const [metric, value] of Object.entries(outcome.metrics))
      expect(answer.metrics[metric]).toBeCloseTo(value, 4);
    expect(answer.leaked).toBe(0);
  });

  test("WASM gives the bits that it gives in Node", async () => {
    const [{ name, fields } = { name: "", fields: {} }] = combinations;
    const here = await collect(engine, somePlan(fields), rows);
    const there = await train({ name, device: "wasm" });
    expect(there.reason).toBeUndefined();
    expect(there).toMatchObject({
      state: "succeeded",
      environment: { backend: "wasm" },
      leaked: 0,
    });
    expect(there.losses).toEqual(here.losses);
  });

  test("WebGPU gives the same bits twice", async () => {
    const [{ name } = { name: "" }] = combinations;
    const first = await train({ name, device: "webgpu" });
    const second = await train({ name, device: "webgpu" });
    expect(first.losses.length).toBeGreaterThan(10);
    expect(second.losses).toEqual(first.losses);
    expect(second.weights).toEqual(first.weights);
  });

  test("`auto` leaves a software adapter alone and says why", async () => {
    const [{ name } = { name: "" }] = combinations;
    const { environment, reason } = await train({ name, device: "auto", tier: "dry" });
    expect(reason).toBeUndefined();
    expect(environment["backend"]).toBe("wasm");
    expect(environment["chosenBecause"]).toMatch(/only WebGPU adapter is software: .*swiftshader/i);
  });

  test("a long matrix product is wrong in tfjs and right with our correction", async () => {
    const { uncorrected, corrected } = await opened.page.evaluate(() =>
      (globalThis as unknown as { longProducts: () => Promise<LongProducts> }).longProducts(),
    );
    expect(uncorrected["turnedB"]).toBeGreaterThan(1);
    for (const error of Object.values(corrected)) expect(error).toBeLessThan(1e-4);
  });

  test("the dropout shader decides as the generator does, element by element", async () => {
    const { wrong, all } = await opened.page.evaluate(() =>
      (
        globalThis as unknown as { dropoutWords: () => Promise<{ wrong: number; all: number }> }
      ).dropoutWords(),
    );
    expect(all).toBe(30_021);
    expect(wrong).toBe(0);
  });
});
