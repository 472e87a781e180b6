import { mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Blobs } from "./blobs.ts";
import { Ledger } from "./ledger.ts";
import { Receipts } from "./receipts.ts";
import { resultLimits } from "./result-limits.ts";
import { DiskResultStore } from "./result-store.ts";
import { Runs } from "./runs.ts";
import { ServerError } from "./server-error.ts";
import { WorkspaceFiles } from "./workspace-files.ts";
import { WorkspaceTables } from "./workspace-tables.ts";
import { stateFolder } from "./workspace-path.ts";

/**
 * A folder of workbooks and data, and what Tierbook keeps about it in `.tierbook/`. Several
 * processes may have one workspace open at once.
 */
export interface Workspace {
  /** the folder's real path */
  readonly root: string;
  /** where Tierbook keeps its state */
  readonly state: string;
  readonly files: WorkspaceFiles;
  readonly tables: WorkspaceTables;
  readonly blobs: Blobs;
  readonly ledger: Ledger;
  readonly receipts: Receipts;
  readonly runs: Runs;
  readonly results: DiskResultStore;
}

/**
 * Opens a folder as a workspace.
 *
 * @throws {ServerError} `workspace` if there is no such folder, `limit` if a limit in the environment
 *   is no amount
 */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new ServerError(404, "workspace", `there is no folder ${folder}`, {
      hint: "name the folder that holds your workbooks",
    });
  const root = await realpath(folder);
  const state = join(root, stateFolder);
  await mkdir(state, { recursive: true });
  // state is no source: keep it out of the repository that the workspace may lie in
  await writeFile(join(state, ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
  const blobs = new Blobs(join(state, "blobs"));
  const ledger = new Ledger(join(state, "ledger.jsonl"));
  const files = new WorkspaceFiles(root);
  const tables = new WorkspaceTables(files, join(state, "tables"));
  return {
    root,
    state,
    files,
    tables,
    blobs,
    ledger,
    receipts: new Receipts(ledger),
    runs: new Runs(join(state, "runs"), blobs, tables),
    results: new DiskResultStore(join(state, "results"), resultLimits()),
  };
}
