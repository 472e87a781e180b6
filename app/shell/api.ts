import type { GivenFile, GivenTable } from "../../cells/shell-api.ts";
import { unpackResultIndex, type ResultIndex } from "../../cells/result-index.ts";
import type { FileRead } from "../../cells/report/files-read.ts";
import type { FrameReport } from "../../cells/report/frame-report.ts";
import {
  preparedPublicationSchema,
  publicationCopySchema,
  publicationLineSchema,
  publicationLinesSchema,
  type PreparedPublication,
  type PublicationCopy,
  type PublicationLine,
  type PublicationRequest,
} from "../../cells/share/publishing.ts";
import type { HeldCopy } from "../../cells/share/held-copy.ts";
import { fileTableSchema } from "../../cells/wire-schema.ts";
import type { Receipt, ReceiptBody } from "../../engines/receipt.ts";
import { receiptSchema } from "../../engines/receipt-schema.ts";
import type { RunRequest } from "../../engines/run.ts";
import type { FinishedRun } from "../../engines/run-record.ts";
import { ApiError, badAnswer, readAnswer, ServerRequests } from "./server-requests.ts";
import {
  capabilitySchema,
  filesSchema,
  forgottenSchema,
  heldSchema,
  keptSchema,
  knownRunSchema,
  ladderSchema,
  ledgerSchema,
  runLinesSchema,
  runRecordSchema,
  sessionSchema,
  writtenSchema,
  type KnownRun,
  type Ladder,
  type LedgerLine,
  type RunLine,
  type RunRecord,
  type ServerSession,
  type WorkspaceFile,
} from "./api-schema.ts";

export { ApiError };

/** The server's interface, with the token that it wants. Every method rejects with {@link ApiError}. */
export class Api extends ServerRequests {
  session(): Promise<ServerSession> {
    return this.json("/api/session", {}, sessionSchema);
  }

  async files(): Promise<readonly WorkspaceFile[]> {
    return (await this.json("/api/files", {}, filesSchema)).files;
  }

  /** A workbook's text and the digest of its bytes, to save it against. */
  async readFile(path: string): Promise<{ readonly text: string; readonly digest: string }> {
    const response = await this.request(fileUrl(path));
    return { text: await response.text(), digest: digestIn(response) };
  }

  /**
   * Writes a workbook if the file still has the digest `expected`; `null` where it must not exist.
   *
   * @throws {ApiError} `conflict` if somebody else changed it
   */
  writeFile(
    path: string,
    text: string,
    expected: string | null,
  ): Promise<{ readonly digest: string }> {
    const condition: Record<string, string> =
      expected === null ? { "If-None-Match": "*" } : { "If-Match": `"${expected}"` };
    const headers = { "Content-Type": "text/html; charset=utf-8", ...condition };
    return this.json(fileUrl(path), { method: "PUT", headers, body: text }, writtenSchema);
  }

  /** Why a workbook waits for the person's leave to run; `undefined` for one that does not. */
  async heldCopy(path: string): Promise<HeldCopy | undefined> {
    return (await this.json(heldUrl(path), {}, heldSchema)).held ?? undefined;
  }

  /** Marks a workbook as somebody else's, for every browser. */
  async hold(path: string, copy: HeldCopy): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    await this.request(heldUrl(path), { method: "PUT", headers, body: JSON.stringify(copy) });
  }

  /** The person lets a workbook run. */
  async release(path: string): Promise<void> {
    await this.request(heldUrl(path), { method: "DELETE" });
  }

  /** A data file as a database, at an absolute capability URL. */
  async table(path: string, frame: string): Promise<GivenTable> {
    const table = await this.post("/api/tables", { path, frame }, fileTableSchema);
    return { ...table, location: new URL(table.location, this.origin).href };
  }

  /** A file's bytes, at an absolute capability URL. */
  async capability(path: string, frame: string): Promise<GivenFile> {
    const made = await this.post("/api/capabilities", { path, frame }, capabilitySchema);
    return { ...made, url: new URL(made.url, this.origin).href };
  }

  /** Ends all capabilities of a frame; also while the page is being left. */
  async revoke(frame: string): Promise<void> {
    await this.request(`/api/capabilities/${frame}`, { method: "DELETE", keepalive: true });
  }

  /** Uploads bytes under their SHA-256, unless the server has them. */
  async putBlob(digest: string, bytes: Uint8Array): Promise<void> {
    if (await this.found(`/api/blobs/${digest}`, { method: "HEAD" })) return;
    const headers = { "Content-Type": "application/octet-stream" };
    await this.request(`/api/blobs/${digest}`, {
      method: "PUT",
      headers,
      body: new Blob([new Uint8Array(bytes)]),
    });
  }

  /** What the result cache has of a workbook. */
  async results(workbook: string): Promise<ResultIndex> {
    const response = await this.request(resultsUrl("/index", workbook));
    const packed = new Uint8Array(await response.arrayBuffer());
    try {
      return unpackResultIndex(packed);
    } catch (error) {
      throw badAnswer(response, error instanceof Error ? error.message : String(error));
    }
  }

  /** A kept result's bytes; `null` where it is gone. */
  async result(workbook: string, key: string): Promise<Uint8Array | null> {
    const response = await this.found(resultsUrl(`/${key}`, workbook));
    return response === undefined ? null : new Uint8Array(await response.arrayBuffer());
  }

  /** Keeps a result; whether the server did. */
  async keepResult(workbook: string, key: string, bytes: Uint8Array): Promise<boolean> {
    const headers = { "Content-Type": "application/octet-stream" };
    // a copy: what a frame sends may lie in memory that cannot be sent on
    const body = new Blob([new Uint8Array(bytes)]);
    const init = { method: "PUT", headers, body };
    return (await this.json(resultsUrl(`/${key}`, workbook), init, keptSchema)).kept;
  }

  async forgetResult(workbook: string, key: string): Promise<void> {
    await this.request(resultsUrl(`/${key}`, workbook), { method: "DELETE" });
  }

  /** Forgets all results of a workbook. @returns how many there were */
  async clearResults(workbook: string): Promise<number> {
    const init = { method: "DELETE" };
    return (await this.json(resultsUrl("", workbook), init, forgottenSchema)).forgotten;
  }

  /** The digest of a file's bytes as they are now; `null` where there is no such file. */
  async fileDigest(path: string): Promise<string | null> {
    const response = await this.found(`/api/file-digest?${new URLSearchParams({ path })}`);
    return response === undefined ? null : (await readAnswer(response, writtenSchema)).digest;
  }

  postReceipt(body: ReceiptBody, vouchedBy: "frame" | "shell"): Promise<Receipt> {
    return this.post("/api/receipts", { body, vouchedBy }, receiptSchema);
  }

  /** A receipt by its id; `undefined` where the ledger has none. */
  async receipt(id: string): Promise<Receipt | undefined> {
    const response = await this.found(`/api/receipts/${id}`);
    return response && (await readAnswer(response, receiptSchema));
  }

  /** What a full run of a recipe has and still lacks. */
  ladder(recipe: string): Promise<Ladder> {
    return this.json(`/api/ladder/${recipe}`, {}, ladderSchema);
  }

  /** The ledger's entries after a number. */
  async ledger(after: number): Promise<readonly LedgerLine[]> {
    return (await this.json(`/api/ledger?after=${after}`, {}, ledgerSchema)).entries;
  }

  async runs(): Promise<readonly RunLine[]> {
    return (await this.json("/api/runs", {}, runLinesSchema)).runs;
  }

  /** A run by its key; `undefined` where nobody has started it. */
  async run(key: string): Promise<KnownRun | undefined> {
    const response = await this.found(`/api/runs/${key}`);
    return response && (await readAnswer(response, knownRunSchema));
  }

  /** A run's events and its end, as far as they are. */
  runRecord(key: string): Promise<RunRecord> {
    const headers = { Accept: "application/json" };
    return this.json(`/api/runs/${key}/events?after=0`, { headers }, runRecordSchema);
  }

  /**
   * Submits a full run, or keeps a small one that the shell trained.
   *
   * @throws {ApiError} `ladder` with the reasons where receipts are missing
   */
  async putRun(
    key: string,
    request: RunRequest,
    more: {
      /** what a small run was, from its first event to its end */
      readonly record?: FinishedRun;
      /** puts a new full run in the place of one that failed, was cancelled or is lost */
      readonly again?: boolean;
      /** the person's reason to start a full run without the receipts that it lacks */
      readonly override?: { readonly reason: string };
    } = {},
  ): Promise<void> {
    await this.request(`/api/runs/${key}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ request, ...more }),
    });
  }

  async cancelRun(key: string): Promise<void> {
    await this.request(`/api/runs/${key}/cancel`, { method: "POST" });
  }

  /** Makes a report of what a workbook shows. Once it leaves, {@link noteReport} is due. */
  async makeReport(parts: {
    readonly path: string;
    readonly shown: FrameReport;
    readonly files: readonly FileRead[];
  }): Promise<{ readonly html: string; readonly digest: string }> {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(parts);
    const response = await this.request("/api/report", { method: "POST", headers, body });
    return { html: await response.text(), digest: digestIn(response) };
  }

  /** Has the ledger know a report that was made, since it leaves now. */
  async noteReport(digest: string): Promise<void> {
    await this.request(`/api/reports/${digest}/export`, { method: "POST" });
  }

  /**
   * Makes a publication that is not public yet, and says what it would give away.
   *
   * @throws {ApiError} `too-large`, with the biggest parts named
   */
  preparePublication(request: PublicationRequest): Promise<PreparedPublication> {
    return this.post("/api/publications/prepare", request, preparedPublicationSchema);
  }

  /** Makes a prepared publication public at `/s/<digest>/`. */
  publish(digest: string): Promise<PublicationLine> {
    const init = { method: "POST" };
    return this.json(`/api/publications/${digest}`, init, publicationLineSchema);
  }

  /** What is public, the newest first. */
  async publications(): Promise<readonly PublicationLine[]> {
    return (await this.json("/api/publications", {}, publicationLinesSchema)).publications;
  }

  /** Ends a publication; its address says from then on that it is gone. */
  async takeBack(digest: string): Promise<void> {
    await this.request(`/api/publications/${digest}`, { method: "DELETE" });
  }

  /** Makes a workbook of one's own of a publication, with its data; replaces nothing. */
  copyPublication(digest: string): Promise<PublicationCopy> {
    const init = { method: "POST" };
    return this.json(`/api/publications/${digest}/copy`, init, publicationCopySchema);
  }

  /** Opens the one stream of events: of runs from a number on, and of the ledger. */
  async events(
    runs: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const query = [...runs].map(([key, after]) => `run=${key}:${after}`).join("&");
    const headers = { Accept: "text/event-stream" };
    const { body } = await this.request(`/api/events?${query}`, { headers, signal });
    if (body === null) throw new ApiError("The server sent no events", "server-gone", 0);
    return body;
  }
}

function digestIn(response: Response): string {
  return response.headers.get("ETag")?.replace(/^W\/|"/g, "") ?? "";
}

function fileUrl(path: string): string {
  return `/api/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function heldUrl(workbook: string): string {
  return `/api/held?${new URLSearchParams({ workbook })}`;
}

function resultsUrl(rest: string, workbook: string): string {
  return `/api/results${rest}?${new URLSearchParams({ workbook })}`;
}
