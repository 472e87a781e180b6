import type { ShellApi } from "../shell-api.ts";

/** A file, and the SHA-256 of the bytes that were read of it last. */
export interface FileRead {
  readonly path: string;
  readonly digest: string;
}

type FileCalls = Pick<ShellApi, "file" | "table" | "fileDigest">;

/** Which files a workbook has asked for: its shell gives them, so its shell knows. */
export class FilesRead {
  private readonly digests = new Map<string, string>();

  /** All files so far, by path. */
  list(): readonly FileRead[] {
    return Array.from(this.digests, ([path, digest]) => ({ path, digest })).sort((a, b) =>
      a.path < b.path ? -1 : 1,
    );
  }

  /** What gives files, with what it gives noted. */
  noting(shell: FileCalls): FileCalls {
    const note = (path: string, digest: string | null): void => {
      if (digest !== null) this.digests.set(path, digest);
    };
    return {
      file: async (path) => {
        const file = await shell.file(path);
        note(path, file.digest);
        return file;
      },
      table: async (path) => {
        const table = await shell.table(path);
        note(path, table.digest);
        return table;
      },
      // asked about what a kept result was made of
      fileDigest: async (path) => {
        const digest = await shell.fileDigest(path);
        note(path, digest);
        return digest;
      },
    };
  }
}
