import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { open, readdir, readFile, realpath, stat, type FileHandle } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileStart } from "../cells/report/report-file.ts";
import { fileDigest } from "./blobs.ts";
import { writeDurably } from "./durable-file.ts";
import { Mutex } from "./mutex.ts";
import { isSystemError, ServerError } from "./server-error.ts";
import { stateFolder, workspacePath } from "./workspace-path.ts";

/** A file of the workspace, as it is listed. */
export interface WorkspaceFile {
  /** from the workspace's root, with slashes */
  readonly path: string;
  readonly bytes: number;
  /** RFC 3339, UTC */
  readonly modified: string;
  readonly kind: "workbook" | "report" | "data" | "other";
  /** a workbook's or a report's title, where it has one */
  readonly title?: string;
}

/** What a writer believes is there: the file with this digest, or nothing. */
export type Expectation = { readonly digest: string } | "nothing";

const dataExtensions = [
  ".csv",
  ".tsv",
  ".parquet",
  ".json",
  ".ndjson",
  ".jsonl",
  ".arrow",
  ".duckdb",
];
const mostFiles = 5_000;

/** The files of a workspace, less Tierbook's own state. */
export class WorkspaceFiles {
  private readonly writing = new Mutex();
  /** digests of files by real path, size and time of change */
  private readonly digests = new Map<string, { readonly stamp: string; readonly digest: string }>();

  /** @param root the workspace's real path */
  constructor(readonly root: string) {}

  /** All files outside hidden folders and `node_modules`, by path. */
  async list(): Promise<WorkspaceFile[]> {
    const files: WorkspaceFile[] = [];
    await this.collect(this.root, files);
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** A file's real path. @throws {ServerError} 400 `path`, 404 `file` */
  async locate(path: string): Promise<string> {
    const real = await workspacePath(this.root, path);
    const found = await statIfThere(real);
    if (found?.isFile() !== true)
      throw new ServerError(404, "file", `there is no file ${path} in the workspace`);
    return real;
  }

  /** A file's bytes and their SHA-256. @throws {ServerError} 400 `path`, 404 `file` */
  async read(path: string): Promise<{ readonly bytes: Uint8Array; readonly digest: string }> {
    const real = await this.locate(path);
    // the last step of the path was no link when we looked; it must not have become one
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const bytes = await file.readFile();
      return { bytes, digest: digestOfBytes(bytes) };
    } finally {
      await file.close();
    }
  }

  /** The SHA-256 of a file, which may be large. @throws {ServerError} 400 `path`, 404 `file` */
  async digest(path: string): Promise<string> {
    const real = await this.locate(path);
    const { size, mtimeMs, ctimeMs, ino } = await stat(real);
    const stamp = [size, mtimeMs, ctimeMs, ino].join(" ");
    const known = this.digests.get(real);
    if (known?.stamp === stamp) return known.digest;
    const digest = await fileDigest(real);
    this.digests.set(real, { stamp, digest });
    return digest;
  }

  /**
   * Writes a workbook, at once, if what is there is what the writer believes.
   *
   * @returns the digest of what is there now
   * @throws {ServerError} 412 `conflict`; 403 `read-only` for anything but a workbook; 400 `path`
   */
  async write(path: string, text: string, expected: Expectation): Promise<string> {
    if (extname(path).toLowerCase() !== ".html")
      throw new ServerError(
        403,
        "read-only",
        `${path} is no workbook, and only those are written`,
        {
          hint: "a workbook's name ends in .html",
        },
      );
    return await this.writing.run(async () => {
      const real = await workspacePath(this.root, path);
      const bytes = new TextEncoder().encode(text);
      const digest = digestOfBytes(bytes);
      const found = await digestIfThere(real);
      if (found !== (expected === "nothing" ? undefined : expected.digest))
        throw new ServerError(412, "conflict", conflictMessage(path, found), {
          hint: "read the file again, and decide which of the two to keep",
        });
      if (found !== digest) await writeDurably(real, bytes);
      return digest;
    });
  }

  private async collect(folder: string, files: WorkspaceFile[]): Promise<void> {
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith(".") || name === "node_modules") continue;
      if (files.length >= mostFiles) return;
      const path = join(folder, name);
      const real = await realpath(path).catch(() => undefined);
      if (real === undefined || !this.isInside(real)) continue;
      const found = await statIfThere(path);
      // a link to a folder may lead round in a circle; what it leads to is listed at its own place
      if (found?.isDirectory() === true && real === path) await this.collect(path, files);
      if (found?.isFile() === true) files.push(await this.describe(path, found));
    }
  }

  private isInside(real: string): boolean {
    const segments = relative(this.root, real).split(sep);
    return segments[0] !== ".." && segments[0] !== stateFolder;
  }

  private async describe(path: string, found: Stats): Promise<WorkspaceFile> {
    const listed = {
      path: relative(this.root, path).split(sep).join("/"),
      bytes: found.size,
      modified: found.mtime.toISOString(),
    };
    const extension = extname(path).toLowerCase();
    if (dataExtensions.includes(extension)) return { ...listed, kind: "data" };
    if (extension !== ".html") return { ...listed, kind: "other" };
    const beginning = await readBeginning(path, 65_536);
    const kind = kindOf(beginning);
    if (kind === "other") return { ...listed, kind };
    const title = /<title>([^<]*)<\/title>/i.exec(beginning)?.[1]?.trim();
    return {
      ...listed,
      kind,
      ...(title === undefined || title === "" ? {} : { title: textFromHtml(title) }),
    };
  }
}

function kindOf(beginning: string): WorkspaceFile["kind"] {
  if (beginning.startsWith(fileStart)) return "report";
  return /<notebook[\s>]/i.test(beginning) ? "workbook" : "other";
}

/** SHA-256 of bytes, as 64 hex digits. */
export function digestOfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function conflictMessage(path: string, found: string | undefined): string {
  return found === undefined
    ? `${path} is no longer there`
    : `${path} is not what it was when it was opened: somebody else has written it`;
}

function textFromHtml(html: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return html
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => entities[name] ?? "");
}

async function readBeginning(path: string, bytes: number): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } catch {
    return "";
  } finally {
    await file?.close();
  }
}

async function digestIfThere(path: string): Promise<string | undefined> {
  try {
    return digestOfBytes(await readFile(path));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error;
  }
}
