import { constants } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { join } from "node:path";
import { quoteName } from "../data/index.ts";
import type { Lineage } from "../data/lineage.ts";
import { isSystemError } from "./server-error.ts";

/** A file that a lineage reads. */
export interface LineageFile {
  /** as the SQL names it */
  readonly path: string;
  /** SHA-256 of the file's bytes */
  readonly digest: string;
}

/** The files of a lineage, each content and format once. */
export function lineageFiles({ statements }: Lineage): readonly LineageFile[] {
  const files = new Map<string, LineageFile>();
  for (const { files: read } of statements)
    for (const [path, digest] of Object.entries(read)) {
      const file = { path, digest };
      const name = databaseFile(file);
      if (!files.has(name)) files.set(name, file);
    }
  return [...files.values()];
}

/** The name of the file in which a run keeps a file's database. */
export function databaseFile(file: LineageFile): string {
  return `${file.digest}.${formatOf(file)}.duckdb`;
}

/** The name, as SQL has it, under which a file's database is attached. */
export function databaseName(file: LineageFile): string {
  return quoteName(`file_${file.digest}_${formatOf(file)}`);
}

/** Puts a database into a run's folder without copying it, where the disk allows. */
export async function linkDatabase(
  location: string,
  folder: string,
  file: LineageFile,
): Promise<void> {
  const path = join(folder, databaseFile(file));
  try {
    await link(location, path);
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return;
    await copyFile(location, path, constants.COPYFILE_FICLONE);
  }
}

function formatOf({ path }: LineageFile): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}
