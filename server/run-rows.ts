import { mkdir } from "node:fs/promises";
import type { RunRequest, RunRows } from "../engines/run.ts";
import type { Blobs } from "./blobs.ts";
import { checkLineage } from "./lineage-check.ts";
import { lineageFiles, linkDatabase } from "./lineage-files.ts";
import type { RunDirectory } from "./run-directory.ts";
import { ServerError } from "./server-error.ts";
import type { WorkspaceTables } from "./workspace-tables.ts";

/** The rows of runs: sent as blobs, or to be made from files of the workspace. */
export class RunRowsSource {
  constructor(
    private readonly blobs: Blobs,
    private readonly tables: WorkspaceTables,
  ) {}

  /**
   * Checks that a run's rows are here or can be made.
   *
   * @throws {ServerError} 400 `tier`, 422 `blob`, `lineage`, `sql`
   */
  async check({ tier, rows }: RunRequest): Promise<void> {
    if ("lineage" in rows) {
      if (tier !== "full")
        throw new ServerError(
          400,
          "tier",
          `a ${tier} run needs rows that are sent, not a lineage`,
          { hint: "train on a sample" },
        );
      return checkLineage(rows);
    }
    if (!(await this.blobs.has(rows.blob)))
      throw new ServerError(422, "blob", `the rows' blob ${rows.blob} is not here`, {
        hint: "send it with PUT /api/blobs/<digest>, then submit again",
      });
  }

  /**
   * Gives a run the rows, or all that they are made from.
   *
   * @throws {ServerError} 422 `file`
   */
  async link(rows: RunRows, directory: RunDirectory): Promise<void> {
    if ("blob" in rows) return await this.blobs.linkTo(rows.blob, directory.rows);
    await mkdir(directory.files, { recursive: true });
    for (const file of lineageFiles(rows.lineage)) {
      const location = await this.tables.locate(file.path, file.digest);
      await linkDatabase(location, directory.files, file);
    }
  }
}
