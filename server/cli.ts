import { existsSync, fstatSync, realpathSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { readReason, reasonRule } from "../engines/run-override.ts";
import { runDryRunJob } from "./dry-run-job.ts";
import { loadEngine } from "./engines.ts";
import { LedgerError, verifyLedger } from "./ledger.ts";
import { openInBrowser } from "./open-in-browser.ts";
import { isExposed } from "./own-host.ts";
import { serve } from "./serve.ts";
import { isSystemError, ServerError } from "./server-error.ts";
import { tierbookVersion } from "./version.ts";
import { work } from "./work.ts";
import { stateFolder } from "./workspace-path.ts";

const usage = `Tierbook: a reactive workbook for standing up a machine-learning model.

  tierbook serve [DIR]         open the workbooks of a folder in the browser
      --port N                 the port to listen at; any free one by default
      --host ADDRESS           the address to listen at; 127.0.0.1 by default
      --open                   open the browser
      TIERBOOK_RESULTS_DISK    the most disk for results that come back without running, such as
                               5GB; 1 GiB by default
      TIERBOOK_RESULTS_ENTRY   the most for one of them; 64 MiB by default, and never more
      TIERBOOK_PUBLICATION     the most for what is published of a workbook, such as 2GB; 256 MiB by
                               default

  tierbook run FILE            run a workbook to its end, without a page
      --fresh                  run every cell, also those whose results are known
      --override REASON        start full runs that still lack receipts when all else is done; the
                               reason is written to the ledger, and shown for ever on what is made
  tierbook report FILE         run a workbook, and write what it shows as one page that needs no
                               server and no script
      --out FILE               the page; <workbook>-report.html in this folder by default
      --markdown DIR           the same as Markdown, with its images beside it
      --pdf FILE               the same as PDF, printed by Chromium
  tierbook report verify FILE  check that a report is as it was made, and that the ledger of the
                               workspace it lies in knows it
  tierbook build [FILE|DIR…]   run workbooks, and make a folder of them that any web host serves:
                               they show what they showed, and run in the visitor's browser up to
                               the small run; without a name, the page alone, on which links that
                               hold a workbook open. One with cells that fail is in it as it is,
                               and the status is 1
      --out DIR                the folder to make; one that is there is replaced only if it is
                               such a site
      --title TEXT             what the site is called; Workbooks by default
      --by NAME                who publishes, as visitors read it
      --no-data                leave the data at home; what reads it does not run elsewhere
      --allow-secrets          let what looks like a key or personal data leave without a question
      TIERBOOK_PUBLICATION     the most for one workbook, such as 2GB; 256 MiB by default
  tierbook work DIR            execute the run in a directory (used by the server)
  tierbook materialize DIR     make the rows of a run from their lineage (used by work)
      TIERBOOK_ROWS_MEMORY     the most memory for it, such as 8GB; a quarter of the machine's, at
                               most 4GB, by default
      TIERBOOK_ROWS_SECONDS    the most time for it; 600 by default
      TIERBOOK_ROWS_DISK       the most disk for it; half of what is free by default
  tierbook ledger verify DIR   check that no line of a workspace's ledger was changed

  tierbook --help              this text
  tierbook --version           the version
`;

/** A command line that says something we do not know. */
class UsageError extends Error {
  readonly code = "usage";
}

type Command = (args: readonly string[]) => Promise<number>;

const commands = new Map<string, Command>([
  ["serve", serveCommand],
  ["run", runCommand],
  ["report", reportCommand],
  ["build", buildCommand],
  ["work", workCommand],
  ["materialize", materializeCommand],
  ["dry-run", dryRunCommand],
  ["ledger", ledgerCommand],
]);

/**
 * The command line.
 *
 * @returns the status to exit with: 0 for success, 1 for a failure, 2 for a wrong command line
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(usage);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    console.log(tierbookVersion());
    return 0;
  }
  try {
    const command = commands.get(name);
    if (command === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}`);
    return await command(rest);
  } catch (error) {
    return report(error);
  }
}

async function serveCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    port: { type: "string" },
    host: { type: "string" },
    open: { type: "boolean" },
  });
  const folder = atMostOne(positionals, "folder") ?? ".";
  const server = await serve({
    folder,
    ...(typeof values["port"] === "string" ? { port: portFrom(values["port"]) } : {}),
    ...(typeof values["host"] === "string" ? { host: values["host"] } : {}),
  });
  const duckdb = await import("@duckdb/node-api");
  console.log(`Tierbook ${tierbookVersion()}, Node ${process.version}, DuckDB ${duckdb.version()}`);
  console.log(`Workspace ${server.workspace.root}`);
  if (typeof values["host"] === "string" && isExposed(values["host"]))
    console.log("Other machines can reach this server; the token travels unencrypted.");
  console.log(`\n  ${server.address}\n`);
  if (values["open"] === true) openInBrowser(server.address);
  await terminated();
  await server.close();
  return 0;
}

async function runCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    override: { type: "string" },
    fresh: { type: "boolean" },
  });
  const file = exactlyOne(positionals, "workbook");
  const override = reasonOption(values, "override");
  if (!existsSync(file)) throw new ServerError(404, "workbook", `there is no workbook ${file}`);
  const { runWorkbookCommand } = await import("./headless/run-workbook-command.ts");
  return await runWorkbookCommand(realpathSync(file), {
    ...(override !== undefined && { override }),
    ...(values["fresh"] === true && { fresh: true }),
  });
}

async function reportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    out: { type: "string" },
    markdown: { type: "string" },
    pdf: { type: "string" },
  });
  const isVerify = positionals[0] === "verify";
  const named = isVerify ? positionals.slice(1) : positionals;
  const file = exactlyOne(named, isVerify ? "report" : "workbook");
  if (isVerify && Object.keys(values).length > 0)
    throw new UsageError("`report verify` has no options");
  const targets = {
    out: textOption(values, "out") ?? `${basename(file).replace(/\.html?$/i, "")}-report.html`,
    markdown: textOption(values, "markdown"),
    pdf: textOption(values, "pdf"),
  };
  if (!existsSync(file)) throw new ServerError(404, "file", `there is no file ${file}`);
  if (isVerify) {
    const { verifyReportCommand } = await import("./verify-report-command.ts");
    return await verifyReportCommand(realpathSync(file));
  }
  const { reportWorkbookCommand } = await import("./headless/report-workbook-command.ts");
  return await reportWorkbookCommand(realpathSync(file), targets);
}

async function buildCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    out: { type: "string" },
    title: { type: "string" },
    by: { type: "string" },
    "no-data": { type: "boolean" },
    "allow-secrets": { type: "boolean" },
  });
  const out = textOption(values, "out");
  if (out === undefined) throw new UsageError("name the folder to make with --out");
  const { buildSiteCommand } = await import("./site/build-site-command.ts");
  return await buildSiteCommand(positionals, {
    out,
    title: textOption(values, "title"),
    by: textOption(values, "by"),
    withData: values["no-data"] !== true,
    allowSecrets: values["allow-secrets"] === true,
  });
}

async function workCommand(args: readonly string[]): Promise<number> {
  const { positionals } = parse(args, {});
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGUSR1"] as const)
    process.on(signal, () => stopping.abort(signal));
  return await work(resolve(exactlyOne(positionals, "run's directory")), {
    engine: loadEngine,
    signal: stopping.signal,
  });
}

async function materializeCommand(args: readonly string[]): Promise<number> {
  const directory = resolve(exactlyOne(parse(args, {}).positionals, "run's directory"));
  const input = fstatSync(0);
  // where a process of ours has started this one, the end of the pipe says that it is gone
  if (input.isFIFO() || input.isSocket())
    process.stdin.resume().once("end", () => process.kill(process.pid, "SIGKILL"));
  const { materialize } = await import("./materialize.ts");
  return await materialize(directory);
}

async function dryRunCommand(args: readonly string[]): Promise<number> {
  await runDryRunJob(resolve(exactlyOne(parse(args, {}).positionals, "job's folder")));
  return 0;
}

async function ledgerCommand([action, ...args]: readonly string[]): Promise<number> {
  if (action !== "verify")
    throw new UsageError(`a ledger can be verified, nothing else: tierbook ledger verify DIR`);
  const folder = resolve(exactlyOne(parse(args, {}).positionals, "workspace"));
  const { seq, hash } = await verifyLedger(join(folder, stateFolder, "ledger.jsonl"));
  console.log(`${seq} ${seq === 1 ? "entry" : "entries"}, whole; the last is ${hash}`);
  return 0;
}

function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function textOption(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = values[name];
  if (value === "") throw new UsageError(`--${name} needs a name`);
  return typeof value === "string" ? value : undefined;
}

function reasonOption(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = values[name];
  if (typeof value !== "string") return undefined;
  const reason = readReason(value);
  if (reason === undefined) throw new UsageError(`--${name}: ${reasonRule}`);
  return reason;
}

function exactlyOne(positionals: readonly string[], what: string): string {
  const one = atMostOne(positionals, what);
  if (one === undefined) throw new UsageError(`name the ${what}`);
  return one;
}

function atMostOne([first, second]: readonly string[], what: string): string | undefined {
  if (second !== undefined)
    throw new UsageError(`name one ${what}; ${JSON.stringify(second)} is one too many`);
  return first;
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`${JSON.stringify(text)} is no port; ports are 0 to 65535`);
  return port;
}

/** Resolves when the person or the system asks this process to end. */
function terminated(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => done());
  });
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`tierbook: ${error.message}\nSee \`tierbook --help\`.`);
    return 2;
  }
  if (error instanceof ServerError) {
    console.error(`tierbook: ${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}`);
    return 1;
  }
  const isPlain = error instanceof LedgerError || isSystemError(error, "ENOENT", "EACCES");
  console.error("tierbook:", isPlain && error instanceof Error ? error.message : error);
  return 1;
}

/** Whether this file is the program, and not imported by it. */
function isProgram(): boolean {
  const [, program] = process.argv;
  if (program === undefined) return false;
  try {
    return pathToFileURL(realpathSync(program)).href === import.meta.url;
  } catch {
    return false;
  }
}

// an engine's threads and timers must not keep a finished process
if (isProgram()) process.exit(await main(process.argv.slice(2)));
