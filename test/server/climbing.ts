import type { Plan } from "../../engines/plan.ts";
import type { ReceiptBody, Voucher } from "../../engines/receipt.ts";
import type { RunRequest, RunResult } from "../../engines/run.ts";
import { Dispatcher } from "../../server/dispatcher.ts";
import type { Executor } from "../../server/executor.ts";
import { Ladder } from "../../server/ladder.ts";
import { submitFullRun, type FullRunSubmission } from "../../server/submit-full-run.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import type { Made } from "../../server/runs.ts";
import { makeReceipt, makeRequest, makeResult, makeRows, temporaryFolder } from "./fixtures.ts";

/** An executor whose processes never do anything. */
const idle: Executor = {
  start: async () => undefined,
  isAlive: async () => false,
  exitOf: () => undefined,
  cancel: async () => undefined,
  onExit: () => undefined,
};

/** A workspace with its ladder and runs that wait for ever, and a way up rung by rung. */
export class Climbing {
  /** what the server's own dry run finds */
  repeats: "pass" | "fail" = "pass";
  readonly dispatcher: Dispatcher;
  readonly ladder: Ladder;

  private constructor(
    readonly workspace: Workspace,
    private readonly removeFolder: () => Promise<void>,
  ) {
    this.dispatcher = new Dispatcher(workspace, idle);
    this.ladder = new Ladder(workspace, async (plan) => {
      const { request } = await makeRequest(workspace, "small", plan, makeRows(60));
      const check = { name: "shapes", verdict: this.repeats, message: "the shapes do not fit" };
      return makeReceipt("dryRun", request, { verdict: this.repeats, checks: [check] });
    });
  }

  static async begin(): Promise<Climbing> {
    const { path, remove } = await temporaryFolder();
    return new Climbing(await openWorkspace(path), remove);
  }

  async end(): Promise<void> {
    await this.dispatcher.look();
    await this.dispatcher.stop();
    await this.removeFolder();
  }

  async dryRun(
    plan: Plan,
    verdict: ReceiptBody["verdict"] = "pass",
    by: Voucher = "shell",
  ): Promise<void> {
    const { request } = await makeRequest(this.workspace, "small", plan, makeRows(60));
    await this.workspace.receipts.add(makeReceipt("dryRun", request, { verdict }), by);
  }

  async smallRun(
    plan: Plan,
    verdict: ReceiptBody["verdict"] = "pass",
    by: Voucher = "shell",
  ): Promise<void> {
    const { key, request } = await makeRequest(this.workspace, "small", plan, makeRows(60));
    await this.workspace.runs.record(key, request, { events: [], result: makeResult(key) });
    const receipt = makeReceipt("smallRun", request, { verdict, run: key });
    await this.workspace.receipts.add(receipt, by);
  }

  /** Submits the full run of a plan. */
  async submit(plan: Plan, how: FullRunSubmission = {}): Promise<Made> {
    const { key, request } = await this.full(plan);
    return await submitFullRun(this, key, request, how);
  }

  /** The full run of a plan, by its request. */
  full(plan: Plan): Promise<{ key: string; request: RunRequest }> {
    return makeRequest(this.workspace, "full", plan);
  }

  /** Has the full run of a plan come to an end, where it is there and goes on. */
  async finish(plan: Plan, state: RunResult["state"]): Promise<void> {
    const { key } = await this.full(plan);
    if ((await this.workspace.runs.find(key)) === undefined) return;
    await this.workspace.runs.directory(key).writeEnd(makeResult(key, state));
    await this.dispatcher.look();
  }
}
