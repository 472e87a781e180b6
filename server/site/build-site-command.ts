import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { count, formatBytes } from "../../cells/number-format.ts";
import { builtPage } from "../built-page.ts";
import { Progress } from "../headless/progress.ts";
import { outputPaint } from "../headless/terminal-paint.ts";
import { untilStopped } from "../headless/until-stopped.ts";
import { buildSite, type BuiltWorkbook } from "./build-site.ts";
import { namedWorkbooks } from "./named-workbooks.ts";
import { maySecretsLeave } from "./secrets-consent.ts";
import { checkSiteFolder } from "./site-folder.ts";

/** What the command line says of a site. */
export interface BuildSiteChoices {
  readonly out: string;
  readonly title: string | undefined;
  readonly by: string | undefined;
  readonly withData: boolean;
  /** whether what looks like a secret may leave without a question */
  readonly allowSecrets: boolean;
}

/**
 * `tierbook build`: makes a folder that any web host serves, of workbooks with their saved results.
 *
 * @param names files, and folders with workbooks
 * @returns 0; 1 if a workbook failed, though it is in the site, or if nothing was written
 */
export async function buildSiteCommand(
  names: readonly string[],
  { out, title, by, withData, allowSecrets }: BuildSiteChoices,
): Promise<number> {
  const folder = resolve(out);
  await checkSiteFolder(folder);
  const workbooks = await namedWorkbooks(names);
  const paint = outputPaint();
  let progress = new Progress(process.stdout, paint);
  return await untilStopped(async (signal) => {
    const built = await buildSite({
      folder,
      title: title ?? "Workbooks",
      by: by ?? null,
      withData,
      workbooks,
      page: builtPage(),
      signal,
      onWorkbook: ({ path }) => {
        progress.end();
        progress = new Progress(process.stdout, paint);
        console.log(`\n${paint(path, "strong")}`);
      },
      onReport: (report) => progress.report(report),
      mayLeave: async (ready) => {
        progress.end();
        for (const each of ready) tellWhatLeaves(each);
        const isAtTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
        return await maySecretsLeave(numFound(ready), {
          isGiven: allowSecrets,
          ask: isAtTerminal ? askAtTerminal : undefined,
          tell: (sentence) => console.error(`\n${sentence}`),
        });
      },
    });
    if (built === undefined) {
      console.error("\nNothing was written.");
      return 1;
    }
    return tellOutcome(out, built);
  });
}

function tellWhatLeaves({ collected }: BuiltWorkbook): void {
  const { publication, bytes, files, found, foundMore, unsearched } = collected;
  console.log(`\n${publication.path}: ${formatBytes(bytes)}`);
  for (const { path, size, isIncluded, reason } of files)
    console.log(
      isIncluded
        ? `  with ${path}, ${formatBytes(size)}`
        : `  without the content of ${path}${reason === undefined ? "" : `: ${reason}`}`,
    );
  for (const { kind, excerpt, where } of found) console.log(`  ! ${kind} in ${where}: ${excerpt}`);
  if (foundMore > 0) console.log(`  ! and ${foundMore} more`);
  for (const sentence of unsearched) console.log(`  ${sentence}`);
}

function numFound(ready: readonly BuiltWorkbook[]): number {
  return ready.reduce(
    (sum, { collected: { found, foundMore } }) => sum + found.length + foundMore,
    0,
  );
}

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

function tellOutcome(out: string, built: readonly BuiltWorkbook[]): number {
  const failed = built.filter(({ reason }) => reason !== undefined);
  console.log(`\nWrote ${out} with ${count(built.length, "workbook")}. Any web host can serve it.`);
  for (const { workbook, reason } of failed) console.error(`${workbook.path}: ${reason}`);
  return failed.length === 0 ? 0 : 1;
}
