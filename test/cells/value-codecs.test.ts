import { afterAll, describe, expect, test } from "vitest";
import { dense } from "../../cells/layers.ts";
import { stages } from "../../cells/stages.ts";
import { valueCodecs } from "../../cells/value-codecs.ts";
import { isTable } from "../../data/index.ts";
import { newSnapshot, snapshotAfter, snapshotWithResult } from "../../engines/run-state.ts";
import type { RunUpdate, SubmitRequest } from "../../cells/host.ts";
import type { RunEventBody } from "../../engines/run.ts";
import { digestKey, digestOf } from "../../runtime/digest.ts";
import { decodeResult, encodeResult } from "../../runtime/result-codec.ts";
import { jsonDigest } from "../../runtime/sha256.ts";
import { difference } from "../runtime/same-value.ts";
import { FakeHost, lastState, receiptFrom } from "./fake-host.ts";

const host = new FakeHost();
const { schema, sample, plan, dryRun, smallRun } = stages(host);

afterAll(() => host.client.close());

/** What a cell with a stage gives and shows, kept and read again. */
function restored(value: unknown, card: unknown): { value: unknown; card: unknown } {
  const result = {
    fingerprint: "f",
    files: {},
    duration: 1,
    exports: { value },
    displays: [card],
  };
  const bytes = encodeResult(result, "js", valueCodecs);
  if (bytes === undefined) throw new Error("the result is refused");
  const back = decodeResult(bytes, valueCodecs);
  if (back === undefined) throw new Error("the bytes are refused");
  return { value: back.exports["value"], card: back.displays[0] };
}

async function* training(request: SubmitRequest): AsyncGenerator<RunUpdate> {
  const key = jsonDigest([request.plan, request.rows.digest]);
  yield { type: "attached", key, known: false };
  for (const [i, body] of events.entries())
    yield { type: "event", event: { seq: i + 1, at: "2026-01-01T00:00:00Z", ...body } };
  const confusion = {
    labels: ["a", "b"],
    counts: [
      [1, 0],
      [0, 1],
    ],
  };
  const metrics = { validation_loss: 0.5, validation_accuracy: 1 };
  const environment = { engine: "tfjs", backend: "wasm" };
  const rest = { steps: 3, seconds: 1.5, metrics, confusion, environment };
  yield { type: "result", result: { key, state: "succeeded", ...rest } };
}

const events: readonly RunEventBody[] = [
  {
    type: "state",
    state: "running",
    environment: { engine: "tfjs", backend: "wasm" },
    total: { epochs: 3, steps: 3, trainingRows: 2, validationRows: 1 },
  },
  { type: "metric", split: "training", columns: { step: [1], epoch: [1], loss: [0.7] } },
  { type: "metric", split: "validation", columns: { step: [1], epoch: [1], loss: [0.6] } },
];

describe("what a stage gives and shows comes back from the result cache:", async () => {
  const table = await host.client.query(
    "select i::double as x, case when i % 3 = 0 then 'a' else 'b' end as y from range(300) r(i)",
  );
  const checked = await lastState(schema(table, { x: "number", y: "category" }));
  const taken = await lastState(sample(table, { label: "y", rows: 40 }));
  const planned = await lastState(
    plan({ schema: checked.value, features: ["x"], target: "y", network: [dense(2)], epochs: 3 }),
  );
  host.dry = () =>
    Promise.resolve(
      receiptFrom(
        {
          stage: "dryRun",
          verdict: "warn",
          summary: "done",
          checks: [{ name: "loss", verdict: "warn", message: "it is high", where: "loss" }],
          subject: { plan: "p", recipe: "r" },
          metrics: { loss: 0.7 },
          environment: { backend: "wasm" },
        },
        "shell",
      ),
    );
  host.updates = training;

  test("a schema", () => {
    const { value, card } = checked;
    expect(value).toBeDefined();
    expect(difference({ value, card }, restored(value, card))).toBeUndefined();
  });

  test("a sample, which is a table", () => {
    const { value, card } = taken;
    const back = restored(value, card);
    expect(isTable(back.value) && back.value[digestKey]).toBe(value?.[digestKey]);
    expect([...(isTable(back.value) ? back.value : [])]).toEqual([...(value ?? [])]);
    expect(difference(card, back.card)).toBeUndefined();
  });

  test("a plan, which is frozen as it was", () => {
    const { value, card } = planned;
    const back = restored(value, card);
    expect(difference({ value, card }, back)).toBeUndefined();
    expect(Object.isFrozen(back.value)).toBe(true);
  });

  test("a receipt, whose checks the card shows", async () => {
    const { value, card, error } = await lastState(dryRun(planned.value, taken.value));
    expect(error).toBeUndefined();
    expect(value).toBeDefined();
    expect(difference({ value, card }, restored(value, card))).toBeUndefined();
  });

  test("a small run, with the digest that names it", async () => {
    const { value, card, error } = await lastState(smallRun(planned.value, taken.value));
    expect(error).toBeUndefined();
    const back = restored(value, card);
    expect(difference({ value, card }, back)).toBeUndefined();
    expect(digestOf(back.value)).toBe(value?.[digestKey]);
  });
});

test("a run goes on from a snapshot that was kept as it does from the first one", () => {
  const at = "2026-01-01T00:00:00Z";
  const [first, second, third] = events.map((body, i) => ({ seq: i + 1, at, ...body }));
  if (!first || !second || !third) throw new Error("there are three events");
  const snapshot = snapshotAfter(snapshotAfter(newSnapshot("k", "small"), first), second);
  const { value } = restored(snapshot, null);
  expect(difference(snapshot, value)).toBeUndefined();
  const same = value as typeof snapshot;
  expect(snapshotAfter(same, third)[digestKey]).toBe(snapshotAfter(snapshot, third)[digestKey]);
  const result = {
    key: "k",
    state: "failed",
    steps: 1,
    seconds: 1,
    metrics: {},
    environment: {},
  } as const;
  expect(
    difference(snapshotWithResult(snapshot, result), snapshotWithResult(same, result)),
  ).toBeUndefined();
});
