import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { tableFromIPC } from "../data/index.ts";
import { dryRun } from "../engines/dry-run.ts";
import type { Device } from "../engines/run.ts";
import { writeDurably } from "./durable-file.ts";
import { loadEngine } from "./engines.ts";

/** What the process of a dry run is given, as `job.json` in a folder of its own. */
export interface DryRunJob {
  /** anything that claims to be a plan */
  readonly plan: unknown;
  /** path of the rows as an Arrow IPC stream */
  readonly rows: string;
  readonly device: Device;
}

const jobSchema: v.GenericSchema<unknown, DryRunJob> = v.strictObject({
  plan: v.unknown(),
  rows: v.string(),
  device: v.picklist(["auto", "webgpu", "wasm"]),
});

/** Does the dry run that a folder holds: `job.json` in, `receipt.json` out. */
export async function runDryRunJob(folder: string): Promise<void> {
  const text = await readFile(join(folder, "job.json"), "utf8");
  const { plan, rows, device } = v.parse(v.pipe(v.string(), v.parseJson(), jobSchema), text);
  const table = tableFromIPC(new Uint8Array(await readFile(rows)), { name: "rows" });
  const body = await dryRun(plan, table, await loadEngine("tfjs"), device);
  await writeDurably(join(folder, "receipt.json"), JSON.stringify(body));
}
