import { sha256 } from "../../runtime/sha256.ts";
import { placesIn, reportIn } from "./read-report.ts";
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
      `The data inside the report was changed after it was made: its digest is ${digest}, and it says ${file.digest}.`,
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
  const at = expected === undefined ? -1 : firstDifference(html, expected, file.digest);
  if (expected !== undefined && at !== -1 && (output === undefined || at < output.at))
    return [
      `In ${placeAt(html, at)} the report shows ${excerpt(html, at)} where its data gives ${excerpt(expected, at)}.`,
    ];
  if (output === undefined) return [];
  return [`What ${placeAt(html, output.at)} shows was changed after the report was made.`];
}

function firstChangedOutput(html: string, file: ReportFile): { at: number } | undefined {
  for (const [at, length, mark] of placesIn(file) ?? []) {
    const from = file.bodyAt + at;
    if (outputMark(html.slice(from, from + length)) !== mark) return { at: from };
  }
  return undefined;
}

/** The first place at which two files differ, less their digests; -1 where there is none. */
function firstDifference(html: string, expected: string, claimed: string): number {
  const zeroed = withoutDigest(html, claimed);
  const other = withoutDigest(expected, openFile(expected)?.digest ?? "");
  if (zeroed === other) return -1;
  let at = 0;
  while (at < zeroed.length && zeroed[at] === other[at]) at++;
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
