import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Checkpoint } from "../engines/engine.ts";
import { writeDurably } from "./durable-file.ts";
import { digestOfBytes } from "./workspace-files.ts";
import { isSystemError } from "./server-error.ts";

const kept = 2;

/**
 * Keeps a checkpoint in a folder, and of the older ones the newest. Its name holds its step and the
 * beginning of its digest, so that a damaged file is known when it is read.
 *
 * @returns the file's name
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<string> {
  await mkdir(folder, { recursive: true });
  const digest = digestOfBytes(checkpoint.bytes).slice(0, 16);
  const name = `step-${String(checkpoint.step).padStart(10, "0")}-${digest}.safetensors`;
  await writeDurably(join(folder, name), checkpoint.bytes);
  for (const old of (await names(folder)).slice(kept)) await rm(join(folder, old), { force: true });
  return name;
}

/** The newest checkpoint that is whole; undefined where there is none. */
export async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  for (const name of await names(folder)) {
    const bytes = await readFile(join(folder, name));
    const [, step, digest] = namePattern.exec(name) ?? [];
    if (digestOfBytes(bytes).slice(0, 16) === digest)
      return { step: Number(step), bytes: new Uint8Array(bytes) };
  }
  return undefined;
}

const namePattern = /^step-(\d+)-([0-9a-f]{16})\.safetensors$/;

/** The newest first. */
async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder))
      .filter((name) => namePattern.test(name))
      .sort((a, b) => (a < b ? 1 : -1));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
