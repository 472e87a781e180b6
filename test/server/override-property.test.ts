import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RunDirectory, type RunFile } from "../../server/run-directory.ts";
import { Climbing } from "./climbing.ts";
import { makePlan } from "./fixtures.ts";

const plan = makePlan();
const reason = "The slot on the cluster ends tonight";

type Step =
  | {
      readonly do: "dryRun" | "smallRun";
      readonly verdict: "pass" | "fail";
      readonly by: "frame" | "shell";
    }
  | { readonly do: "repeat"; readonly verdict: "pass" | "fail" }
  | { readonly do: "submit"; readonly again: boolean; readonly override: boolean }
  | { readonly do: "finish"; readonly state: "succeeded" | "failed" | "cancelled" };

const verdict = fc.constantFrom("pass" as const, "pass" as const, "fail" as const);
const by = fc.constantFrom("shell" as const, "shell" as const, "frame" as const);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("dryRun" as const, "smallRun" as const), verdict, by }),
  fc.record({ do: fc.constant("repeat" as const), verdict }),
  fc.record({ do: fc.constant("submit" as const), again: fc.boolean(), override: fc.boolean() }),
  fc.record({ do: fc.constant("submit" as const), again: fc.boolean(), override: fc.boolean() }),
  fc.record({
    do: fc.constant("finish" as const),
    state: fc.constantFrom("succeeded" as const, "failed" as const, "cancelled" as const),
  }),
);

/** What the ladder should say, kept apart from the ladder. */
class Expectation {
  private dryRun = false;
  private smallRun = false;
  private repeat = true;
  /** a dry run that the server has repeated well is not repeated again */
  private hasRepeated = false;

  take(step: Step): void {
    if (step.do === "repeat") this.repeat = step.verdict === "pass";
    if (step.do === "dryRun" && step.by === "shell") this.dryRun = step.verdict === "pass";
    if (step.do === "smallRun" && step.by === "shell") this.smallRun = step.verdict === "pass";
  }

  /** Whether a full run may pass that asks now; asking repeats the dry run. */
  asked(): boolean {
    if (!this.dryRun || !this.smallRun) return false;
    if (this.hasRepeated) return true;
    if (this.repeat) this.hasRepeated = true;
    else this.dryRun = false;
    return this.repeat;
  }
}

/** Every full run that was ever made, those that were moved aside as well. */
async function fullRuns(climbing: Climbing): Promise<readonly RunFile[]> {
  const { folder } = climbing.workspace.runs;
  const names = await readdir(folder).catch(() => []);
  const runs = await Promise.all(
    names
      .filter((name) => !name.endsWith(".lock"))
      .map((name) => new RunDirectory(join(folder, name)).readRun()),
  );
  return runs.filter(({ request }) => request.tier === "full");
}

async function act(climbing: Climbing, step: Step): Promise<boolean> {
  if (step.do === "dryRun") await climbing.dryRun(plan, step.verdict, step.by);
  if (step.do === "smallRun") await climbing.smallRun(plan, step.verdict, step.by);
  if (step.do === "repeat") climbing.repeats = step.verdict;
  if (step.do === "finish") await climbing.finish(plan, step.state);
  if (step.do !== "submit") return false;
  const word = step.override ? { override: { reason, by: "page" as const } } : {};
  return await climbing.submit(plan, { again: step.again, ...word }).then(
    ({ isNew }) => isNew,
    (error: unknown) => {
      expect(error).toMatchObject({ status: 403, code: "ladder" });
      return false;
    },
  );
}

test("whatever is submitted when, no full run is there without its receipts or an override in the ledger", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 3, maxLength: 12 }), async (sequence) => {
      const climbing = await Climbing.begin();
      try {
        const expected = new Expectation();
        const { key } = await climbing.full(plan);
        for (const step of sequence) {
          const before = await climbing.workspace.runs.find(key);
          const isBad = before?.state === "failed" || before?.state === "cancelled";
          const asks = step.do === "submit" && (before === undefined || step.again);
          expected.take(step);
          const isOpen = asks && expected.asked();
          const isNew = await act(climbing, step);
          const mayBeMade = asks && (before === undefined || isBad) && (isOpen || step.override);
          expect(isNew).toBe(mayBeMade);
          const after = await climbing.workspace.runs.find(key);
          if (isNew) expect(after?.override === undefined).toBe(isOpen);
          else expect(after?.override).toEqual(before?.override);
        }
        const entries = await climbing.workspace.ledger.entries();
        const overrides = entries.filter(({ type }) => type === "override");
        const marked = (await fullRuns(climbing)).flatMap((run) => run.override ?? []);
        expect(marked.map(({ entry }) => entry).toSorted()).toEqual(
          overrides.map(({ hash }) => hash).toSorted(),
        );
      } finally {
        await climbing.end();
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
