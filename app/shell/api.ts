import * as v from "valibot";
import type { GivenFile, GivenTable } from "../../cells/shell-api.ts";
import { unpackResultIndex, type ResultIndex } from "../../cells/result-index.ts";
import type { FileRead } from "../../cells/report/files-read.ts";
import type { FrameReport } from "../../cells/report/frame-report.ts";
import { fileTableSchema } from "../../cells/wire-schema.ts";
import type { Receipt, ReceiptBody } from "../../engines/receipt.ts";
import { receiptSchema } from "../../engines/receipt-schema.ts";
import type { RunEvent, RunRequest, RunResult } from "../../engines/run.ts";
import {
  capabilitySchema,
  errorSchema,
  filesSchema,
  forgottenSchema,
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
  type LadderReason,
  type LedgerLine,
  type RunLine,
  type RunRecord,
  type ServerSession,
  type WorkspaceFile,
} from "./api-schema.ts";

/** Something that the server refused, or that kept us from reaching it (`server-gone`). */
export class ApiError extends Error {
  constructor(
    message: string,
    /** stable: `server-gone`, `token`, `conflict`, `ladder`, … */
    readonly code: string,
    /** the HTTP status; 0 where there was no answer */
    readonly status: number,
    readonly hint?: string,
    readonly reasons: readonly LadderReason[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The server's interface, with the token that it wants. Every method rejects with {@link ApiError}. */
export class Api {
  /** hears after every request whether the server could be reached */
  onReach: (reached: boolean) => void = () => undefined;

  constructor(
    readonly token: string,
    private readonly origin = location.origin,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  session(): Promise<ServerSession> {
    return this.json("/api/session", {}, sessionSchema);
  }

  async files(): Promise<readonly WorkspaceFile[]> {
    return (await this.json("/api/files", {}, filesSchema)).files;
  }

  /** A workbook's text and the digest of its bytes, to save it against. */
  async readFile(path: string): Promise<{ readonly text: string; readonly digest: string }> {
    const response = await this.request(fileUrl(path));
    const digest = response.headers.get("ETag")?.replace(/^W\/|"/g, "") ?? "";
    return { text: await response.text(), digest };
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
    return response === undefined ? null : (await read(response, writtenSchema)).digest;
  }

  postReceipt(body: ReceiptBody, vouchedBy: "frame" | "shell"): Promise<Receipt> {
    return this.post("/api/receipts", { body, vouchedBy }, receiptSchema);
  }

  /** A receipt by its id; `undefined` where the ledger has none. */
  async receipt(id: string): Promise<Receipt | undefined> {
    const response = await this.found(`/api/receipts/${id}`);
    return response && (await read(response, receiptSchema));
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
    return response && (await read(response, knownRunSchema));
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
      readonly record?: { readonly events: readonly RunEvent[]; readonly result: RunResult };
      /** puts a new full run in the place of one that failed, was cancelled or is lost */
      readonly again?: boolean;
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

  /** Makes a report of what a workbook shows; its file's text. */
  async makeReport(parts: {
    readonly path: string;
    readonly shown: FrameReport;
    readonly files: readonly FileRead[];
  }): Promise<string> {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(parts);
    const response = await this.request("/api/report", { method: "POST", headers, body });
    return await response.text();
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

  private post<Value>(
    path: string,
    value: unknown,
    schema: v.GenericSchema<unknown, Value>,
  ): Promise<Value> {
    const headers = { "Content-Type": "application/json" };
    return this.json(path, { method: "POST", headers, body: JSON.stringify(value) }, schema);
  }

  private async json<Value>(
    path: string,
    init: RequestInit,
    schema: v.GenericSchema<unknown, Value>,
  ): Promise<Value> {
    return await read(await this.request(path, init), schema);
  }

  private async found(path: string, init?: RequestInit): Promise<Response | undefined> {
    try {
      return await this.request(path, init);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 308))
        return undefined;
      throw error;
    }
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${this.token}`);
    const url = new URL(path, this.origin);
    let response: Response;
    try {
      response = await this.fetcher(url, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      this.onReach(false);
      throw new ApiError(
        "Tierbook's server does not answer",
        "server-gone",
        0,
        "Start it again in the workspace; this page goes on by itself",
      );
    }
    this.onReach(true);
    if (response.ok) return response;
    throw await errorFrom(response);
  }
}

function fileUrl(path: string): string {
  return `/api/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function resultsUrl(rest: string, workbook: string): string {
  return `/api/results${rest}?${new URLSearchParams({ workbook })}`;
}

async function read<Value>(
  response: Response,
  schema: v.GenericSchema<unknown, Value>,
): Promise<Value> {
  const value: unknown = await response.json().catch(() => undefined);
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw badAnswer(response, `${v.getDotPath(issue) ?? "$"}: ${issue.message}`);
}

function badAnswer(response: Response, fault: string): ApiError {
  return new ApiError(
    `The server's answer is not what this page expects: ${fault}`,
    "bad-answer",
    response.status,
    "Page and server may be of different versions: reload the page",
  );
}

async function errorFrom(response: Response): Promise<ApiError> {
  const value: unknown = await response.json().catch(() => undefined);
  const parsed = v.safeParse(errorSchema, value);
  if (!parsed.success) {
    const code = response.status === 401 ? "token" : "http";
    return new ApiError(`The server answered ${response.status}`, code, response.status);
  }
  const { code, message, hint, reasons } = parsed.output.error;
  return new ApiError(message, code, response.status, hint, reasons);
}
