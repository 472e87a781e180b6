import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isSystemError } from "./server-error.ts";

/**
 * Writes a file so that a reader, and a crash at any moment, finds the old content or the new and
 * nothing between: a temporary file beside it, fsync, rename, fsync of the folder.
 */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = await writeBeside(path, content);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * As {@link writeDurably}, but only where there is no such file yet. Of several writers exactly one
 * succeeds.
 *
 * @returns whether this call wrote it
 */
export async function createDurably(path: string, content: Uint8Array | string): Promise<boolean> {
  return await linkNew(await writeBeside(path, content), path);
}

/**
 * As {@link createDurably}, with the content of another file.
 *
 * @returns whether this call wrote it
 */
export async function copyDurably(from: string, path: string): Promise<boolean> {
  return await linkNew(await copyBeside(from, path), path);
}

/** Waits until a file's content is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the entries of a folder last: a rename is durable only once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    // not every file system lets a folder be synced
    if (!isSystemError(error, "EINVAL", "EPERM", "EISDIR")) throw error;
  } finally {
    await folder.close();
  }
}

/** A file's text, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

async function writeBeside(path: string, content: Uint8Array | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryFor(path);
  const file = await open(temporary, "wx", 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

async function copyBeside(from: string, path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryFor(path);
  try {
    await copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await syncFile(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/** Gives a temporary file its name, unless another file has it. @returns whether it did */
async function linkNew(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
}
