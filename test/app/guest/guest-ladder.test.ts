import { expect, test } from "vitest";
import { Dispatch } from "../../../app/shell/dispatch.ts";
import { GuestBackend } from "../../../app/shell/guest/guest-backend.ts";
import { ladderRungs, type Rung } from "../../../app/shell/ladder.ts";
import { LocalRuns } from "../../../app/shell/local-runs.ts";
import type { SubmitRequest, TrainRequest } from "../../../cells/host.ts";
import { runCard } from "../../../cells/run-card.ts";
import { emptyLog } from "../../../cells/run-log.ts";
import { newSnapshot, recipeDigest, snapshotWithResult } from "../../../engines/index.ts";
import { runReceiptBody } from "../../../engines/run-receipt.ts";
import { vouchFor } from "../../../engines/vouching.ts";
import { sha256 } from "../../../runtime/sha256.ts";
import { somePlan } from "../../engines/some-plan.ts";
import { FakeServices, rowsMessage, someSpeed, trainedAtOnce } from "../fake-services.ts";
import { listen, only, WillingPerson } from "../willing-person.ts";
import { SomePublication, type Contents } from "./some-publication.ts";
import { publishedRun } from "./some-published-run.ts";

const plan = somePlan();
const rows = rowsMessage();
const train: TrainRequest = { plan, rows, engine: "tfjs", device: "auto" };
const submit: SubmitRequest = { plan, rows, engine: "tfjs", device: "auto" };
const serverNeeded =
  "The full tier runs on a Tierbook server: make a copy in a workspace of your own (`npx tierbook serve`) and run it there";

/** A workbook's dispatch without a server. */
async function begin(contents?: Contents) {
  const backend = new GuestBackend({
    files: {
      readFile: async () => ({ text: "", digest: sha256("") }),
      writeFile: async () => ({ digest: sha256("") }),
    },
    opened: contents && (await new SomePublication(contents).open()),
  });
  const worker = new FakeServices();
  const person = new WillingPerson();
  const services = {
    api: backend,
    feed: backend.feed,
    train: worker.train,
    dryRun: worker.dryRun,
    inspect: worker.inspect,
  };
  const dispatch = new Dispatch("mine.html", services, person, new LocalRuns());
  return { backend, worker, person, dispatch };
}

function rungOf(dispatch: Dispatch, stage: Rung["stage"]): Rung {
  const rung = ladderRungs(dispatch).find((each) => each.stage === stage);
  if (rung === undefined) throw new Error(`no rung ${stage}`);
  return rung;
}

test("without a server the ladder is climbed to the small run, and the full run says what it needs", async () => {
  const { dispatch, worker, person } = await begin();
  worker.training = async function* () {
    return { ...(yield* trainedAtOnce()), speed: someSpeed };
  };
  const full = listen(dispatch.submit(submit));
  expect((await full.until("waiting")).reasons).toEqual([
    serverNeeded,
    "This plan has had no dry run",
    "This plan has had no small run",
  ]);
  const small = listen(dispatch.train(train));
  expect(await small.until("waiting")).toMatchObject({
    canStart: false,
    reasons: ["The dry run of this plan comes first"],
  });
  await dispatch.dryRun({ plan, rows, device: "auto" });
  const { key } = await small.until("waiting", ({ canStart }) => canStart);
  await dispatch.start(only(dispatch, "small"));
  await small.ended;
  expect(small.heard.at(-1)).toMatchObject({ type: "result", result: { state: "succeeded" } });
  const waiting = await full.until("waiting", ({ reasons }) => reasons.length === 1);
  expect(waiting).toMatchObject({
    reasons: [serverNeeded],
    canStart: false,
    prediction: { from: key },
  });
  await dispatch.start(only(dispatch, "full"));
  dispatch.ask(waiting.key);
  expect(person.confirmed).toEqual([]);
  expect(person.called).toHaveLength(1);
  expect(rungOf(dispatch, "fullRun")).toMatchObject({ state: "waiting", why: `${serverNeeded}.` });
  dispatch.close();
});

test("a full run that is submitted all the same is refused", async () => {
  const { backend } = await begin();
  const { key, run } = publishedRun("full");
  const refused = { code: "no-server" };
  await expect(backend.putRun(key, run.request)).rejects.toMatchObject(refused);
  await expect(backend.putRun(key, run.request, { record: run })).rejects.toMatchObject(refused);
  await expect(
    backend.putRun("0".repeat(64), publishedRun("small").run.request, { record: run }),
  ).rejects.toMatchObject({ code: "key" });
  await expect(backend.cancelRun(key)).rejects.toMatchObject({ code: "run" });
  await expect(backend.runRecord(key)).rejects.toMatchObject({ code: "run" });
});

test("a small run of this visit is found again, and one dry run is enough", async () => {
  const { backend, dispatch, worker } = await begin();
  await dispatch.dryRun({ plan, rows, device: "auto" });
  await dispatch.dryRun({ plan, rows, device: "auto" });
  expect(worker.dryRuns).toBe(1);
  const first = listen(dispatch.train(train));
  await first.until("waiting", ({ canStart }) => canStart);
  await dispatch.start(only(dispatch, "small"));
  await first.ended;
  const person = new WillingPerson();
  const services = { ...worker, api: backend, feed: backend.feed };
  const reopened = new Dispatch("mine.html", services, person, new LocalRuns());
  const again = listen(reopened.train(train));
  await again.ended;
  expect(again.heard[0]).toMatchObject({ type: "attached", known: true });
  expect(again.heard[0]).not.toHaveProperty("isPublished");
  expect(again.heard.at(-1)).toEqual(first.heard.at(-1));
});

test("published runs are shown as what somebody else says, and open nothing", async () => {
  const small = publishedRun("small");
  const full = publishedRun("full");
  const { backend, dispatch } = await begin({
    runs: { [small.key]: small.run, [full.key]: full.run },
    fields: {
      receipts: [vouchFor(runReceiptBody(small.run.request, small.run.result), "shell")],
    },
  });
  for (const stream of [dispatch.train(train), dispatch.submit(submit)]) {
    const { ended, heard } = listen(stream);
    await ended;
    expect(heard[0]).toMatchObject({ type: "attached", known: true, isPublished: true });
    expect(heard.at(-1)).toMatchObject({ type: "result", result: { state: "succeeded" } });
  }
  for (const stage of ["smallRun", "fullRun"] as const)
    expect(rungOf(dispatch, stage)).toMatchObject({
      state: "published",
      word: "Published",
      why: expect.stringContaining("It was not run here."),
    });
  expect(await backend.ladder(recipeDigest(plan))).toMatchObject({
    smallRun: null,
    smallRunSpeed: null,
  });
});

test("a published small run can be run here, once its dry run passes", async () => {
  const { key, run } = publishedRun("small");
  const { backend, dispatch } = await begin({ runs: { [key]: run } });
  await listen(dispatch.train(train)).ended;
  const asked = only(dispatch, "small");
  expect(asked.canStart).toBe(false);
  await dispatch.start(asked);
  expect(rungOf(dispatch, "smallRun").state).toBe("published");
  await dispatch.dryRun({ plan, rows, device: "auto" });
  await expect.poll(() => asked.canStart).toBe(true);
  await dispatch.start(asked);
  await expect.poll(() => asked.run?.isOver).toBe(true);
  expect(rungOf(dispatch, "smallRun").state).toBe("pass");
  const ladder = await backend.ladder(recipeDigest(plan));
  expect(ladder.smallRun).toMatchObject({ verdict: "pass", vouchedBy: "shell" });
  expect(ladder.reasons.map(({ code }) => code)).toEqual(["no-server"]);
  const again = listen(dispatch.train(train));
  await again.ended;
  expect(again.heard[0]).not.toHaveProperty("isPublished");
});

test("a published run that does not hold together is as good as not there", async () => {
  const { key, run } = publishedRun("small");
  const other = "0".repeat(64);
  const [first, last] = run.events;
  if (first === undefined || last === undefined) throw new Error("no events");
  const bad: readonly (readonly [string, string, unknown])[] = [
    ["under another key", other, run],
    [
      "with another plan",
      key,
      { ...run, request: { ...run.request, plan: somePlan({ seed: 3 }) } },
    ],
    ["of another tier", key, { ...run, request: { ...run.request, tier: "full" } }],
    ["with another's result", key, { ...run, result: { ...run.result, key: other } }],
    ["with a gap", key, { ...run, events: [first, { ...last, seq: 3 }] }],
    ["that says two ends", key, { ...run, events: [first, { ...last, state: "failed" }] }],
    ["that failed", key, { ...run, events: [], result: { ...run.result, state: "failed" } }],
    ["without a result", key, { request: run.request, events: run.events }],
    ["with numbers that are none", key, { ...run, result: { ...run.result, seconds: "1" } }],
    ["that is no object", key, [1, 2]],
  ];
  const { backend: sound } = await begin({ runs: { [key]: run } });
  expect(await sound.run(key)).toMatchObject({ key, state: "succeeded", isPublished: true });
  for (const [what, name, content] of bad) {
    const { backend } = await begin({ runs: { [name]: content } });
    expect(await backend.run(name), what).toBe(undefined);
  }
});

test("a card says of a published run that it was not run here", () => {
  const { key, run } = publishedRun("small");
  const snapshot = snapshotWithResult(newSnapshot(key, "small"), run.result);
  const context = { tier: "small", request: train, known: true, log: emptyLog } as const;
  expect(runCard(context, snapshot).summary).toMatch(/found in the ledger$/);
  const { summary } = runCard({ ...context, isPublished: true }, snapshot);
  expect(summary).toMatch(/published, not run here$/);
});
