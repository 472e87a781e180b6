import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { isSystemError } from "./server-error.ts";

const newline = 0x0a;
const pieceBytes = 1 << 20;

/** The complete lines of a file from a byte offset on, and where the next one will begin. */
export interface Lines {
  readonly lines: readonly string[];
  /** bytes from the file's start; a line that has no newline yet lies behind it */
  readonly offset: number;
}

/**
 * Reads the lines that a file has gained since `offset` bytes. What comes after the last newline
 * was not written to its end, yet or ever, and is left for later.
 */
export async function readLines(path: string, offset = 0): Promise<Lines> {
  const file = await openIfThere(path);
  if (file === undefined) return { lines: [], offset };
  try {
    const { size } = await file.stat();
    const bytes = await readRange(file, offset, size);
    const end = bytes.lastIndexOf(newline) + 1;
    const text = bytes.subarray(0, end).toString("utf8");
    return { lines: text.split("\n").slice(0, -1), offset: offset + end };
  } finally {
    await file.close();
  }
}

/**
 * Appends lines in one write and, where asked, waits until they are on the disk. Only one writer at
 * a time; one that finds the file for the first time calls {@link mendTail} before.
 */
export async function appendLines(
  path: string,
  lines: readonly string[],
  options: { readonly sync: boolean },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a");
  try {
    await file.appendFile(lines.map((line) => `${line}\n`).join(""));
    if (options.sync) await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Mends what a crash in mid-write leaves after the last newline: a line that lacks nothing but its
 * newline gets it, anything less is cut off.
 *
 * @param isWhole whether a text is such a line
 */
export async function mendTail(path: string, isWhole: (line: string) => boolean): Promise<void> {
  const file = await openIfThere(path, "r+");
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    const start = await lastLineStart(file, size);
    if (start === size) return;
    const tail = (await readRange(file, start, size)).toString("utf8");
    if (isWhole(tail)) await file.write("\n", size);
    else await file.truncate(start);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The offset after the last newline, looking from the end backwards. */
async function lastLineStart(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - 65_536);
    const last = (await readRange(file, start, end)).lastIndexOf(newline);
    if (last !== -1) return start + last + 1;
    end = start;
  }
  return 0;
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, end - start));
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(
      bytes,
      done,
      Math.min(pieceBytes, bytes.length - done),
      start + done,
    );
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function openIfThere(path: string, flags: "r" | "r+" = "r"): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}
