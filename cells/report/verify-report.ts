import { sha256 } from "../../runtime/sha256.ts";
import { placesIn, reportIn } from "./read-report.ts";
import { outputStart } from "./render-cell.ts";
import { renderReport } from "./render-report.ts";
import { layout, openFile, outputMark, withoutDigest, type ReportFile } from "./report-file.ts";

/** What a report's file says of itself when it is asked. */
export interface ReportCheck {
  /** whether the file is as it was made, as far as the file alone can tell */
  readonly ok: boolean;
  /** what is wrong, in sentences */
  readonly faults: readonly string[];
  /** whether what a person sees was compared with the data; only for files of this layout */
  readonly compared: boolean;
  /** SHA-256 of the file with zeros for the digest; empty for what is no report */
  readonly digest: string;
  readonly ledgerHead: string | null;
}

/**
 * Whether a report is as Tierbook made it: its digest is that of its bytes, and what a person sees
 * is what its data gives. Whoever changes both can also make the digest anew, so that a report is
 * trusted only where a ledger knows its `digest`.
 */
export function verifyReport(html: string): ReportCheck {
  const file = openFile(html);
  if (file === undefined) return noReport("This is no report of Tierbook.");
  const report = reportIn(html, file);
  if (report === undefined)
    return noReport("The data inside the report is damaged, so that it cannot be read.");
  const digest = sha256(withoutDigest(html, file.digest));
  const compared = file.layout === layout;
  const faults = [...faultsIn(html, file, compared ? renderReport(report) : undefined)];
  if (digest !== file.digest && faults.length === 0)
    faults.push(
      `The report says that its digest is ${file.digest}, and it is ${digest}: it was changed after it was made.`,
    );
  const { ledgerHead } = report.provenance;
  return { ok: faults.length === 0, faults, compared, digest, ledgerHead };
}

function noReport(fault: string): ReportCheck {
  return { ok: false, faults: [fault], compared: false, digest: "", ledgerHead: null };
}

/**
 * Where a file was changed first: an edit moves all that follows it.
 *
 * @param expected what the data gives, where this layout made the file
 */
function faultsIn(html: string, file: ReportFile, expected: string | undefined): string[] {
  const output = firstChangedOutput(html, file);
  const other = expected === undefined ? undefined : openFile(expected);
  if (expected !== undefined && other !== undefined) {
    const shown = withoutDigest(html, file.digest);
    const given = withoutDigest(expected, other.digest);
    // the data of an edited file says other places and marks, so the page itself is compared first
    const body = firstDifference(shown.slice(file.bodyAt), given.slice(other.bodyAt));
    const head = firstDifference(
      shown.slice(0, file.bodyAt - file.json.length),
      given.slice(0, other.bodyAt - other.json.length),
    );
    if (head !== -1) return [difference(html, head, expected, head)];
    if (body !== -1 && !(output !== undefined && isInPlace(html, output.at)))
      return [difference(html, file.bodyAt + body, expected, other.bodyAt + body)];
    if (output === undefined && html !== expected)
      return ["The data inside the report was changed after the report was made."];
  }
  if (output === undefined) return [];
  return [`What ${placeAt(html, output.at)} shows was changed after the report was made.`];
}

function difference(html: string, at: number, expected: string, expectedAt: number): string {
  return `In ${placeAt(html, at)} the report shows ${excerpt(html, at)} where its data gives ${excerpt(expected, expectedAt)}.`;
}

/** Whether an output begins where it did: an edit before it would have moved it. */
function isInPlace(html: string, at: number): boolean {
  return html.endsWith(outputStart, at);
}

function firstChangedOutput(html: string, file: ReportFile): { at: number } | undefined {
  for (const [at, length, mark] of placesIn(file) ?? []) {
    const from = file.bodyAt + at;
    if (outputMark(html.slice(from, from + length)) !== mark) return { at: from };
  }
  return undefined;
}

/** The first place at which two texts differ; -1 where there is none. */
function firstDifference(text: string, other: string): number {
  if (text === other) return -1;
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return at;
}

/** A place in a file as a person finds it. */
function placeAt(html: string, at: number): string {
  const before = html.slice(0, at + 1);
  const footer = before.lastIndexOf('<footer class="provenance"');
  if (footer !== -1) {
    const table = lastMatch(before.slice(footer), /<caption>([^<]*)<\/caption>/g);
    return table === undefined ? "the provenance" : `the provenance, table “${table}”,`;
  }
  const cell = lastMatch(before, /<section class="cell" id="tb-cell-(\d+)"/g);
  if (cell !== undefined) return `cell ${cell}`;
  return before.includes("<body>") ? "the report’s head" : "the file’s head, which nobody sees,";
}

function lastMatch(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}

function excerpt(html: string, at: number): string {
  const text = html.slice(Math.max(0, at - 16), at + 24).replace(/\s+/g, " ");
  return text === "" ? "nothing" : `“${text}”`;
}
