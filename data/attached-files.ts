import { queryErrorFrom } from "./duckdb-error.ts";
import { QueryError, type FileResolver, type FileTable } from "./query-client.ts";
import type { RestartableDatabase } from "./restartable-database.ts";
import { quoteName } from "./sql-type.ts";

/** A file as a query reads it. */
export interface AttachedFile {
  /** as SQL names it */
  readonly path: string;
  readonly file: FileTable;
  /** the table that holds it, as SQL that can stand after FROM */
  readonly source: string;
}

/** Files as databases, each attached when it is first named and once for its content. */
export class AttachedFiles {
  private readonly attached = new Map<string, Promise<void>>();

  constructor(
    private readonly engine: RestartableDatabase,
    private readonly resolveFile: FileResolver,
  ) {}

  /** @throws {QueryError} `file` where there is no such file, or it cannot be opened */
  async attach(path: string): Promise<AttachedFile> {
    const file = await this.resolveFile(path);
    const database = databaseOf(file);
    const attached =
      this.attached.get(database) ?? this.engine.use((engine) => engine.attach(file, database));
    this.attached.set(database, attached);
    try {
      await attached;
    } catch (cause) {
      this.attached.delete(database);
      const said = queryErrorFrom(cause);
      if (said.code === "closed") throw said;
      throw new QueryError(`${path} cannot be opened: ${said.message}`, "file", undefined, {
        cause,
      });
    }
    return { path, file, source: `${database}.${quoteName(file.table)}` };
  }

  /** The engine is gone, and with it what was attached. */
  clear(): void {
    this.attached.clear();
  }
}

/**
 * Content and format decide the name of a file's database, so two paths with one content share it,
 * and a file that changes gets another.
 */
function databaseOf({ path, digest }: FileTable): string {
  return quoteName(`file_${digest}_${path.slice(path.lastIndexOf(".") + 1).toLowerCase()}`);
}
