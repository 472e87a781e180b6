import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { findChromium } from "./find-chromium.ts";
import { ServerError } from "./server-error.ts";

/** Milliseconds that Chromium may take for one report. */
const patience = 180_000;

/**
 * Prints a report with Chromium, by its own print styles. What its policy forbids does not happen
 * here either: no script runs, and nothing is loaded.
 *
 * @param out the file that is written
 * @throws {ServerError} `chromium` where there is none, or where it fails
 */
export async function printPdf(html: string, out: string): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined)
    throw new ServerError(503, "chromium", "a PDF is printed by Chromium, and there is none here", {
      hint: "install Chromium or Chrome, or set CHROMIUM to its path",
    });
  const folder = await mkdtemp(join(tmpdir(), "tierbook-pdf-"));
  try {
    const page = join(folder, "report.html");
    await writeFile(page, html);
    await promisify(execFile)(chromium, [...flags(folder, out), pathToFileURL(page).href], {
      timeout: patience,
    });
    if ((await stat(out).catch(() => undefined)) === undefined) throw new Error("it wrote no file");
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new ServerError(500, "chromium", `Chromium could not print the report: ${reason}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function flags(folder: string, out: string): readonly string[] {
  return [
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    `--user-data-dir=${join(folder, "profile")}`,
    `--print-to-pdf=${out}`,
    // its own sandbox refuses to start for root, as in a container
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
}
