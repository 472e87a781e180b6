import { readFile } from "node:fs/promises";
import { builtins, builtinsVersion } from "../../cells/builtins.ts";
import { isCard, type Card } from "../../cells/card.ts";
import type { FileSource } from "../../cells/file-attachment.ts";
import { hostOverShell } from "../../cells/host-over-shell.ts";
import { printCard } from "../../cells/print-card.ts";
import { nodeCodec } from "../../cells/results/node-codec.ts";
import { openResultStore } from "../../cells/results/shell-result-store.ts";
import type { ShellApi } from "../../cells/shell-api.ts";
import { valueCodecs } from "../../cells/value-codecs.ts";
import { createNativeClient } from "../../data/native-client.ts";
import { runSql } from "../../data/run-sql.ts";
import type { Cell, CellMode, CellStatus } from "../../runtime/cell.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import { Workbook } from "../../runtime/workbook.ts";
import type { CellOutcome, CellReport, ChildRequest } from "./child-api.ts";
import { installDom } from "./dom.ts";
import { keptPainted } from "./kept-painted.ts";
import { Recalls } from "./recalls.ts";
import { terminalPaint } from "./terminal-paint.ts";
import { Reports } from "./reports.ts";
import { ShownValues } from "./shown-values.ts";

/**
 * Milliseconds that a cell may wait for another stage while nothing else goes on. What it waits for
 * may be on its way: the server repeats the dry run before it admits a full run.
 */
const patience = 30_000;
/** The same, once a cell has failed: what is waited for will likely not come. */
const impatience = 3_000;

/** Runs a workbook's cells to their ends in this process, and tells how they fare. */
export async function* runCells(
  request: ChildRequest,
  shell: ShellApi,
): AsyncGenerator<CellReport, void> {
  const dom = installDom();
  const client = createNativeClient({
    resolveFile: (path) => shell.table(path),
    directories: request.directories,
  });
  const { cells } = parseNotebook(request.text);
  const reports = new Reports();
  const sources = new Map(cells.map((cell) => [cell.id, cell]));
  const shown = new ShownValues();
  const paint = request.color ? terminalPaint : undefined;
  const recalls = new Recalls((receipt) => shell.recallReceipt(receipt));
  const workbook: Workbook = new Workbook([...cells], {
    builtins: builtins({
      host: hostOverShell(shell, client),
      document: dom.document,
      file: filesOnDisk(shell),
      // there is no page: what changes with time or its size has one value
      width: () => 640,
      dark: () => false,
      now: () => Date.now(),
    }),
    builtinsVersion,
    runSql: (sql) => runSql(client, sql),
    results: openResultStore(keptPainted(shell)),
    codecs: [...valueCodecs, nodeCodec()],
    observer: recalls.observer(
      {
        status: (status) => reports.add({ type: "cell", cell: outcomeOf(status, sources) }),
        clear: (cell) => shown.clear(cell),
        display: (cell, slot, value) => {
          shown.set(cell, slot, value);
          if (isCard(value)) reports.add(cardReport(cell, value, paint));
        },
      },
      (cell) => workbook.doubt(cell),
    ),
  });
  const finished = untilFinished(workbook, reports, recalls).then(
    () => reports.end(),
    (error: unknown) => reports.fail(error),
  );
  try {
    yield* reports.all();
    for (const status of workbook.statuses())
      yield { type: "cell", cell: outcomeOf(status, sources) };
    const statuses = new Map(workbook.statuses().map((status) => [status.id, status]));
    // also where nobody asks for the keys: what waits to be written is written
    const kept = await workbook.keptResults();
    if (request.withShown) {
      const tools = { document: dom.document, client };
      const report = await shown.report(request.text, cells, statuses, tools);
      yield { type: "shown", shown: { report, results: [...new Set(kept.values())] } };
    }
  } finally {
    await finished;
    workbook.dispose();
    await client.close();
    dom.close();
  }
}

/** Resolves when nothing runs, and nothing that is waited for will come. */
async function untilFinished(
  workbook: Workbook,
  reports: Reports,
  recalls: Recalls,
): Promise<void> {
  for (;;) {
    await workbook.settled();
    if (await recalls.hadSome()) continue;
    const statuses = workbook.statuses();
    if (!statuses.some(({ waitsFor }) => waitsFor !== undefined)) return;
    reports.add({ type: "resting" });
    const hasFailed = statuses.some(({ state }) => state === "error");
    if (!(await reports.changesWithin(hasFailed ? impatience : patience))) return;
  }
}

function outcomeOf(status: CellStatus, sources: ReadonlyMap<number, Cell>): CellOutcome {
  const { id, state, defines, cached, duration, waitsFor, error } = status;
  const cell = sources.get(id);
  return {
    id,
    title: defines.length > 0 ? defines.join(", ") : titleFromSource(id, cell?.source ?? ""),
    isText: defines.length === 0 && cell !== undefined && textModes.has(cell.mode),
    state,
    ...(cached === true && { cached }),
    ...(duration !== undefined && { duration }),
    ...(waitsFor !== undefined && { waitsFor }),
    ...(error !== undefined && {
      error: {
        name: error.name,
        message: error.message,
        ...(error.code !== undefined && { code: error.code }),
        ...(error.line !== undefined && { line: error.line }),
        ...(error.hint !== undefined && { hint: error.hint }),
        ...(error.blockedBy !== undefined && { blockedBy: error.blockedBy.id }),
      },
    }),
  };
}

function cardReport(cell: number, card: Card, paint: typeof terminalPaint | undefined): CellReport {
  const isFinal = !["running", "waiting", "stale"].includes(card.status);
  return {
    type: "card",
    cell,
    isFinal,
    text: isFinal ? printCard(card, paint) : `${card.title}: ${progressOf(card)}`,
  };
}

function progressOf({ summary, parts }: Card): string {
  const progress = parts.find((part) => part.type === "progress");
  return progress === undefined ? summary : `${progress.label} · ${summary}`;
}

const textModes: ReadonlySet<CellMode> = new Set<CellMode>(["md", "html", "tex", "dot"]);

function titleFromSource(id: number, source: string): string {
  const line = source.split("\n").find((text) => text.trim() !== "") ?? "";
  const text = line.trim();
  return text === "" ? `cell ${id}` : text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function filesOnDisk(shell: Pick<ShellApi, "file">): FileSource {
  return async (path) => {
    const file = await shell.file(path);
    return { ...file, bytes: async () => new Uint8Array(await readFile(file.url)) };
  };
}
