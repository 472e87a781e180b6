import type { ShellApi } from "../../cells/shell-api.ts";
import {
  QueryError,
  type FileResolver,
  type FileTable,
  type GivenFileTable,
} from "../../data/query-client.ts";

/**
 * The files that SQL names, as the shell gives them: under a URL, or as bytes. Bytes cross when an
 * engine attaches them, not at each query; then it is enough that the file is what it was.
 */
export function givenTables(
  shell: Pick<ShellApi, "table" | "fileDigest">,
  absolute: (path: string) => string,
): FileResolver {
  const known = new Map<string, GivenFileTable>();
  return async (path) => {
    const before = known.get(path);
    if (before !== undefined && (await shell.fileDigest(path)) === before.digest) return before;
    const { bytes, ...file } = await shell.table(path);
    if (bytes === undefined) return { ...file, location: absolute(file.location) };
    const table = { ...file, read: readOnce(shell, file, bytes) };
    known.set(path, table);
    return table;
  };
}

/** Gives the bytes that are here, and lets them go; an engine that was started anew asks for others. */
function readOnce(
  shell: Pick<ShellApi, "table">,
  { path, digest }: FileTable,
  bytes: Uint8Array<ArrayBuffer>,
): NonNullable<GivenFileTable["read"]> {
  let here: Uint8Array<ArrayBuffer> | undefined = bytes;
  return async () => {
    const read = here ?? (await readAgain(shell, path, digest));
    here = undefined;
    return read;
  };
}

async function readAgain(
  shell: Pick<ShellApi, "table">,
  path: string,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const again = await shell.table(path);
  if (again.bytes === undefined || again.digest !== digest)
    throw new QueryError(`${path} has changed meanwhile; run the query again`, "file");
  return again.bytes;
}
