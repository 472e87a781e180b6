import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readReport } from "../../cells/report/read-report.ts";
import { makeWorkspace } from "../../test/harness/tierbook.ts";
import { chartsWorkbook } from "./charts-workbook.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const large = "workbooks/data/flights-3m.parquet";

/** What the report of one workbook comes to. */
interface ReportSize {
  readonly name: string;
  /** seconds for the workbook, headless, from nothing known to its report */
  readonly seconds: number;
  readonly cells: number;
  /** bytes of the file, and of what its cells show */
  readonly bytes: number;
  readonly outputs: number;
}

/**
 * Reports from the command line, of the example workbooks and of one with a hundred charts: how
 * many bytes they have beside their outputs. Wants `npm run build`, and makes a full run of each
 * example.
 */
export async function benchReports(): Promise<void> {
  const sizes = [await reportOf("penguins.html")];
  if (existsSync(join(root, large))) sizes.push(await reportOf("flights.html"));
  sizes.push(await reportOf("charts.html", { "charts.html": chartsWorkbook(100) }));
  console.log("\nReports: bytes of the file beside the bytes of its outputs\n");
  console.log("| workbook | cells | seconds | outputs, kB | report, kB | ratio |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const { name, cells, seconds, outputs, bytes } of sizes)
    console.log(
      `| ${name} | ${cells} | ${seconds.toFixed(1)} | ${kB(outputs)} | ${kB(bytes)} | ×${(bytes / outputs).toFixed(2)} |`,
    );
}

async function reportOf(
  name: string,
  files: Readonly<Record<string, string>> = {},
): Promise<ReportSize> {
  const workspace = await makeWorkspace(files);
  try {
    if (name === "flights.html")
      for (const path of ["flights.html", "data/flights-3m.parquet"])
        await cp(join(root, "workbooks", path), join(workspace, path));
    const out = join(workspace, "report.html");
    const began = performance.now();
    await promisify(execFile)(
      process.execPath,
      [join(root, "bin/tierbook.js"), "report", join(workspace, name), "--out", out],
      { maxBuffer: 1 << 26 },
    );
    const seconds = (performance.now() - began) / 1000;
    const html = await readFile(out, "utf8");
    const cells = readReport(html)?.cells ?? [];
    const outputs = cells.flatMap((cell) => cell.outputs);
    const bad = cells.filter(({ state }) => state !== "fresh");
    if (bad.length > 0) throw new Error(`${name}: ${bad.length} cells have no value`);
    return {
      name,
      seconds,
      cells: cells.length,
      bytes: Buffer.byteLength(html),
      outputs: outputs.reduce((sum, output) => sum + Buffer.byteLength(output), 0),
    };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function kB(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString("en");
}
