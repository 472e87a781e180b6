import { readFile } from "node:fs/promises";
import { tableFromIPC } from "../data/arrow-decode.ts";
import { unpackResult } from "../runtime/result-bytes.ts";
import { count } from "../cells/number-format.ts";
import type { Part, Publication, PublishedFile } from "../cells/share/publication.ts";
import { mostRowsSearched, rowText } from "./row-text.ts";
import { SecretSearch, type SearchOutcome } from "./secret-search.ts";
import { valueText } from "./value-text.ts";

/** A table in a database file. */
export interface SearchedTable {
  /** the database's real path */
  readonly location: string;
  readonly table: string;
  readonly numRows: number;
}

/** Where what is searched lies. */
export interface SearchPlaces {
  readonly pathOf: (part: Part) => string;
  /** the tables of files whose bytes are published and are no text, by the file's path */
  readonly tables: ReadonlyMap<string, SearchedTable>;
}

/** Looks for secrets in all that a publication would give away. */
export async function searchPublication(
  publication: Publication,
  places: SearchPlaces,
): Promise<SearchOutcome> {
  const { pathOf } = places;
  const search = new SecretSearch();
  const { title, path, by, workbook, report, results, receipts, runs, files } = publication;
  await search.texts("publication", valueText({ title, path, by }));
  await search.file("workbook", pathOf(workbook));
  await search.file("report", pathOf(report));
  for (const { part } of results) await searchResult(search, await readFile(pathOf(part)));
  await search.texts("receipt", valueText(receipts));
  for (const { part } of runs)
    await search.texts("run", valueText(JSON.parse(await readFile(pathOf(part), "utf8"))));
  for (const file of files) await searchFile(search, file, places);
  return search.outcome();
}

/** A kept result is texts beside byte arrays, some of them tables. */
async function searchResult(search: SecretSearch, bytes: Uint8Array): Promise<void> {
  try {
    const { text, buffers } = unpackResult(bytes);
    await search.texts("result", valueText(JSON.parse(text)));
    for (const buffer of buffers) await search.texts("result", bufferText(buffer));
  } catch {
    // a result of another version: as much of it as is text
    await search.text("result", new TextDecoder().decode(bytes));
  }
}

function* bufferText(buffer: Uint8Array): Generator<string> {
  let table;
  try {
    table = tableFromIPC(buffer, { name: "result" });
  } catch {
    return yield new TextDecoder().decode(buffer);
  }
  for (const { name } of table.columns) yield* valueText(table.column(name), name);
}

async function searchFile(
  search: SecretSearch,
  { path, bytes, table }: PublishedFile,
  { pathOf, tables }: SearchPlaces,
): Promise<void> {
  await search.text("publication", path);
  const known = tables.get(path);
  if (bytes !== undefined && known === undefined) await search.file(path, pathOf(bytes));
  const rows = table === undefined ? known : { ...table, location: pathOf(table.part) };
  if (rows !== undefined) await searchRows(search, path, rows);
}

async function searchRows(
  search: SecretSearch,
  path: string,
  { location, table, numRows }: SearchedTable,
): Promise<void> {
  await search.texts(path, rowText(location, table));
  if (numRows > mostRowsSearched)
    search.skip(
      `Only the first ${count(mostRowsSearched, "row")} of the ${numRows.toLocaleString("en")} in ${path} were searched.`,
    );
}
