import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { fileFormats } from "../data/file-database.ts";
import type { FileTable } from "../data/query-client.ts";
import type { FileRead } from "../cells/report/files-read.ts";
import type { PublishedFile } from "../cells/share/publication.ts";
import type { PreparedFile } from "../cells/share/publishing.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { PublicationDraft } from "./publication-draft.ts";
import { ServerError } from "./server-error.ts";
import type { Workspace } from "./workspace.ts";

/** A file of a workbook, as its publication has it. */
export interface FileOfPublication {
  readonly published: PublishedFile;
  readonly prepared: PreparedFile;
  /** what can be searched where its bytes are no text */
  readonly table?: FileTable;
}

/** What decides which content of a workbook's files goes with it. */
export interface FileChoice {
  /** the workbook's text */
  readonly text: string;
  /** whether the person lets any go */
  readonly withData: boolean;
}

/**
 * Names a file that a workbook has read, and puts its content into a publication where the person
 * agrees: as a database where SQL reads it, as bytes where cells do. A file that is no longer what
 * was read stays at home.
 *
 * @throws {ServerError} 400 `path` for what is no data of the workspace, 409 `changed` for a file
 *   that was written meanwhile
 */
export async function publishFile(
  workspace: Workspace,
  draft: PublicationDraft,
  file: FileRead,
  { text, withData }: FileChoice,
): Promise<FileOfPublication> {
  const { path, digest } = file;
  if (/\.html?$/i.test(path))
    throw new ServerError(400, "path", `${path} is a workbook, which is no data of another one`);
  const size = await sizeIfUnchanged(workspace, file);
  const named = { path, digest, mediaType: mediaTypeOf(path), size: size ?? 0 };
  if (size === undefined || !withData) {
    const reason = "it is no longer what the workbook has read; run the cells that read it again";
    const why = withData ? { reason } : {};
    return { published: named, prepared: { path, size: named.size, isIncluded: false, ...why } };
  }
  const prepared = { path, size, isIncluded: true };
  const table = mayBeReadAsTable(file) ? await tableOf(workspace, file) : undefined;
  const isTextRead = mayBeReadAsBytes(file, text) || table === undefined;
  const content = {
    ...(isTextRead && { bytes: await addBytes(workspace, draft, file) }),
    ...(table !== undefined && {
      table: {
        part: await draft.addFile(`${path} as a table`, table.location),
        table: table.table,
        numRows: table.numRows,
      },
    }),
  };
  const searched = table ?? (isPacked(path) ? await tableOf(workspace, file) : undefined);
  return {
    published: { ...named, ...content },
    prepared,
    ...(searched !== undefined && isPacked(path) && { table: searched }),
  };
}

/** A kept result does not say how its file was read. */
function mayBeReadAsTable({ path, asked }: FileRead): boolean {
  return asked.includes("table") || (!asked.includes("bytes") && isReadBySql(path));
}

function mayBeReadAsBytes({ asked }: FileRead, text: string): boolean {
  return asked.includes("bytes") || (asked.includes("digest") && text.includes("FileAttachment"));
}

function isReadBySql(path: string): boolean {
  const format = extname(path).slice(1).toLowerCase();
  return fileFormats.some((known) => known === format);
}

function isPacked(path: string): boolean {
  return extname(path).toLowerCase() === ".parquet";
}

async function sizeIfUnchanged(
  { files }: Workspace,
  { path, digest }: FileRead,
): Promise<number | undefined> {
  try {
    if ((await files.digest(path)) !== digest) return undefined;
    return (await stat(await files.locate(path))).size;
  } catch (error) {
    if (error instanceof ServerError && error.code === "file") return undefined;
    throw error;
  }
}

async function tableOf(workspace: Workspace, file: FileRead): Promise<FileTable | undefined> {
  try {
    const table = await workspace.tables.table(file.path);
    checkSame(file, table.digest);
    return table;
  } catch (error) {
    // what SQL cannot read goes as bytes
    if (error instanceof ServerError && error.status === 422) return undefined;
    throw error;
  }
}

async function addBytes(
  { files }: Workspace,
  draft: PublicationDraft,
  file: FileRead,
): Promise<PublishedFile["bytes"] & object> {
  const part = await draft.addFile(file.path, await files.locate(file.path));
  // what is past the limit was not copied
  if (part.digest !== "") checkSame(file, part.digest);
  return part;
}

function checkSame({ path, digest }: FileRead, found: string): void {
  if (digest === found) return;
  throw new ServerError(409, "changed", `${path} was written while it was read`, {
    hint: "run the cells that read it again, then publish",
  });
}
