import { expect, test } from "vitest";
import { AskedRun } from "../../app/shell/asked-run.ts";
import { FollowedRun } from "../../app/shell/followed-run.ts";
import { ladderRungs, progressOf, type LadderSource } from "../../app/shell/ladder.ts";
import {
  recipeDigest,
  runKey,
  type Plan,
  type Receipt,
  type ReceiptStage,
  type RunRequest,
} from "../../engines/index.ts";
import { somePlan } from "../engines/some-plan.ts";

const at = "2026-01-01T00:00:00.000Z";
const digest = "a".repeat(64);

function askedRun(tier: "small" | "full", plan: Plan = somePlan()): AskedRun {
  const rows = { digest, numRows: 148, blob: digest };
  const request: RunRequest = { tier, plan, rows, engine: "tfjs", device: "auto" };
  const asked = new AskedRun(
    request,
    runKey(request),
    recipeDigest(plan),
    "auto",
    new Uint8Array(),
  );
  asked.updates();
  return asked;
}

function receipt(stage: ReceiptStage, verdict: Receipt["verdict"], recipe?: string): Receipt {
  return {
    kind: "tierbook.receipt",
    version: 1,
    id: digest,
    at,
    vouchedBy: "shell",
    stage,
    verdict,
    summary: `${stage}: ${verdict}`,
    checks: [],
    subject: recipe === undefined ? {} : { recipe },
    metrics: {},
    environment: {},
  };
}

function source(parts: Partial<{ [Key in keyof LadderSource]: LadderSource[Key] }>): LadderSource {
  return {
    receipts: new Map(),
    dryRunsUnderWay: 0,
    recipe: recipeDigest(somePlan()),
    runs: () => [],
    ...parts,
  };
}

/** `title word` of every rung. */
function words(given: LadderSource): string[] {
  return ladderRungs(given).map(({ title, word }) => `${title}: ${word}`);
}

function follow(asked: AskedRun): FollowedRun {
  const run = new FollowedRun(asked.key, asked.request, false);
  asked.attach(run);
  return run;
}

const succeeded = {
  state: "succeeded",
  steps: 60,
  seconds: 1.5,
  metrics: { validation_accuracy: 0.97 },
  environment: {},
} as const;

test("a workbook that asks for nothing has a ladder of rungs not yet reached", () => {
  expect(words(source({ recipe: undefined }))).toEqual([
    "Schema: Not yet",
    "Sample: Not yet",
    "Plan: Not yet",
    "Dry run: Not yet",
    "Small run: Not yet",
    "Full run: Not yet",
  ]);
});

test("each rung says what its receipt came to, and the dry run that it is under way", () => {
  const receipts = new Map<ReceiptStage, Receipt>([
    ["schema", receipt("schema", "pass")],
    ["sample", receipt("sample", "warn")],
    ["plan", receipt("plan", "pass")],
    ["dryRun", receipt("dryRun", "abort")],
  ]);
  expect(words(source({ receipts })).slice(0, 4)).toEqual([
    "Schema: Passed",
    "Sample: Warnings",
    "Plan: Passed",
    "Dry run: Failed",
  ]);
  expect(words(source({ receipts, dryRunsUnderWay: 1 }))[3]).toBe("Dry run: Running");
});

test("what is of another plan than the one spoken of last is stale", () => {
  const small = askedRun("small");
  follow(small).finish({ key: small.key, ...succeeded });
  const given = {
    receipts: new Map([["dryRun", receipt("dryRun", "pass", small.recipe)]] as const),
    runs: (tier: string) => (tier === "small" ? [small] : []),
  };
  expect(words(source(given)).slice(3, 5)).toEqual(["Dry run: Passed", "Small run: Passed"]);
  expect(words(source({ ...given, recipe: digest })).slice(3, 5)).toEqual([
    "Dry run: Stale",
    "Small run: Stale",
  ]);
});

test("a run goes from waiting over ready and running to its end, and says why at each", () => {
  const asked = askedRun("full");
  const given = source({ runs: (tier) => (tier === "full" ? [asked] : []) });
  const full = () => ladderRungs(given)[5];
  asked.wait(["This plan has had no small run"]);
  expect(full()).toMatchObject({ state: "waiting", why: "This plan has had no small run." });
  asked.wait([]);
  expect(full()).toMatchObject({ state: "ready" });
  const run = follow(asked);
  expect(progressOf(asked)).toBeUndefined();
  run.append({
    seq: 1,
    at,
    type: "state",
    state: "running",
    environment: { backend: "webgpu" },
    total: { epochs: 2, steps: 40, trainingRows: 1, validationRows: 1 },
  });
  run.append({ seq: 2, at, type: "metric", split: "training", columns: { step: [10], loss: [1] } });
  expect(full()).toMatchObject({ state: "running", why: "It trains on WebGPU." });
  expect(progressOf(asked)).toBe(0.25);
  run.finish({ key: asked.key, state: "lost", reason: "its process is gone" });
  expect(full()).toMatchObject({ state: "lost", why: "Its process is gone." });
});

test("a full run that waits says what it will take, and its numbers come most telling first", () => {
  const asked = askedRun("full");
  const given = source({ runs: (tier) => (tier === "full" ? [asked] : []) });
  const facts = () => ladderRungs(given)[5]?.facts.map(({ label, value }) => `${label}: ${value}`);
  asked.prediction = { seconds: 100, memoryBytes: 320e6, from: digest };
  asked.wait([]);
  expect(facts()).toContain("Expected: about 1 min 40 s, 320 MB");
  const metrics = { training_loss: 0.4, validation_loss: 0.5, validation_pr_auc: 0.39 };
  follow(asked).finish({ key: asked.key, ...succeeded, metrics });
  expect(facts()?.slice(0, 4)).toEqual([
    "Rows: 148 rows",
    "Validation PR-AUC: 0.39",
    "Validation loss: 0.5",
    "Training loss: 0.4",
  ]);
});

test("a run whose rows are being made says so, and no longer that it waits for its turn", () => {
  const asked = askedRun("full");
  const given = source({ runs: (tier) => (tier === "full" ? [asked] : []) });
  const why = () => ladderRungs(given)[5]?.why;
  const run = follow(asked);
  run.append({ seq: 1, at, type: "state", state: "queued" });
  expect(why()).toBe("It waits for its turn on the runner.");
  run.append({ seq: 2, at, type: "log", level: "info", text: "making the rows" });
  expect(why()).toBe("Making the rows.");
  run.append({ seq: 3, at, type: "data", digest, numRows: 148, seconds: 1, memoryBytes: 1 });
  expect(why()).toBe("Its rows are made; training begins.");
  run.append({ seq: 4, at, type: "state", state: "running", environment: { backend: "wasm" } });
  expect(why()).toBe("It trains on WASM.");
});

test("an attempt that ended badly is what the rung says until somebody starts another", () => {
  const asked = askedRun("small");
  asked.lastAttempt = { state: "cancelled", reason: "cancelled after step 3" };
  asked.wait([]);
  const given = source({ runs: (tier) => (tier === "small" ? [asked] : []) });
  expect(ladderRungs(given)[4]).toMatchObject({
    state: "cancelled",
    why: "Cancelled after step 3.",
  });
});

test("of several runs the latest is shown, or the one that a person picked", () => {
  const [one, two] = [askedRun("small"), askedRun("small", somePlan({ seed: 18 }))];
  const given = source({ runs: (tier) => (tier === "small" ? [two, one] : []) });
  expect(ladderRungs(given)[4]?.asked).toBe(two);
  expect(ladderRungs(given, { small: one })[4]?.asked).toBe(one);
});
