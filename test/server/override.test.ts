import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planDigest, recipeDigest } from "../../engines/plan-digest.ts";
import type { Receipt } from "../../engines/receipt.ts";
import { verifyLedger, type LedgerEntry } from "../../server/ledger.ts";
import type { OverrideWord } from "../../server/overrides.ts";
import { reportProvenance } from "../../server/report-provenance.ts";
import { submitFullRun } from "../../server/submit-full-run.ts";
import { openWorkspace } from "../../server/workspace.ts";
import { Climbing } from "./climbing.ts";
import { makePlan } from "./fixtures.ts";

let climbing: Climbing;
beforeEach(async () => (climbing = await Climbing.begin()));
afterEach(() => climbing.end());

const plan = makePlan();
const reason = "The slot on the cluster ends tonight";
const override: OverrideWord = { reason, by: "page" };
const neither = ["this plan has had no dry run", "this plan has had no small run"];

const ofType = async (type: LedgerEntry["type"]): Promise<readonly LedgerEntry[]> =>
  (await climbing.workspace.ledger.entries()).filter((entry) => entry.type === type);

/** The receipt by which the server vouches for the full run. */
async function fullReceipt(): Promise<Receipt | undefined> {
  return await climbing.workspace.receipts.newest("fullRun", recipeDigest(plan));
}

test("an override is in the ledger, with every reason of the ladder, before its run is there", async () => {
  const { run, isNew } = await climbing.submit(plan, { override });
  expect(isNew).toBe(true);
  const entries = await climbing.workspace.ledger.entries();
  expect(entries.map(({ type }) => type)).toEqual(["override", "run"]);
  const [entry] = entries;
  expect(entry?.body).toEqual({
    key: run.key,
    plan: planDigest(plan),
    recipe: recipeDigest(plan),
    workbook: "test.html",
    reason,
    lacking: [
      { stage: "dryRun", code: "no-dry-run", message: neither[0] },
      { stage: "smallRun", code: "no-small-run", message: neither[1] },
    ],
    by: "page",
  });
  expect(run.override).toEqual({ reason, lacking: neither, at: entry?.at, entry: entry?.hash });
  await verifyLedger(climbing.workspace.ledger.path);
});

test("the run keeps its override: on disk, in its first event, and for whoever finds it later", async () => {
  const { run } = await climbing.submit(plan, { override });
  const directory = climbing.workspace.runs.directory(run.key);
  const file = JSON.parse(await readFile(join(directory.path, "run.json"), "utf8")) as object;
  expect(file).toMatchObject({ override: run.override });
  expect((await directory.readEvents()).events[0]).toMatchObject({
    state: "accepted",
    override: run.override,
  });
  const later = await openWorkspace(climbing.workspace.root);
  expect((await later.runs.get(run.key)).override).toEqual(run.override);
  const plain = await climbing.submit(plan);
  expect(plain).toMatchObject({ isNew: false, run: { override: run.override } });
});

test("the receipt of the run names the override and warns of it", async () => {
  const { run } = await climbing.submit(plan, { override });
  await climbing.finish(plan, "succeeded");
  expect(await fullReceipt()).toMatchObject({
    verdict: "warn",
    vouchedBy: "server",
    summary: expect.stringMatching(/; overridden$/),
    subject: { run: run.key, override: run.override?.entry },
    checks: [
      { name: "run", verdict: "pass" },
      {
        name: "override",
        verdict: "warn",
        message: `Overridden: ${reason}. Started although ${neither.join("; ")}.`,
      },
    ],
  });
});

test("where nothing is lacking there is nothing to override", async () => {
  await climbing.dryRun(plan);
  await climbing.smallRun(plan);
  const { run } = await climbing.submit(plan, { override });
  expect(run.override).toBeUndefined();
  expect(await ofType("override")).toEqual([]);
  await climbing.finish(plan, "succeeded");
  const receipt = await fullReceipt();
  expect(receipt?.verdict).toBe("pass");
  expect(receipt?.subject).not.toHaveProperty("override");
});

test("the server's own dry run that fails can be overridden as well", async () => {
  await climbing.dryRun(plan);
  await climbing.smallRun(plan);
  climbing.repeats = "fail";
  const { run } = await climbing.submit(plan, { override });
  expect(run.override?.lacking).toEqual(["the server's own dry run fails: the shapes do not fit"]);
});

test("what is no matter of the ladder is refused, and nobody's word is written down for it", async () => {
  const { key, request } = await climbing.full(plan);
  const { runs } = climbing.workspace;
  const submit = async (to: string, rows: object = {}): Promise<unknown> => {
    const other = { ...request, rows: { ...request.rows, ...rows } };
    return await submitFullRun(climbing, to, other, { override }).catch((error: unknown) => error);
  };
  expect(await submit("0".repeat(64))).toMatchObject({ status: 400, code: "key" });
  expect(await submit(key, { blob: "1".repeat(64) })).toMatchObject({ status: 422, code: "blob" });
  expect(await ofType("override")).toEqual([]);
  expect(await runs.keys()).toEqual([]);
  await climbing.submit(plan, { override });
  expect(await submit(key, { numRows: 1 })).toMatchObject({ status: 409, code: "other-run" });
  expect(await ofType("override")).toHaveLength(1);
});

test("of several overrides at once one is written and one run is made", async () => {
  const made = await Promise.all([1, 2, 3].map(() => climbing.submit(plan, { override })));
  expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(await ofType("override")).toHaveLength(1);
  expect(new Set(made.map(({ run }) => run.override?.entry)).size).toBe(1);
});

test("an overridden run that failed is done again without the mark once its ladder is climbed", async () => {
  const { run } = await climbing.submit(plan, { override });
  await climbing.finish(plan, "failed");
  expect((await climbing.submit(plan)).run).toMatchObject({
    state: "failed",
    override: { reason },
  });
  await expect(climbing.submit(plan, { again: true })).rejects.toMatchObject({ status: 403 });
  expect((await climbing.workspace.runs.get(run.key)).override).toEqual(run.override);
  await climbing.dryRun(plan);
  await climbing.smallRun(plan);
  const again = await climbing.submit(plan, { again: true });
  expect(again).toMatchObject({ isNew: true, run: { key: run.key } });
  expect(again.run.override).toBeUndefined();
  await climbing.finish(plan, "succeeded");
  expect((await fullReceipt())?.subject).not.toHaveProperty("override");
  expect(await ofType("override")).toMatchObject([{ hash: run.override?.entry }]);
  // what is shown now was not made by it
  const named = { receipts: [], runs: [run.key] };
  expect(await reportProvenance(climbing.workspace, named, [])).not.toHaveProperty("overrides");
});

test("each attempt that is overridden has its own entry", async () => {
  const first = await climbing.submit(plan, { override });
  await climbing.finish(plan, "cancelled");
  const other = { reason: "It was cancelled by mistake", by: "command line" } as const;
  const second = await climbing.submit(plan, { again: true, override: other });
  const hashes = (await ofType("override")).map(({ hash }) => hash);
  expect(hashes).toEqual([first.run.override?.entry, second.run.override?.entry]);
  expect(second.run.override?.reason).toBe(other.reason);
});

test("a report tells the overrides of the runs that it shows and of the receipts that it has", async () => {
  const { run } = await climbing.submit(plan, { override });
  await climbing.finish(plan, "succeeded");
  const told = [
    {
      at: run.override?.at,
      what: `full run ${run.key.slice(0, 12)}, although ${neither.join("; ")}`,
      reason,
    },
  ];
  const overridesOf = async (runs: string[], receipts: string[]): Promise<unknown> =>
    (await reportProvenance(climbing.workspace, { runs, receipts }, [])).overrides;
  expect(await overridesOf([run.key], [])).toEqual(told);
  expect(await overridesOf([], [(await fullReceipt())?.id ?? ""])).toEqual(told);
  expect(await overridesOf([], [])).toBeUndefined();
});

test("a broken plan's many long reasons are all in the ledger, and shortened in the run", async () => {
  const lacking = Array.from({ length: 40 }, (_, i) => ({
    stage: "dryRun",
    code: "dry-run-repeated",
    message: `${i} ${"é".repeat(900)}`,
  }));
  const { key, request } = await climbing.full(plan);
  const { run } = await climbing.dispatcher.submit(key, request, {
    override: { ...override, lacking },
  });
  expect((await ofType("override"))[0]?.body).toMatchObject({ lacking });
  expect(run.override?.lacking).toHaveLength(21);
  expect(run.override?.lacking.at(-1)).toBe("20 more reasons, which the ledger has");
  await climbing.finish(plan, "succeeded");
  expect((await fullReceipt())?.checks.at(-1)?.message.length).toBeLessThan(20_000);
});
