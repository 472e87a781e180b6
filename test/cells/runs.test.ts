import { afterAll, expect, test } from "vitest";
import { dense } from "../../cells/layers.ts";
import { stages } from "../../cells/stages.ts";
import type { RunUpdate, SubmitRequest } from "../../cells/host.ts";
import { lineageDigest, tableFromIPC, tableFromRows, type Table } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { jsonDigest } from "../../runtime/sha256.ts";
import type { Plan } from "../../engines/plan.ts";
import type { RunEventBody } from "../../engines/run.ts";
import {
  cardText,
  FakeHost,
  lastState,
  nativeClient,
  nextState,
  readState,
  receiptFrom,
  watch,
} from "./fake-host.ts";

const client = nativeClient();
const dev = tableFromRows("dev", [
  { x: 1, y: "a" },
  { x: 2, y: "b" },
  { x: 3, y: "a" },
]);

afterAll(() => client.close());

async function planOf(units: number): Promise<Plan> {
  const { value } = await lastState(
    stages(new FakeHost(client)).plan({
      features: [{ column: "x", kind: "number" }],
      target: { column: "y", kind: "category", vocabulary: ["a", "b"] },
      network: [dense(units, "relu"), dense(2)],
      epochs: 3,
    }),
  );
  if (value === undefined) throw new Error("there is no plan");
  return value;
}

function keyOf(request: SubmitRequest): string {
  return jsonDigest([request.plan, request.rows.digest]);
}

async function* training(
  request: SubmitRequest,
  end: Partial<Extract<RunUpdate, { type: "result" }>["result"]> = {},
): AsyncGenerator<RunUpdate> {
  const key = keyOf(request);
  yield { type: "attached", key, known: false };
  const bodies: RunEventBody[] = [
    {
      type: "state",
      state: "running",
      environment: { engine: "tfjs", backend: "wasm" },
      total: { epochs: 3, steps: 3, trainingRows: 2, validationRows: 1 },
    },
    { type: "metric", split: "training", columns: { step: [1], epoch: [1], loss: [0.7] } },
    { type: "metric", split: "validation", columns: { step: [1], epoch: [1], loss: [0.6] } },
  ];
  for (const [i, body] of bodies.entries())
    yield { type: "event", event: { seq: i + 1, at: "2026-01-01T00:00:00Z", ...body } };
  const result = {
    key,
    state: "succeeded",
    steps: 3,
    seconds: 1.5,
    metrics: { validation_loss: 0.5, validation_accuracy: 1 },
    confusion: {
      labels: ["a", "b"],
      counts: [
        [1, 0],
        [0, 1],
      ],
    },
    environment: { engine: "tfjs", backend: "wasm" },
    ...end,
  } as const;
  yield { type: "result", result: result as Extract<RunUpdate, { type: "result" }>["result"] };
}

test("a small run gives its snapshot, says where it really ran, and shows curve and matrix", async () => {
  const host = new FakeHost(client);
  host.updates = (request) => training(request);
  const { value, card } = await lastState(stages(host).smallRun(await planOf(4), dev));
  expect(value).toMatchObject({
    state: "succeeded",
    tier: "small",
    metrics: { validation_accuracy: 1 },
    history: { training: [{ loss: 0.7 }] },
  });
  expect(value?.[digestKey]).toMatch(/^[0-9a-f]{64}$/);
  expect(card.status).toBe("pass");
  expect(card.summary).toContain("tfjs, wasm");
  expect(card.parts.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["curve", "confusion"]),
  );
});

test("only scale fields differ between plan and run, and the rows cross with their digest", async () => {
  const host = new FakeHost(client);
  host.updates = (request) => training(request);
  const plan = await planOf(4);
  await lastState(stages(host).smallRun(plan, dev, { epochs: 7, device: "wasm" }));
  const [request] = host.trained;
  expect(request).toMatchObject({ plan: { ...plan, epochs: 7 }, device: "wasm", engine: "tfjs" });
  expect(request?.rows).toMatchObject({ digest: dev[digestKey], numRows: 3 });
  const sent = request !== undefined && "ipc" in request.rows ? request.rows.ipc : undefined;
  const crossed = tableFromIPC(sent ?? new Uint8Array(), { name: "rows" });
  expect(crossed[digestKey]).toBe(dev[digestKey]);
  expect(() => Reflect.apply(stages(host).smallRun, null, [plan, dev, { lr: 1 }])).toThrow(
    expect.objectContaining({ code: "argument" }),
  );
});

/** A table that stays in the database, made of rows of JavaScript. */
function remoteTable(): Promise<Table> {
  const sql = "select t.x, t.y from t, range(100)";
  return client.query(sql, { tables: { t: dev }, rowLimit: 10 });
}

test("a full run names a table of the database by its lineage, and fetches nothing of it", async () => {
  const host = new FakeHost(client);
  host.updates = (request) => training(request);
  const table = await client.query("select i as x, 'a' as y from range(300) as r(i)", {
    name: "big",
    rowLimit: 10,
  });
  expect(table.isLocal).toBe(false);
  host.query = () => Promise.reject(new Error("nothing is fetched"));
  const { error } = await lastState(stages(host).fullRun(await planOf(4), table));
  expect(error).toBeUndefined();
  expect(host.trained[0]?.rows).toEqual({
    digest: lineageDigest(required(table.lineage)),
    numRows: 300,
    lineage: table.lineage,
  });
});

test("rows that JavaScript had a part in are sent to a full run, wherever they are", async () => {
  const host = new FakeHost(client);
  host.updates = (request) => training(request);
  const { fullRun } = stages(host);
  await lastState(fullRun(await planOf(4), dev));
  await lastState(fullRun(await planOf(4), await remoteTable()));
  expect(host.trained.map(({ rows }) => [rows.numRows, "ipc" in rows])).toEqual([
    [3, true],
    [300, true],
  ]);
});

test("the tiers in the page refuse a table of the database, and say to sample it", async () => {
  const host = new FakeHost(client);
  const { dryRun, smallRun } = stages(host);
  const plan = await planOf(4);
  const table = await remoteTable();
  host.query = () => Promise.reject(new Error("nothing is fetched"));
  for (const live of [dryRun(plan, table), smallRun(plan, table)]) {
    const { error } = await lastState<unknown>(live);
    expect(error).toMatchObject({ code: "argument", hint: expect.stringContaining("sample(") });
    expect(error?.message).toContain("300 rows");
  }
  expect(host.trained).toEqual([]);
});

test("a full run that waits says what the small run lets expect, and on what it ran", async () => {
  const host = new FakeHost(client);
  const { smallRun, fullRun } = stages(host);
  host.updates = (request) => training(request, { environment: { backend: "webgpu" } });
  const small = await lastState(smallRun(await planOf(4), dev));
  const prediction = { seconds: 100, memoryBytes: 320e6, from: required(small.value).key };
  host.updates = async function* (request) {
    yield { type: "waiting", key: keyOf(request), reasons: [], canStart: true, prediction };
    await new Promise(() => undefined);
  };
  const watching = watch(fullRun(await planOf(4), dev));
  await watching.next();
  expect(cardText((await nextState(watching)).card)).toContain(
    "about 1 min 40 s (the runner's device may differ from webgpu)",
  );
  await watching.return?.();
});

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("it is not there");
  return value;
}

test("a run that waits says why, and offers its button only when it can start", async () => {
  const host = new FakeHost(client);
  host.updates = async function* (request) {
    const key = keyOf(request);
    yield { type: "waiting", key, reasons: ["The small run is missing"], canStart: false };
    yield { type: "waiting", key, reasons: ["Confirm it"], canStart: true };
    yield* training(request);
  };
  const states = [];
  for await (const state of stages(host).fullRun(await planOf(4), dev))
    states.push(readState(state));
  const waiting = states.filter(({ waitsFor }) => waitsFor !== undefined);
  expect(waiting.map(({ waitsFor }) => waitsFor)).toEqual([
    "The small run is missing",
    "Confirm it",
  ]);
  expect(waiting.map(({ card }) => card.actions.length)).toEqual([0, 1]);
  expect(waiting[0]?.card.status).toBe("waiting");
  expect(states.at(-1)?.value?.state).toBe("succeeded");
  expect(states.at(-1)?.waitsFor).toBeUndefined();
});

test("after an edit the last result is shown stale, and what changed is named", async () => {
  const host = new FakeHost(client);
  const { smallRun } = stages(host);
  host.updates = (request) => training(request);
  await lastState(smallRun(await planOf(4), dev));
  host.updates = async function* (request) {
    yield { type: "waiting", key: keyOf(request), reasons: ["Start it"], canStart: true };
    await new Promise(() => undefined);
  };
  const watching = watch(smallRun(await planOf(6), dev));
  for (;;) {
    const state = await nextState(watching);
    if (state.waitsFor === undefined) continue;
    expect(state.card.status).toBe("stale");
    expect(cardText(state.card)).toContain("Changed since: network[0].units: 4 → 6");
    expect(state.value?.metrics).toMatchObject({ validation_accuracy: 1 });
    break;
  }
  await watching.return?.();
});

test("whoever stops watching detaches from the run and never cancels it", async () => {
  const host = new FakeHost(client);
  host.updates = async function* (request) {
    yield { type: "attached", key: keyOf(request), known: false };
    await new Promise(() => undefined);
  };
  const watching = watch(stages(host).smallRun(await planOf(4), dev));
  while ((await nextState(watching)).value === undefined);
  await watching.return?.();
  await expect.poll(() => host.detached.length).toBe(1);
  expect(host.cancelled).toEqual([]);
});

test.each([
  ["failed", "run-failed", "fail", { state: "failed", reason: "the loss is NaN at step 2" }],
  ["cancelled", "run-cancelled", "cancelled", { state: "cancelled" }],
  ["lost", "run-lost", "lost", { state: "lost", reason: "its process is gone" }],
] as const)("a run that %s is an error that says so", async (_, code, status, end) => {
  const host = new FakeHost(client);
  host.updates = (request) => training(request, end);
  const { error, card } = await lastState(stages(host).fullRun(await planOf(4), dev));
  expect(error).toMatchObject({ code });
  if ("reason" in end) expect(error?.message).toContain(end.reason);
  expect(card.status).toBe(status);
});

test("a run of a broken plan is refused before anybody is asked", async () => {
  const host = new FakeHost(client);
  const broken = { ...(await planOf(4)), epochs: -1 };
  const { error } = await lastState(stages(host).smallRun(broken, dev));
  expect(error).toMatchObject({ code: "plan" });
  expect(error?.message).toContain("epochs");
  expect(host.trained).toEqual([]);
});

test("metrics that come in a flood are shown at a pace that a page can draw", async () => {
  const host = new FakeHost(client);
  host.updates = async function* (request) {
    yield { type: "attached", key: keyOf(request), known: false };
    const start = performance.now();
    for (let seq = 1; performance.now() - start < 350; seq++) {
      yield {
        type: "event",
        event: {
          seq,
          at: "2026-01-01T00:00:00Z",
          type: "metric",
          split: "training",
          columns: { step: [seq], epoch: [1], loss: [1 / seq] },
        },
      };
      if (seq % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    yield* training(request);
  };
  let states = 0;
  for await (const _ of stages(host).smallRun(await planOf(4), dev)) states++;
  expect(states).toBeGreaterThan(3);
  expect(states).toBeLessThan(12);
});

test("the dry run gives its receipt, or fails with every fault in its message", async () => {
  const host = new FakeHost(client);
  const body = {
    stage: "dryRun",
    verdict: "pass",
    summary: "all is well",
    checks: [{ name: "columns", verdict: "pass", message: "they are there" }],
    subject: {},
    metrics: { first_loss: 0.69 },
    environment: { backend: "wasm" },
  } as const;
  host.dry = () => Promise.resolve(receiptFrom(body, "shell"));
  const passed = await lastState(stages(host).dryRun(await planOf(4), dev));
  expect(passed.value?.verdict).toBe("pass");
  expect(cardText(passed.card)).toContain("vouched for by: shell");

  const checks = [
    { name: "a", verdict: "fail", where: "network[1].units", message: "it is 4", hint: "use 3" },
    { name: "b", verdict: "fail", where: "target", message: "it is gone" },
    { name: "c", verdict: "warn", message: "so what" },
  ] as const;
  host.dry = () => Promise.resolve(receiptFrom({ ...body, verdict: "fail", checks }, "shell"));
  const failed = await lastState(stages(host).dryRun(await planOf(4), dev));
  expect(failed.error).toMatchObject({ code: "dry-run" });
  expect(failed.error?.message).toBe(
    "The dry run found 2 faults:\nnetwork[1].units: it is 4 — use 3\ntarget: it is gone",
  );
  expect(failed.card.status).toBe("fail");
  expect(failed.value).toBeUndefined();
});

test("a slider in motion asks for no dry run at each of its places", async () => {
  const host = new FakeHost(client);
  let asked = 0;
  host.dry = () => {
    asked++;
    return new Promise(() => undefined);
  };
  const { dryRun } = stages(host);
  const plan = await planOf(4);
  for (let i = 0; i < 20; i++) {
    const watching = watch(dryRun(plan, dev));
    await watching.next();
    await watching.return?.();
  }
  const last = watch(dryRun(plan, dev));
  await last.next();
  void last.next();
  await expect.poll(() => asked).toBe(1);
  await last.return?.();
});
