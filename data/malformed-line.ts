import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** Where a text file goes wrong, and how. */
export interface MalformedLine {
  /** 1-based */
  readonly line: number;
  readonly reason: string;
}

/**
 * The first record of a delimited file that has another number of fields than the first one. Fields
 * may stand in double quotes, with `""` for a quote and with line breaks (RFC 4180).
 *
 * @param delimiter one character; without it, the one of `,` `;` tab and `|` that is most frequent
 *   in the first line
 */
export async function raggedLine(
  filePath: string,
  delimiter?: string,
): Promise<MalformedLine | undefined> {
  let separator = delimiter;
  let expected: number | undefined;
  let record = "";
  let start = 0;
  let line = 0;
  for await (const text of linesOf(filePath)) {
    line++;
    if (record === "") start = line;
    record = record === "" ? text : `${record}\n${text}`;
    if (record === "" || !isClosed(record)) continue;
    separator ??= likelyDelimiter(record);
    const found = fieldsIn(record, separator);
    record = "";
    expected ??= found;
    if (found !== expected)
      return {
        line: start,
        reason: `it has ${counted(found)} where the first line has ${expected}`,
      };
  }
  return record === "" ? undefined : { line: start, reason: "a quote is opened and never closed" };
}

/** The first line of an NDJSON file that is no JSON. */
export async function brokenJsonLine(filePath: string): Promise<MalformedLine | undefined> {
  let line = 0;
  for await (const text of linesOf(filePath)) {
    line++;
    if (text.trim() === "") continue;
    try {
      JSON.parse(text);
    } catch (error) {
      return { line, reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}

function linesOf(filePath: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(filePath), crlfDelay: Infinity });
}

/** Whether every quote that a record opens is closed: their number is even. */
function isClosed(record: string): boolean {
  let quotes = 0;
  for (let at = record.indexOf('"'); at >= 0; at = record.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 0;
}

function fieldsIn(record: string, delimiter: string): number {
  let fields = 1;
  let isQuoted = false;
  for (const character of record) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) fields++;
  }
  return fields;
}

function likelyDelimiter(record: string): string {
  const counts = [",", ";", "\t", "|"].map(
    (delimiter) => [delimiter, fieldsIn(record, delimiter)] as const,
  );
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function counted(fields: number): string {
  return fields === 1 ? "1 field" : `${fields} fields`;
}
