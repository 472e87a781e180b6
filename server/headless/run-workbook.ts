import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { RunUpdate } from "../../cells/host.ts";
import { processEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort } from "../../cells/port.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import { shellApiSchema, type ShellApi } from "../../cells/shell-api.ts";
import type { Receipt, ReceiptBody } from "../../engines/receipt.ts";
import { isNotRun } from "../../runtime/cell-fault.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import { ServerError } from "../server-error.ts";
import { childApiSchema, type CellOutcome, type CellReport, type ChildApi } from "./child-api.ts";

/** How a workbook is run without a page. */
export interface RunWorkbookOptions {
  /** what the workbook may ask of the workspace */
  readonly shell: ShellApi;
  /** its path in the workspace */
  readonly path: string;
  /** folders whose databases SQL may attach */
  readonly directories: readonly string[];
  /** hears how the cells fare, as it happens */
  readonly onReport?: (report: CellReport) => void;
  /** hears of each receipt that is made or found again on the way */
  readonly onReceipt?: (receipt: Receipt | ReceiptBody) => void;
  /** whether cards come with the colours of a terminal */
  readonly color?: boolean;
  /** gives a receipt of the ledger, for those of stages that did not run because they are known */
  readonly findReceipt?: (id: string) => Promise<Receipt | undefined>;
  /** whether what the cells show is wanted, for a report or to be published */
  readonly withShown?: boolean;
  /** milliseconds after which the workbook is stopped; its runs go on */
  readonly timeout?: number;
  /** stops the workbook; its runs go on */
  readonly signal?: AbortSignal;
  /** the script of the process that runs the cells; by default the one of this installation */
  readonly child?: string;
}

/** What running a workbook came to. */
export interface WorkbookOutcome {
  /** whether every cell has its value, but for those that are not run and that none reads */
  readonly ok: boolean;
  /** all cells, in reading order */
  readonly cells: readonly CellOutcome[];
  readonly receipts: readonly (Receipt | ReceiptBody)[];
  /** why it is not ok */
  readonly reason?: string;
  /** what the cells show, where it was asked for and the workbook came to its end */
  readonly shown?: SharedWorkbook;
}

/**
 * Runs a workbook to its end in a process of its own, which has the person's rights and not the
 * server's token. Inputs have their initial values. Small and full runs are the shell's to start.
 *
 * @param file the workbook's real path
 */
export async function runWorkbook(
  file: string,
  options: RunWorkbookOptions,
): Promise<WorkbookOutcome> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ServerError(404, "workbook", `${file} cannot be read`, { cause });
  });
  const child = startChild(options.child ?? installedChild());
  const ended = exitOf(child);
  const { shell, receipts } = watchedShell(options);
  const port = connectPort<ChildApi, ShellApi>(processEndpoint(child), childApiSchema, {
    schema: shellApiSchema,
    api: shell,
  });
  const stop = stopper(child, options);
  const cells = new Map<number, CellOutcome>();
  let shown: SharedWorkbook | undefined;
  let fault: string | undefined;
  try {
    const { path, directories, color = false, withShown = false } = options;
    for await (const report of port.remote.run({ path, text, directories, color, withShown })) {
      if (report.type === "cell") cells.set(report.cell.id, report.cell);
      if (report.type === "shown") shown = report.shown;
      options.onReport?.(report);
    }
  } catch (error) {
    fault = stop.reason() ?? (await faultOf(error, ended));
  } finally {
    stop.clear();
    port.close();
    child.kill("SIGKILL");
    await ended;
  }
  const outcomes = parseNotebook(text).cells.flatMap(({ id }) => cells.get(id) ?? []);
  const reason = fault ?? failureOf(outcomes);
  return {
    ok: reason === undefined,
    cells: outcomes,
    receipts,
    ...(reason !== undefined && { reason }),
    ...(shown !== undefined && { shown }),
  };
}

function startChild(script: string): ChildProcess {
  const { TIERBOOK_TOKEN: _token, ...env } = process.env;
  return fork(script, [], { serialization: "advanced", env, execArgv: [] });
}

/** The built script beside this one, or that of the build when this is the source. */
function installedChild(): string {
  const places = ["./child.js", "../../dist/server/child.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((path) => existsSync(path));
  if (found === undefined)
    throw new ServerError(500, "not-built", "what runs workbooks is not built", {
      hint: "run `npm run build`",
    });
  return found;
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`its process could not be started: ${error.message}`));
    child.once("exit", (status, signal) =>
      resolve(`its process ended with ${signal ?? `status ${status}`}`),
    );
  });
}

function stopper(
  child: ChildProcess,
  { timeout, signal }: RunWorkbookOptions,
): { reason(): string | undefined; clear(): void } {
  let reason: string | undefined;
  const stop = (why: string) => (): void => {
    reason ??= why;
    child.kill("SIGKILL");
  };
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(stop(`it was not finished after ${timeout / 1000} s`), timeout);
  const aborted = stop("it was stopped");
  signal?.addEventListener("abort", aborted, { once: true });
  if (signal?.aborted === true) aborted();
  return {
    reason: () => reason,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    },
  };
}

/** Why the conversation with the child broke off: its end says more than the closed channel. */
async function faultOf(error: unknown, ended: Promise<string>): Promise<string> {
  const isClosed = error instanceof Error && "code" in error && error.code === "port-closed";
  if (isClosed) return await ended;
  return error instanceof Error ? error.message : String(error);
}

/**
 * The first cell, in reading order, that has no value for a reason of its own. Cells in languages
 * that are not run count only where others read them.
 */
function failureOf(cells: readonly CellOutcome[]): string | undefined {
  const bad = cells.filter(
    ({ state, waitsFor, error }) =>
      (state !== "fresh" || waitsFor !== undefined) && !isNotRun(error),
  );
  const [first] = bad.filter(({ state }) => state === "error").concat(bad);
  if (first === undefined) return undefined;
  const { title, state, waitsFor, error } = first;
  const place = error?.line === undefined ? "" : `, line ${error.line}`;
  const what = error === undefined ? (waitsFor ?? state) : error.message;
  return `${title}${place}: ${what}`;
}

/** The shell, with every receipt that goes through it kept. */
function watchedShell({ shell, findReceipt, onReceipt }: RunWorkbookOptions): {
  shell: ShellApi;
  receipts: (Receipt | ReceiptBody)[];
} {
  const receipts: (Receipt | ReceiptBody)[] = [];
  const keep = <Kind extends Receipt | ReceiptBody>(receipt: Kind): Kind => {
    receipts.push(receipt);
    onReceipt?.(receipt);
    return receipt;
  };
  const watched: ShellApi = {
    receipt: async (body) => keep(await shell.receipt(body)),
    recallReceipt: async (id) => {
      const isThere = await shell.recallReceipt(id);
      const receipt = isThere ? await findReceipt?.(id) : undefined;
      if (receipt !== undefined) keep(receipt);
      return isThere;
    },
    dryRun: async (request) => keep(await shell.dryRun(request)),
    train: (request) => withReceipts(shell.train(request), keep),
    submit: (request) => withReceipts(shell.submit(request), keep),
    cancel: (key) => shell.cancel(key),
    ask: (key) => shell.ask(key),
    table: (path) => shell.table(path),
    file: (path) => shell.file(path),
    draft: (text) => shell.draft(text),
    save: (text) => shell.save(text),
    running: (cell) => shell.running(cell),
    results: () => shell.results(),
    result: (key) => shell.result(key),
    keepResult: (key, bytes) => shell.keepResult(key, bytes),
    forgetResult: (key) => shell.forgetResult(key),
    forgetResults: () => shell.forgetResults(),
    fileDigest: (path) => shell.fileDigest(path),
  };
  return { shell: watched, receipts };
}

/** A run's updates, with the receipts among them kept; it is left as its source is left. */
function withReceipts(
  updates: AsyncIterable<RunUpdate>,
  keep: (receipt: Receipt | ReceiptBody) => unknown,
): AsyncIterable<RunUpdate> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = updates[Symbol.asyncIterator]();
      return {
        async next() {
          const step = await iterator.next();
          if (
            step.done !== true &&
            step.value.type === "event" &&
            step.value.event.type === "receipt"
          )
            keep(step.value.event.receipt);
          return step;
        },
        return: async () =>
          (await iterator.return?.()) ?? { done: true as const, value: undefined },
      };
    },
  };
}
