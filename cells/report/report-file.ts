import { parseNotebook } from "../../runtime/notebook.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { wellFormed } from "./html-text.ts";
import type { Report } from "./report.ts";

/*
 * How a report's data lies in its file. The outputs are there once, where a person sees them; the
 * data says at which places, and holds all the rest. The digest is of the whole file with zeros in
 * its own two places: in the data's tag, and at the end of the page.
 */

/** Which way of drawing made a file. Another one draws the same report with other bytes. */
export const layout = 1;

/** What stands for the digest while the digest is taken. */
export const noDigest = "0".repeat(64);

/** Where an output stands: UTF-16 units from the data's end tag, how many, and its mark. */
export type Place = readonly [at: number, length: number, mark: string];

/** The first half of an output's digest, which tells where a file was changed. */
export function outputMark(output: string): string {
  return sha256(output).slice(0, 32);
}

/** What the data block holds. */
export interface ReportData {
  /** every output's place, in the order of the cells */
  readonly places: readonly Place[];
  /** the report with the number of its outputs instead of them, and without sources that it has */
  readonly report: unknown;
}

const endTag = "</script>";
const startTag =
  /<script type="application\/json" id="tierbook-report" data-layout="(\d{1,9})" data-digest="([0-9a-f]{64})">/;

/** The data block of a report. What a cell's source is stands in the workbook's, if it ran as it is there. */
export function dataBlock(report: Report, places: readonly Place[], digest: string): string {
  const written = sourcesIn(report.source);
  const cells = report.cells.map(({ source, ...cell }) => ({
    ...cell,
    ...(source !== written.get(cell.id) && { source }),
    outputs: cell.outputs.length,
  }));
  const data: ReportData = { places, report: { ...report, cells } };
  const json = JSON.stringify(sorted(data)).replace(/</g, "\\u003c");
  return `<script type="application/json" id="tierbook-report" data-layout="${layout}" data-digest="${digest}">${json}${endTag}`;
}

/** The sources of a workbook's cells by their ids; none for a text that is no workbook. */
export function sourcesIn(text: string): ReadonlyMap<number, string> {
  try {
    return new Map(parseNotebook(text).cells.map(({ id, source }) => [id, source]));
  } catch {
    return new Map();
  }
}

/** A JSON value with its members in one order, so that a report that was read gives the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

/** A file taken apart at its data block. */
export interface ReportFile {
  readonly layout: number;
  /** the digest that it claims */
  readonly digest: string;
  readonly json: string;
  /** where what follows the data begins */
  readonly bodyAt: number;
}

/** How every report begins. Nothing that a workbook wrote comes before the data. */
export const fileStart = `<!doctype html>\n<html lang="en" data-tierbook="report">\n<head>\n`;

/** Finds the data block; a text that is no report has none. */
export function openFile(html: string): ReportFile | undefined {
  const match = html.startsWith(fileStart) ? startTag.exec(html.slice(0, 2000)) : null;
  if (match === null) return undefined;
  const from = match.index + match[0].length;
  const to = html.indexOf(endTag, from);
  if (to === -1) return undefined;
  return {
    layout: Number(match[1]),
    digest: match[2] ?? "",
    json: html.slice(from, to),
    bodyAt: to + endTag.length,
  };
}

/** Puts a file's digest where zeros stand for it: at their first place and at their last. */
export function withDigest(html: string): string {
  return exchange(html, noDigest, sha256(html));
}

/** A file with zeros where its digest stands: what the digest is taken of. */
export function withoutDigest(html: string, claimed: string): string {
  return exchange(html, claimed, noDigest);
}

/** A report with nothing in its outputs that a file in UTF-8 cannot hold. */
export function fileable(report: Report): Report {
  return {
    ...report,
    cells: report.cells.map((cell) => ({ ...cell, outputs: cell.outputs.map(wellFormed) })),
  };
}

function exchange(html: string, from: string, to: string): string {
  const first = html.indexOf(from);
  const last = html.lastIndexOf(from);
  if (first === -1 || first === last) return html;
  return (
    html.slice(0, first) +
    to +
    html.slice(first + from.length, last) +
    to +
    html.slice(last + from.length)
  );
}
