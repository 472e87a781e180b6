import * as v from "valibot";
import { digestSchema } from "../../engines/receipt-schema.ts";
import type { ShellApi } from "../shell-api.ts";
import { pathSchema } from "../wire-schema.ts";

/** A file, and the SHA-256 of the bytes that were read of it last. */
export interface FileRead {
  readonly path: string;
  readonly digest: string;
  /** how it was asked for */
  readonly asked: readonly FileAsk[];
}

/** As a `table` for SQL, as `bytes`, or only for its `digest`, to see whether a kept result holds. */
export type FileAsk = "table" | "bytes" | "digest";

type FileCalls = Pick<ShellApi, "file" | "table" | "fileDigest">;

/** Which files a workbook has asked for: its shell gives them, so its shell knows. */
export class FilesRead {
  private readonly files = new Map<string, { digest: string; asked: Set<FileAsk> }>();

  /** All files so far, by path. */
  list(): readonly FileRead[] {
    return Array.from(this.files, ([path, { digest, asked }]) => ({
      path,
      digest,
      asked: [...asked].sort(),
    })).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** What gives files, with what it gives noted. */
  noting(shell: FileCalls): FileCalls {
    const note = (path: string, digest: string | null, ask: FileAsk): void => {
      if (digest === null) return;
      const asked = this.files.get(path)?.asked ?? new Set();
      this.files.set(path, { digest, asked: asked.add(ask) });
    };
    return {
      file: async (path) => {
        const file = await shell.file(path);
        note(path, file.digest, "bytes");
        return file;
      },
      table: async (path) => {
        const table = await shell.table(path);
        note(path, table.digest, "table");
        return table;
      },
      // asked about what a kept result was made of
      fileDigest: async (path) => {
        const digest = await shell.fileDigest(path);
        note(path, digest, "digest");
        return digest;
      },
    };
  }
}

/** The files of a workbook as they cross a border. */
export const filesReadSchema: v.GenericSchema<unknown, readonly FileRead[]> = v.pipe(
  v.array(
    v.strictObject({
      path: pathSchema,
      digest: digestSchema,
      asked: v.pipe(v.array(v.picklist(["table", "bytes", "digest"])), v.maxLength(3)),
    }),
  ),
  v.maxLength(10_000),
);
