import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { openModulePage, type ModulePage } from "../../harness/module-page.ts";
import { collect } from "../collect.ts";
import { combinations, nan } from "../combinations.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";
import type { LongProducts } from "./long-products.ts";
import { widePlan } from "./wide-plan.ts";
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

/** Calls a function that the page's entry put on its global object. */
function call<T>(name: string): Promise<T> {
  return opened.page.evaluate(
    (of) => (globalThis as unknown as Record<string, () => Promise<T>>)[of]?.() ?? Promise.reject(),
    name,
  ) as Promise<T>;
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
    const { uncorrected, corrected } = await call<LongProducts>("longProducts");
    expect(uncorrected["turnedB"]).toBeGreaterThan(1);
    for (const error of Object.values(corrected)) expect(error).toBeLessThan(1e-4);
  });

  test("the dropout shader decides as the generator does, element by element", async () => {
    const { wrong, all } = await call<{ wrong: number; all: number }>("dropoutWords");
    expect(all).toBe(30_021);
    expect(wrong).toBe(0);
  });

  test("a network that reaches that product trains as on WASM", async () => {
    const { losses } = await collect(engine, widePlan, someTable(60));
    const there = await call<readonly number[]>("wideLosses");
    expect(there).toHaveLength(losses.length);
    losses.forEach((loss, i) => expect(Math.abs(loss - (there[i] ?? NaN))).toBeLessThan(1e-4));
  });

  test("an error of the device and its loss fail the run with the reason; the next run is well", async () => {
    const { error, afterError, lost, afterLoss } =
      await call<Readonly<Record<string, string>>>("deviceFaults");
    expect(error).toMatch(/^failed: WebGPU reported an error: .*usage/i);
    expect(lost).toMatch(/^failed: the WebGPU device was lost: /);
    expect(afterError).toBe("succeeded: ");
    expect(afterLoss).toBe("succeeded: ");
  });

  test("WebGPU stops on NaN at the step at which WASM does", async () => {
    const here = await collect(engine, somePlan(nan), rows);
    const there = await train({ name: "nan", device: "webgpu", epochs: 3 });
    expect(here.outcome.reason).toMatch(/^the loss became (NaN|Infinity) at step \d+$/);
    expect(there.state).toBe("failed");
    expect(there.reason?.replace(/NaN|Infinity/, "")).toBe(
      here.outcome.reason?.replace(/NaN|Infinity/, ""),
    );
    expect(there.leaked).toBe(0);
  });
});
