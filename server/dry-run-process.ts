import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { receiptBodySchema } from "../engines/receipt-schema.ts";
import type { ReceiptBody } from "../engines/receipt.ts";
import type { DryRunJob } from "./dry-run-job.ts";
import { tierbookCommand } from "./local-executor.ts";

/** How the process of a dry run is started and how long it may take. */
export interface DryRunProcessOptions {
  /** the program and its first arguments, to which `dry-run DIR` is added */
  readonly command?: readonly string[];
  /** milliseconds after which the dry run fails */
  readonly limit?: number;
}

/**
 * A dry run in a process of its own, since a plan from a stranger may make an engine crash, hang or
 * take all the memory. Whatever befalls that process is a failing check, never an exception.
 */
export async function dryRunInProcess(
  job: DryRunJob,
  { command = tierbookCommand(), limit = 60_000 }: DryRunProcessOptions = {},
): Promise<ReceiptBody> {
  const folder = await mkdtemp(join(tmpdir(), "tierbook-dry-run-"));
  try {
    await writeFile(join(folder, "job.json"), JSON.stringify(job));
    const fault = await runProcess([...command, "dry-run", folder], limit);
    const receipt = v.safeParse(
      v.pipe(v.string(), v.parseJson(), receiptBodySchema),
      await readFile(join(folder, "receipt.json"), "utf8").catch(() => ""),
    );
    if (fault === undefined && receipt.success) return receipt.output;
    return failedBody(fault ?? "the dry run's process gave no receipt");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why the process failed; undefined if it did not. */
function runProcess(
  [program = process.execPath, ...args]: readonly string[],
  limit: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    let isLate = false;
    child.stderr.on("data", (chunk: Buffer) => (said = (said + String(chunk)).slice(-2_000)));
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, limit);
    const finish = (fault: string | undefined): void => {
      clearTimeout(timer);
      resolve(fault);
    };
    child.once("error", (error) => finish(`its process could not be started: ${error.message}`));
    child.once("close", (status, signal) => {
      if (isLate) finish(`it took longer than ${limit / 1000} s`);
      else if (status === 0) finish(undefined);
      else finish(`its process ended with ${signal ?? `status ${status}`}: ${said.trim()}`);
    });
  });
}

function failedBody(message: string): ReceiptBody {
  return {
    stage: "dryRun",
    verdict: "fail",
    summary: `Dry run failed: ${message}`,
    checks: [{ name: "process", verdict: "fail", message }],
    subject: {},
    metrics: {},
    environment: { node: process.version },
  };
}
