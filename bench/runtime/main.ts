import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { Contender } from "./contender.ts";
import { timeEdits, type Timed } from "./edits.ts";
import { graphsOf } from "./graphs.ts";
import { ours, oursBare, oursCompiled } from "./ours.ts";
import { timePage } from "./page.ts";
import { milliseconds, table, writeBetween } from "./report.ts";
import { timeReopening } from "./reopening.ts";
import { timeRestart } from "./restart.ts";
import { alienSignals, preactSignals } from "./signals.ts";
import { timeSteady } from "./steady.ts";
import { stock, stockSoon } from "./stock.ts";
import { countUnchanged } from "./unchanged.ts";

/*
 * Our runtime beside the stock one and two libraries of signals, in one run. The tables go into
 * bench/README.md. Wants `npm run build` and Chromium for the last of them.
 */

const contenders: readonly Contender[] = [
  stockSoon,
  stock,
  ours,
  oursCompiled,
  preactSignals,
  alienSignals,
];
const sizes = [10, 100, 1000, 3000];

const sections = [
  await restartSection(),
  await unchangedSection(),
  ...(await editSections()),
  await steadySection(),
  await reopeningSection(),
  await pageSection(),
];
const place = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`;
const date = new Date().toISOString().slice(0, 10);
const head = `Measured on ${place}, Node ${process.version}, on ${date}.`;
await writeBetween(
  fileURLToPath(new URL("../README.md", import.meta.url)),
  "runtime",
  [head, ...sections].join("\n\n"),
);

async function restartSection(): Promise<string> {
  const found = await timeRestart(50);
  return section("A new body while the old one runs", [
    "Milliseconds from the edit of a cell whose body takes ten seconds until its new body starts.",
    table(
      ["", "ms", "measured"],
      found.map(({ name, time, rounds }) => [name, milliseconds(time), `×${rounds}`]),
    ),
  ]);
}

async function unchangedSection(): Promise<string> {
  const rows = [];
  for (const contender of contenders) {
    const { sameRoot, sameReader, time } = await countUnchanged(contender, 30);
    rows.push([contender.name, String(sameRoot), String(sameReader), milliseconds(time)]);
  }
  return section("A value that does not change", [
    "A root, a cell that gives the root's sign, and 1,000 cells that read the sign: bodies that run when the root's new code gives the value that it had, and when the root's value changes and the sign does not.",
    table(["", "root's value is the same", "sign is the same", "ms of the second"], rows),
  ]);
}

async function editSections(): Promise<readonly string[]> {
  const rows: Record<keyof Timed, string[][]> = { root: [], leaf: [], opening: [] };
  for (const size of sizes)
    for (const graph of graphsOf(size)) {
      const timed = await timeEdits(graph, contenders, size > 1000 ? 9 : size > 100 ? 15 : 51);
      for (const what of ["root", "leaf", "opening"] as const)
        rows[what].push([graph.name, String(size), ...compared(timed[what])]);
    }
  const columns = ["graph", "cells", ...contenders.map(({ name }) => name)];
  return [
    section("An edit of the root", [
      "Milliseconds from the edit until every leaf has its value; in brackets how many times as long as the stock runtime on a microtask.",
      table(columns, rows.root),
    ]),
    section("An edit of a leaf", [
      "The same for the last leaf, which nothing reads.",
      table(columns, rows.leaf),
    ]),
    section("Opening", [
      "From nothing to every leaf's value. Ours starts from source, which it parses and compiles, or from cells that were compiled before; the others are given functions.",
      table(columns, rows.opening),
    ]),
  ];
}

/** Each time, and its ratio to the first. */
function compared(times: readonly number[]): readonly string[] {
  const [base = NaN] = times;
  return times.map((time, i) =>
    i === 0 ? milliseconds(time) : `${milliseconds(time)} (${ratio(time / base)})`,
  );
}

function ratio(value: number): string {
  return `×${value.toPrecision(2)}`;
}

async function steadySection(): Promise<string> {
  const rows = [];
  for (const size of sizes)
    for (const graph of graphsOf(size)) {
      const times = [];
      for (const contender of [stockSoon, oursBare, oursCompiled])
        times.push(await timeSteady(graph, contender, size > 1000 ? 60 : 200));
      rows.push([graph.name, String(size), ...compared(times)]);
    }
  return section("The work that both do", [
    "An edit of the root once more, each library alone and warm, as a person's next edits are. Both carry a change through the graph and run the bodies. Bare, ours does that and records what each run was made of, which fingerprints need; in the last column it also keeps earlier runs for edits that are undone, and tells an observer all that is known of each cell.",
    table(["graph", "cells", stockSoon.name, oursBare.name, oursCompiled.name], rows),
  ]);
}

async function reopeningSection(): Promise<string> {
  const rows = [];
  for (const work of [0, 1]) {
    const found = await timeReopening(stockSoon, work, 7);
    const [base] = found;
    for (const { name, bodies, time } of found)
      rows.push([
        work === 0 ? "nothing" : `${work} ms`,
        name,
        String(bodies),
        `${milliseconds(time)} (${ratio(time / (base?.time ?? NaN))})`,
      ]);
  }
  return section("Opening what was open before", [
    "A chain of 300 cells whose bodies take nothing, or a millisecond each, opened anew and with the results of an earlier opening in a store: bodies that run, and milliseconds until the last cell has its value.",
    table(["each body takes", "", "bodies", "ms"], rows),
  ]);
}

async function pageSection(): Promise<string> {
  const found = await timePage(1000, 5);
  return section("Opening a workbook of 1,000 cells in Chromium", [
    "The built server, a workbook of 1,000 JavaScript cells that each read one of the ten before; medians of five openings. Script is the time that the main threads of shell and frame spent in JavaScript, its compilation included, until the last cell showed its value.",
    table(
      ["", "ms"],
      found.map(({ name, time }) => [name, milliseconds(time)]),
    ),
  ]);
}

function section(title: string, parts: readonly string[]): string {
  console.log(`\n${title}\n\n${parts.at(-1)}`);
  return [`### ${title}`, ...parts].join("\n\n");
}
