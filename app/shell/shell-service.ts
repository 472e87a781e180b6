import { fewAtOnce } from "../../cells/few-at-once.ts";
import { givingBytes } from "../../cells/giving-bytes.ts";
import type { FilesRead } from "../../cells/report/files-read.ts";
import type { GivenFile, GivenTable } from "../../cells/shell-api.ts";
import type { ShellApi } from "../protocol.ts";
import type { Backend } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";
import { frameResults, type ResultApi } from "./frame-results.ts";

/** A file that a workbook may not have. */
export class RefusedError extends Error {
  readonly code = "refused";
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = "RefusedError";
  }
}

/** What the shell gives one frame. Arguments were checked against their schemas on their way here. */
export function shellService(parts: {
  /** names the frame to the server, so that its capabilities end with it */
  readonly frame: string;
  /** the path of the workbook that the frame has open */
  readonly workbook: string;
  readonly api: Pick<Backend, "table" | "capability" | "fileDigest"> & ResultApi;
  readonly dispatch: Dispatch;
  /** keeps what the frame was given to read, for reports */
  readonly files: FilesRead;
  readonly draft: (text: string) => void;
  readonly save: (text: string) => Promise<{ readonly digest: string }>;
  readonly running: (cell: number | null) => void;
}): ShellApi {
  const { frame, workbook, api, dispatch } = parts;
  const hashing = fewAtOnce(4);
  const files = parts.files.noting({
    table: async (path) => givingAll(await api.table(dataPath(path), frame)),
    file: async (path) => givingAll(await api.capability(dataPath(path), frame)),
    fileDigest: (path) => hashing(() => api.fileDigest(dataPath(path))),
  });
  return {
    receipt: (body) => dispatch.receipt(body),
    recallReceipt: (id) => dispatch.recallReceipt(id),
    dryRun: (request) => dispatch.dryRun(request),
    train: (request) => dispatch.train(request),
    submit: (request) => dispatch.submit(request),
    cancel: (key) => dispatch.cancel(key),
    ask: async (key) => dispatch.ask(key),
    ...files,
    draft: async (text) => parts.draft(text),
    save: (text) => parts.save(text),
    running: async (cell) => parts.running(cell),
    ...frameResults(workbook, api),
  };
}

/** Bytes that come without a server go to the frame, and are not kept here. */
function givingAll<Given extends GivenFile | GivenTable>(given: Given): Given {
  return given.bytes === undefined ? given : givingBytes(given, [given.bytes]);
}

/** A path that a workbook may read: data of the workspace, no other workbook, nothing hidden. */
function dataPath(path: string): string {
  if (/\.html?$/i.test(path))
    throw new RefusedError(
      `${path} is a workbook, and a workbook cannot read another one`,
      "Put the data that both need into a file of its own",
    );
  if (path.split(/[/\\]/).some((part) => part.startsWith(".") && part !== "."))
    throw new RefusedError(
      `${path} is hidden or outside the workspace`,
      "Name a file of the workspace by its path from the workspace's folder, such as data/penguins.csv",
    );
  return path;
}
