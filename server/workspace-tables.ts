import { rm } from "node:fs/promises";
import { convertToDatabase, FileDatabaseError, type FileDatabase } from "../data/file-database.ts";
import type { FileTable } from "../data/query-client.ts";
import { ServerError } from "./server-error.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

/** Workspace files as databases, made once for each content. */
export class WorkspaceTables {
  constructor(
    private readonly files: WorkspaceFiles,
    /** where the databases are kept, by digest */
    private readonly folder: string,
  ) {}

  /**
   * A file as a database to attach; `location` is the database's real path.
   *
   * @throws {ServerError} 400 `path`, 404 `file`, 422 with {@link FileDatabaseError}'s code, 409
   *   `changed` if the file was written while it was read
   */
  async table(path: string): Promise<FileTable> {
    const real = await this.files.locate(path);
    const digest = await this.files.digest(path);
    const { location, table, numRows } = await this.convert(path, real, digest);
    if ((await this.files.digest(path)) !== digest) {
      await rm(location, { force: true });
      throw new ServerError(409, "changed", `${path} was written while it was read`, {
        hint: "run the cell again",
      });
    }
    return { path, digest, location, table, numRows };
  }

  private async convert(path: string, real: string, digest: string): Promise<FileDatabase> {
    try {
      return await convertToDatabase(real, { digest, directory: this.folder });
    } catch (error) {
      if (!(error instanceof FileDatabaseError)) throw error;
      // people know the file by its path in the workspace
      throw new ServerError(422, error.code, error.message.replaceAll(real, path), {
        cause: error,
      });
    }
  }
}
