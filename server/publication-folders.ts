import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PublicationError, readPublication, type Publication } from "../cells/share/publication.ts";
import { digestPattern } from "../runtime/sha256.ts";
import { readIfThere } from "./durable-file.ts";
import { publicationFile } from "./publication-draft.ts";
import { isSystemError, ServerError } from "./server-error.ts";

/** The publication in a folder. @throws {ServerError} 500 `publication` where it is damaged */
export async function readFolder(folder: string, digest: string): Promise<Publication> {
  try {
    const text = await readIfThere(join(folder, publicationFile));
    if (text === undefined) throw new PublicationError("There is none in the folder", "missing");
    return readPublication(text, digest);
  } catch (error) {
    if (!(error instanceof PublicationError)) throw error;
    throw new ServerError(500, "publication", `${folder} is damaged: ${error.message}`, {
      hint: "take it back, and publish the workbook again",
      cause: error,
    });
  }
}

/** The digests of the publications in a folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await entriesIn(folder)).filter((name) => digestPattern.test(name));
}

/** What is in a folder, the newest first; ages in milliseconds. */
export async function foldersByAge(
  folder: string,
): Promise<readonly { readonly name: string; readonly path: string; readonly age: number }[]> {
  const found = await Promise.all(
    (await entriesIn(folder)).map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: undefined }));
      return mtimeMs === undefined ? [] : [{ name, path, age: Date.now() - mtimeMs }];
    }),
  );
  return found.flat().sort((a, b) => a.age - b.age);
}

/** Whether there is a folder at a path. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

async function entriesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
