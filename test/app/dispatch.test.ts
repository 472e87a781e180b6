import { describe, expect, test, vi } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { Dispatch } from "../../app/shell/dispatch.ts";
import { ladderRungs } from "../../app/shell/ladder.ts";
import { LocalRuns } from "../../app/shell/local-runs.ts";
import { inspectRows } from "../../app/shell/rows-inspection.ts";
import type { SubmitRequest, TrainRequest } from "../../cells/host.ts";
import { lineageDigest, lineageFrom, type Lineage } from "../../data/index.ts";
import { receiptStages, recipeDigest, runKey } from "../../engines/index.ts";
import { predictRun } from "../../engines/prediction.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { somePlan } from "../engines/some-plan.ts";
import {
  FakeServices,
  reason,
  rowsMessage,
  someSpeed,
  trainedAtOnce,
  trainedUntilCancelled,
} from "./fake-services.ts";
import { listen, only, WillingPerson } from "./willing-person.ts";

const plan = somePlan();
const rows = rowsMessage();
const request: TrainRequest = { plan, rows, engine: "tfjs", device: "auto" };

/** A workbook's dispatch and all that is around it. */
function begin() {
  const services = new FakeServices();
  const person = new WillingPerson();
  const local = new LocalRuns();
  const dispatch = new Dispatch("penguins.html", services, person, local);
  return { services, person, local, dispatch };
}

describe("rows", () => {
  test("that are not what the frame says of them are refused", async () => {
    const { dispatch } = begin();
    const forged = { ...rows, digest: "f".repeat(64) };
    await expect(dispatch.dryRun({ plan, rows: forged, device: "auto" })).rejects.toMatchObject({
      code: "rows",
    });
    const { ended, failure } = listen(dispatch.train({ ...request, rows: forged }));
    await ended;
    expect(failure()).toMatchObject({ code: "rows" });
  });

  test("are named by their own bytes", () => {
    expect(inspectRows(rows.ipc)).toEqual({
      digest: rows.digest,
      numRows: rows.numRows,
      blob: sha256(rows.ipc),
    });
  });
});

describe("the dry run", () => {
  test("is vouched for by the shell, on rows that the server can fetch", async () => {
    const { dispatch, services } = begin();
    const receipt = await dispatch.dryRun({ plan, rows, device: "auto" });
    expect(receipt).toMatchObject({
      stage: "dryRun",
      vouchedBy: "shell",
      subject: { recipe: recipeDigest(plan), blob: sha256(rows.ipc) },
    });
    expect([...services.blobs]).toEqual([sha256(rows.ipc)]);
  });

  test("is done once for the same plan, rows and device, in this page and the next", async () => {
    const { dispatch, services, person, local } = begin();
    await Promise.all([1, 2].map(() => dispatch.dryRun({ plan, rows, device: "auto" })));
    await dispatch.dryRun({ plan, rows, device: "auto" });
    expect(services.dryRuns).toBe(1);
    await new Dispatch("other.html", services, person, local).dryRun({
      plan,
      rows,
      device: "auto",
    });
    expect(services.dryRuns).toBe(1);
    await dispatch.dryRun({ plan, rows, device: "webgpu" });
    expect(services.dryRuns).toBe(2);
  });

  test("is done again after a newer one of the same plan has failed", async () => {
    const { dispatch, services } = begin();
    const { subject } = await dispatch.dryRun({ plan, rows, device: "auto" });
    const failed = { stage: "dryRun", verdict: "fail", summary: "", checks: [] } as const;
    await services.api.postReceipt({ ...failed, subject, metrics: {}, environment: {} }, "shell");
    await dispatch.dryRun({ plan, rows, device: "auto" });
    expect(services.dryRuns).toBe(2);
  });
});

describe("a small run", () => {
  test("waits for the dry run, then for the person, and never starts by itself", async () => {
    const { dispatch, services } = begin();
    const { until, heard } = listen(dispatch.train(request));
    expect(await until("waiting")).toMatchObject({
      canStart: false,
      reasons: ["The dry run of this plan comes first"],
    });
    await dispatch.dryRun({ plan, rows, device: "auto" });
    await until("waiting", ({ canStart }) => canStart);
    expect(heard.some(({ type }) => type === "attached")).toBe(false);
    expect(services.runs.size).toBe(0);
  });

  test("is kept with its receipt before anybody hears its result", async () => {
    const { dispatch, services } = begin();
    const { until, heard, ended } = listen(dispatch.train(request));
    await dispatch.dryRun({ plan, rows, device: "auto" });
    const { key } = await until("waiting", ({ canStart }) => canStart);
    services.log.length = 0;
    await dispatch.start(only(dispatch, "small"));
    const { result } = await until("result");
    const resultAt = [...services.log];
    await ended;
    expect(result).toMatchObject({ key, state: "succeeded", metrics: { validation_accuracy: 1 } });
    expect(resultAt).toEqual(["blob", "blob", "run small", "receipt smallRun"]);
    const events = heard.flatMap((update) => (update.type === "event" ? [update.event] : []));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.map(({ type }) => type)).toEqual(["state", "metric", "artifact", "state"]);
    expect(services.runs.get(key)?.events).toEqual(events);
    expect(services.receipts.at(-1)).toMatchObject({
      vouchedBy: "shell",
      body: { stage: "smallRun", verdict: "pass", subject: { run: key } },
    });
  });

  test("has the key of what the worker was given", async () => {
    const { dispatch, person } = begin();
    person.chosen = "wasm";
    const { until } = listen(dispatch.train(request));
    const { key } = await until("waiting");
    expect(key).toBe(
      runKey({
        tier: "small",
        plan,
        rows: { digest: rows.digest, numRows: rows.numRows, blob: sha256(rows.ipc) },
        engine: "tfjs",
        device: "wasm",
      }),
    );
  });

  test("that waits becomes another run when the person chooses another device", async () => {
    const { dispatch, person } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    const asked = listen(dispatch.train(request));
    const forced = listen(dispatch.train({ ...request, device: "webgpu" }));
    const before = await asked.until("waiting");
    const forcedBefore = await forced.until("waiting");
    person.chosen = "wasm";
    await dispatch.deviceChanged();
    await asked.until("waiting", ({ key }) => key !== before.key);
    expect(forced.heard).toEqual([forcedBefore]);
  });

  test("that is known comes back with all its events, without running", async () => {
    const { dispatch, services, person, local } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    const first = listen(dispatch.train(request));
    await first.until("waiting");
    await dispatch.start(only(dispatch, "small"));
    await first.ended;
    services.training = () => {
      throw new Error("it must not train again");
    };
    const later = new Dispatch("penguins.html", services, person, local);
    const second = listen(later.train(request));
    await second.ended;
    expect(second.heard[0]).toMatchObject({ type: "attached", known: true });
    expect(second.heard.slice(1)).toEqual(
      first.heard.filter(({ type }) => type === "event" || type === "result"),
    );
  });

  test("that was cancelled proves nothing, and can be started again", async () => {
    const { dispatch, services } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    services.training = trainedUntilCancelled;
    const first = listen(dispatch.train(request));
    const { key } = await first.until("waiting");
    await dispatch.start(only(dispatch, "small"));
    await first.until("event");
    await dispatch.cancel(key);
    expect(await first.until("result")).toMatchObject({ result: { state: "cancelled" } });
    expect(services.receipts.some(({ body }) => body.stage === "smallRun")).toBe(false);

    const second = listen(dispatch.train(request));
    expect(await second.until("waiting")).toMatchObject({
      canStart: true,
      reasons: ["The last attempt was cancelled: cancelled after step 1 of 2"],
    });
  });

  test("goes on when the workbook is closed, and the next one attaches to it", async () => {
    const { dispatch, services, person, local } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    services.training = trainedUntilCancelled;
    const first = listen(dispatch.train(request));
    const { key } = await first.until("waiting");
    await dispatch.start(only(dispatch, "small"));
    await first.until("event");
    dispatch.close();
    const later = new Dispatch("penguins.html", services, person, local);
    const second = listen(later.train(request));
    expect(await second.until("attached")).toMatchObject({ key });
    await later.cancel(key);
    await second.until("result");
  });

  test("that failed on the server's side says so in its log", async () => {
    const { dispatch, services } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    const { until, heard } = listen(dispatch.train(request));
    await until("waiting");
    services.refusal = new ApiError("Tierbook's server does not answer", "server-gone", 0);
    await dispatch.start(only(dispatch, "small"));
    await until("result");
    expect(
      heard.flatMap((update) =>
        update.type === "event" && update.event.type === "log" ? [update.event.text] : [],
      ),
    ).toEqual([
      "This run could not be kept on the server, so it opens nothing: Tierbook's server does not answer. Run it again.",
    ]);
  });
});

describe("a card that asks", () => {
  test("starts a small run only where the person has allowed that and is there", async () => {
    const { dispatch, person } = begin();
    await dispatch.dryRun({ plan, rows, device: "auto" });
    const { until, heard } = listen(dispatch.train(request));
    const { key } = await until("waiting");
    dispatch.ask(key);
    person.allows = true;
    person.present = false;
    dispatch.ask(key);
    expect(person.called).toHaveLength(2);
    expect(heard.some(({ type }) => type === "attached")).toBe(false);
    person.present = true;
    dispatch.ask(key);
    await until("result");
  });

  test("brings a full run before the person, whatever is allowed", async () => {
    const { dispatch, person, services } = begin();
    person.allows = true;
    person.confirm = async (asked) => void person.confirmed.push(asked);
    const { key } = await readyFull(dispatch);
    dispatch.ask(key);
    await vi.waitFor(() => expect(person.confirmed).toHaveLength(1));
    expect([...services.runs.values()].some((run) => run.request.tier === "full")).toBe(false);
  });

  test("cannot name a run that the workbook has not asked for", () => {
    const { dispatch } = begin();
    expect(() => dispatch.ask("a".repeat(64))).toThrow(
      expect.objectContaining({ code: "unknown-run" }),
    );
  });
});

describe("a full run", () => {
  test("waits with the server's reasons until the ledger has what it lacks", async () => {
    const { dispatch } = begin();
    const full = listen(dispatch.submit(request));
    expect(await full.until("waiting")).toMatchObject({
      canStart: false,
      reasons: ["This plan has had no dryRun", "This plan has had no smallRun"],
    });
    await climb(dispatch);
    await full.until("waiting", ({ canStart }) => canStart);
  });

  test("is submitted once it is confirmed, and followed", async () => {
    const { dispatch, services, person } = begin();
    const { key, stream } = await readyFull(dispatch);
    await dispatch.start(only(dispatch, "full"));
    expect(person.confirmed.map((asked) => asked.request.rows.numRows)).toEqual([rows.numRows]);
    expect(await stream.until("attached")).toMatchObject({ key, known: false });
    const at = "2026-01-01T00:00:00.000Z";
    services.following.get(key)?.event({ seq: 1, at, type: "state", state: "running" });
    const result = { key, state: "lost", reason: "its process is gone" } as const;
    services.following.get(key)?.result(result);
    await stream.ended;
    expect(stream.heard.slice(-2)).toEqual([
      { type: "event", event: { seq: 1, at, type: "state", state: "running" } },
      { type: "result", result },
    ]);
  });

  test("that the server refuses waits again, with the server's reasons", async () => {
    const { dispatch, services, person } = begin();
    const { stream } = await readyFull(dispatch);
    services.refusal = new ApiError("closed", "ladder", 403, undefined, [reason("smallRun")]);
    let said: unknown;
    person.confirm = async (_asked, submit) => {
      said = await submit().catch((error: unknown) => error);
    };
    await dispatch.start(only(dispatch, "full"));
    expect(said).toBe(services.refusal);
    expect(await stream.until("waiting", ({ canStart }) => !canStart)).toMatchObject({
      reasons: ["This plan has had no smallRun"],
    });
  });

  test("that another tab has started is followed here as well", async () => {
    const { dispatch, services } = begin();
    const { key, stream } = await readyFull(dispatch);
    await services.api.putRun(key, only(dispatch, "full").request);
    expect(await stream.until("attached")).toMatchObject({ key, known: true });
  });

  test("is let go, not cancelled, when nobody reads it any more", async () => {
    const { dispatch, services } = begin();
    await readyFull(dispatch);
    await dispatch.start(only(dispatch, "full"));
    const stream = dispatch.submit(request)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: "attached" });
    const pending = stream.next();
    await stream.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(services.log.some((line) => line.startsWith("cancel"))).toBe(false);
  });
});

describe("a full run of a table that is named by its lineage", () => {
  const lineage = lineageFrom("select * from 'flights.csv'", {
    engine: "v1.5.6",
    tables: {},
    files: { "flights.csv": "a".repeat(64) },
  });
  const ofLineage = (lineage: Lineage, digest = lineageDigest(lineage)): SubmitRequest => ({
    ...request,
    rows: { digest, numRows: 3_000_000, lineage },
  });

  test("sends no rows: the request that is submitted names them", async () => {
    const { dispatch, services } = begin();
    await climb(dispatch);
    services.log.length = 0;
    const stream = listen(dispatch.submit(ofLineage(lineage)));
    const { key } = await stream.until("waiting", ({ canStart }) => canStart);
    await dispatch.start(only(dispatch, "full"));
    await stream.until("attached");
    expect(services.log.filter((line) => line !== "run?")).toEqual(["run full"]);
    expect(services.runs.get(key)?.request.rows).toEqual(ofLineage(lineage).rows);
  });

  test("is refused where the name is not the lineage's, or JavaScript had a part in it", async () => {
    const { dispatch } = begin();
    const forged = listen(dispatch.submit(ofLineage(lineage, "f".repeat(64))));
    await forged.ended;
    expect(forged.failure()).toMatchObject({ code: "rows" });
    const made = lineageFrom("select * from t", {
      engine: "v1.5.6",
      tables: { t: { digest: "b".repeat(64) } },
      files: {},
    });
    const fromJavaScript = listen(dispatch.submit(ofLineage(made)));
    await fromJavaScript.ended;
    expect(fromJavaScript.failure()).toMatchObject({ code: "rows" });
    expect(dispatch.runs("full")).toEqual([]);
  });

  test("waits with what the small run lets expect of all the rows", async () => {
    const { dispatch, services } = begin();
    const stream = listen(dispatch.submit(ofLineage(lineage)));
    expect(await stream.until("waiting")).not.toHaveProperty("prediction");
    services.training = async function* () {
      return { ...(yield* trainedAtOnce()), speed: someSpeed };
    };
    await climb(dispatch);
    const { prediction } = await stream.until("waiting", ({ canStart }) => canStart);
    expect(prediction).toEqual({
      ...predictRun(plan, 3_000_000, someSpeed),
      from: only(dispatch, "small").key,
    });
  });
});

/** Takes the plan up to its small run. */
async function climb(dispatch: Dispatch): Promise<void> {
  await dispatch.dryRun({ plan, rows, device: "auto" });
  const small = listen(dispatch.train(request));
  await small.until("waiting", ({ canStart }) => canStart);
  await dispatch.start(only(dispatch, "small"));
  await small.ended;
}

/** A full run that only a person keeps from starting. */
async function readyFull(dispatch: Dispatch) {
  await climb(dispatch);
  const stream = listen(dispatch.submit(request));
  const { key } = await stream.until("waiting", ({ canStart }) => canStart);
  return { key, stream };
}

test("what a workbook says of a tier that the shell sees for itself is written down, not shown", async () => {
  const { dispatch, services } = begin();
  const forged = {
    stage: "dryRun",
    verdict: "pass",
    summary: "all is well",
    checks: [],
    subject: { recipe: recipeDigest(plan) },
    metrics: {},
    environment: {},
  } as const;
  expect(await dispatch.receipt(forged)).toMatchObject({ vouchedBy: "frame" });
  await dispatch.receipt({ ...forged, stage: "schema" });
  expect(services.receipts).toHaveLength(2);
  expect([...dispatch.receipts.keys()]).toEqual(["schema"]);
  const small = listen(dispatch.train(request));
  expect(await small.until("waiting")).toMatchObject({ canStart: false });
});

describe("a receipt that a restored card names", () => {
  const found = {
    stage: "plan",
    verdict: "pass",
    summary: "the plan that was there before",
    checks: [],
    subject: { recipe: "a".repeat(64) },
    metrics: {},
    environment: {},
  } as const;

  test("stands in the ladder as when it was written, in this page and the next", async () => {
    const { dispatch, services } = begin();
    const { id } = await dispatch.receipt(found);
    await dispatch.receipt({ ...found, subject: { recipe: "b".repeat(64) } });
    expect(dispatch.recipe).toBe("b".repeat(64));
    expect(await dispatch.recallReceipt(id)).toBe(true);
    expect([dispatch.recipe, dispatch.receipts.get("plan")?.id]).toEqual(["a".repeat(64), id]);

    const next = new Dispatch("penguins.html", services, new WillingPerson(), new LocalRuns());
    expect(next.receipts.size).toBe(0);
    let changes = 0;
    next.changes.listen(() => (changes += 1));
    expect(await next.recallReceipt(id)).toBe(true);
    expect(ladderRungs(next)[2]).toMatchObject({ word: "Passed", why: found.summary });
    expect([next.recipe, changes]).toEqual(["a".repeat(64), 1]);
    expect(services.receipts.length).toBe(2);
  });

  test("that the ledger does not have changes nothing, and is told", async () => {
    const { dispatch } = begin();
    expect(await dispatch.recallReceipt("c".repeat(64))).toBe(false);
    expect([dispatch.receipts.size, dispatch.recipe]).toEqual([0, undefined]);
  });

  test("is refused for every tier that the shell sees for itself, whoever vouched for it", async () => {
    const { dispatch, services } = begin();
    for (const stage of receiptStages)
      for (const vouchedBy of ["frame", "shell"] as const) {
        const { id } = await services.api.postReceipt({ ...found, stage }, vouchedBy);
        const recalled = dispatch.recallReceipt(id);
        if (["schema", "sample", "plan"].includes(stage)) expect(await recalled).toBe(true);
        else await expect(recalled).rejects.toMatchObject({ code: "refused" });
      }
    expect([...dispatch.receipts.keys()]).toEqual(["schema", "sample", "plan"]);
  });

  test("that is found late does not take the place of one that was written meanwhile", async () => {
    const { dispatch, services } = begin();
    const before = await dispatch.receipt(found);
    let answer = (): void => undefined;
    services.isReceiptFound = new Promise((resolve) => (answer = resolve));
    const recalled = dispatch.recallReceipt(before.id);
    const newer = await dispatch.receipt({ ...found, summary: "a newer plan" });
    answer();
    expect(await recalled).toBe(true);
    expect(dispatch.receipts.get("plan")?.id).toBe(newer.id);
  });
});
