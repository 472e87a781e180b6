import { rm } from "node:fs/promises";
import {
  convertToDatabase,
  FileDatabaseError,
  findDatabase,
  type FileDatabase,
} from "../data/file-database.ts";
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

  /**
   * The database of a file as it was when its bytes had a digest: the one that was made then, whatever
   * has become of the file, or one made now, if the file still is what it was.
   *
   * @returns the database's real path
   * @throws {ServerError} 422 `file`, or as {@link table}
   */
  async locate(path: string, digest: string): Promise<string> {
    const known = await findDatabase(path, { digest, directory: this.folder }).catch(unreadable);
    if (known !== undefined) return known.location;
    const now = await this.files.digest(path).catch((error: unknown) => {
      if (error instanceof ServerError) return undefined;
      throw error;
    });
    if (now !== digest)
      throw new ServerError(
        422,
        "file",
        now === undefined
          ? `${path} is no longer there`
          : `${path} is no longer what the workbook read`,
        { hint: "run the cell that reads it again" },
      );
    return (await this.table(path)).location;
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

function unreadable(error: unknown): never {
  if (!(error instanceof FileDatabaseError)) throw error;
  throw new ServerError(422, "file", error.message, { cause: error });
}
