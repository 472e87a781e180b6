import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";

/** A Markdown table; the first column is text, the others stand to the right. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(columns.map((_, i) => (i === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}

/** Milliseconds to three digits. */
export function milliseconds(time: number): string {
  return time >= 100
    ? Math.round(time).toLocaleString("en-US")
    : String(Number(time.toPrecision(3)));
}

/**
 * Puts text between the markers `<!-- NAME -->` and `<!-- end of NAME -->` of a Markdown file.
 *
 * @throws {Error} if the markers are not there
 */
export async function writeBetween(path: string, name: string, text: string): Promise<void> {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const before = await readFile(path, "utf8");
  const from = before.indexOf(start);
  const to = before.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`${path} has no place for the results: put ${start} and ${end} into it`);
  const after = `${before.slice(0, from)}${start}\n\n${text}\n\n${before.slice(to)}`;
  await writeFile(path, await format(after, { parser: "markdown", printWidth: 100 }));
}
