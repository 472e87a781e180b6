import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { columnOf } from "./column.ts";
import { brokenJsonLine, raggedLine, type MalformedLine } from "./malformed-line.ts";
import { parseSqlType, printSqlType, quoteName, quoteText, type SqlType } from "./sql-type.ts";
import type { Column } from "./table.ts";

/** A file as a database that any client can attach. */
export interface FileDatabase {
  /** absolute path of the `.duckdb` file */
  readonly location: string;
  /** the table's name in it */
  readonly table: "data";
  readonly numRows: number;
  readonly columns: readonly Column[];
}

/** A file that cannot become a table. */
export class FileDatabaseError extends Error {
  constructor(
    message: string,
    /** `not-found`, `unknown-format`, `empty`, `malformed`, `other` */
    readonly code: string,
    /** 1-based, in the file, where it is known */
    readonly line?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "FileDatabaseError";
  }
}

/** The formats that files can have, by the end of their names. */
export const fileFormats = ["csv", "tsv", "parquet", "json", "ndjson", "jsonl"] as const;

const underWay = new Map<string, Promise<FileDatabase>>();

/**
 * Turns a CSV, TSV, Parquet or JSON file into a `.duckdb` file that is named by the content's digest,
 * in the storage version that every engine reads. A file that was turned before is not read again;
 * doing it twice at once, even from two processes, is safe: the result appears whole or not at all.
 *
 * Types are DuckDB's own guesses: whole numbers in CSV and JSON are BIGINT; an empty field is NULL,
 * and the text `NA` is text. Rows keep their order. Two things differ, because the page has no
 * extensions: JSON values without a type become text, and timestamps with a zone become UTC.
 *
 * @param digest SHA-256 of the file's bytes, which the caller knows
 * @param directory where databases are kept; made if it is not there
 * @throws {FileDatabaseError}
 */
export async function convertToDatabase(
  filePath: string,
  { digest, directory }: { readonly digest: string; readonly directory: string },
): Promise<FileDatabase> {
  const format = await checkedFormat(filePath);
  const location = locationOf(directory, digest, format);
  const known = underWay.get(location);
  if (known) return await known;
  const converted = convert(filePath, format, location).finally(() => underWay.delete(location));
  underWay.set(location, converted);
  return await converted;
}

/**
 * The database that a file of this content and name was turned into before, wherever the file is now;
 * undefined where there is none.
 *
 * @throws {FileDatabaseError} `unknown-format`
 */
export async function findDatabase(
  filePath: string,
  { digest, directory }: { readonly digest: string; readonly directory: string },
): Promise<FileDatabase | undefined> {
  return await readDescription(locationOf(directory, digest, formatOf(filePath)));
}

type FileFormat = (typeof fileFormats)[number];

function locationOf(directory: string, digest: string, format: FileFormat): string {
  return join(resolve(directory), `${digest}.${format}.duckdb`);
}

function formatOf(filePath: string): FileFormat {
  const end = extname(filePath).slice(1).toLowerCase();
  const format = fileFormats.find((candidate) => candidate === end);
  if (!format)
    throw new FileDatabaseError(
      `${filePath} is no file that SQL can read; it reads ${fileFormats.map((name) => `.${name}`).join(", ")}`,
      "unknown-format",
    );
  return format;
}

async function checkedFormat(filePath: string): Promise<FileFormat> {
  const format = formatOf(filePath);
  const found = await stat(filePath).catch(() => undefined);
  if (!found?.isFile()) throw new FileDatabaseError(`there is no file ${filePath}`, "not-found");
  if (found.size === 0) throw new FileDatabaseError(`${filePath} is empty`, "empty");
  return format;
}

async function convert(
  filePath: string,
  format: FileFormat,
  location: string,
): Promise<FileDatabase> {
  const known = await readDescription(location);
  if (known) return known;
  await mkdir(join(location, ".."), { recursive: true });
  const temporary = `${location}.${randomUUID()}`;
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    const described = await write(connection, filePath, format, temporary);
    // the description stands before the database does, so that who finds one finds both
    await writeFile(`${temporary}.json`, JSON.stringify(described));
    await rename(`${temporary}.json`, `${location}.json`);
    await rename(temporary, location);
    return fileDatabase(location, described);
  } catch (error) {
    const isLines = format === "ndjson" || format === "jsonl";
    const broken = isLines ? await brokenJsonLine(filePath) : undefined;
    throw broken ? malformed(filePath, broken, error) : fileError(filePath, error);
  } finally {
    instance.closeSync();
    for (const end of ["", ".wal", ".json"]) await rm(`${temporary}${end}`, { force: true });
  }
}

interface Description {
  readonly numRows: number;
  readonly columns: readonly { readonly name: string; readonly sqlType: string }[];
}

async function readDescription(location: string): Promise<FileDatabase | undefined> {
  const found = await stat(location).catch(() => undefined);
  if (!found) return undefined;
  const described = await readFile(`${location}.json`, "utf8").catch(() => undefined);
  return described === undefined
    ? undefined
    : fileDatabase(location, JSON.parse(described) as Description);
}

function fileDatabase(location: string, { numRows, columns }: Description): FileDatabase {
  return {
    location,
    table: "data",
    numRows,
    columns: columns.map(({ name, sqlType }) => columnOf(name, sqlType)),
  };
}

async function write(
  connection: DuckDBConnection,
  filePath: string,
  format: FileFormat,
  location: string,
): Promise<Description> {
  await connection.run("set TimeZone = 'UTC'");
  await connection.run("set autoload_known_extensions = false");
  await connection.run(`attach ${quoteText(location)} as file (storage_version 'v1.0.0')`);
  if (format === "csv" || format === "tsv") await checkSniffing(connection, filePath, format);
  try {
    await load(connection, readerOf(filePath, format));
  } catch (error) {
    // perhaps the guess from the first rows was wrong: guess from all of them
    await connection.run("drop table if exists file.data");
    if (format !== "csv" && format !== "tsv") throw error;
    await load(connection, readerOf(filePath, format, ", sample_size = -1")).catch(() => {
      throw error;
    });
  }
  const columns = await describe(connection, "file.data");
  const counted = await connection.runAndReadAll("select count(*)::DOUBLE from file.data");
  await connection.run("checkpoint file");
  await connection.run("detach file");
  return { numRows: Number(counted.getRows()[0]?.[0]), columns };
}

async function load(connection: DuckDBConnection, reader: string): Promise<void> {
  const columns = await describe(connection, reader);
  const expressions = columns.map(({ name, sqlType }) => {
    const type = storableType(parseSqlType(sqlType));
    return `${quoteName(name)}::${printSqlType(type)} as ${quoteName(name)}`;
  });
  await connection.run(`create table file.data as select ${expressions.join(", ")} from ${reader}`);
}

async function describe(
  connection: DuckDBConnection,
  source: string,
): Promise<{ name: string; sqlType: string }[]> {
  const described = await connection.runAndReadAll(`describe from ${source}`);
  return described
    .getRows()
    .map(([name, sqlType]) => ({ name: String(name), sqlType: String(sqlType) }));
}

/** The table function that reads a file. */
function readerOf(filePath: string, format: FileFormat, more = ""): string {
  const path = quoteText(resolve(filePath));
  switch (format) {
    case "csv":
      return `read_csv(${path}${more})`;
    case "tsv":
      return `read_csv(${path}, delim = '\t'${more})`;
    case "parquet":
      return `read_parquet(${path})`;
    case "json":
      return `read_json(${path})`;
    default:
      return `read_json(${path}, format = 'newline_delimited')`;
  }
}

/**
 * DuckDB guesses how a text file is written, and where lines differ it may guess that they all are
 * one column, or leave the first ones out. Rather than losing rows, the file is refused then, with
 * the line that differs.
 */
async function checkSniffing(
  connection: DuckDBConnection,
  filePath: string,
  format: "csv" | "tsv",
): Promise<void> {
  const delimiter = format === "tsv" ? "\t" : undefined;
  const delim = delimiter === undefined ? "" : `, delim = ${quoteText(delimiter)}`;
  const path = quoteText(resolve(filePath));
  const sniffed = await connection
    .runAndReadAll(
      `select SkipRows = 0 and (len(Columns) > 1 or not regexp_matches(Columns[1].name, '[,;|\t]')) from sniff_csv(${path}${delim})`,
    )
    .then((read) => read.getRows()[0]?.[0] === true)
    .catch(() => false);
  const ragged = sniffed ? undefined : await raggedLine(filePath, delimiter);
  if (ragged) throw malformed(filePath, ragged);
}

function malformed(filePath: string, { line, reason }: MalformedLine, cause?: unknown) {
  const options = cause === undefined ? undefined : { cause };
  return new FileDatabaseError(`${filePath}, line ${line}: ${reason}`, "malformed", line, options);
}

/** The type that the page's engine can read too. */
function storableType(type: SqlType): SqlType {
  switch (type.kind) {
    case "list":
      return { ...type, of: storableType(type.of) };
    case "struct":
    case "union":
      return {
        ...type,
        fields: type.fields.map(({ name, type }) => ({ name, type: storableType(type) })),
      };
    case "map":
      return { ...type, key: storableType(type.key), value: storableType(type.value) };
    case "scalar":
      if (type.name === "JSON") return { kind: "scalar", name: "VARCHAR" };
      if (type.name === "TIMESTAMP WITH TIME ZONE") return { kind: "scalar", name: "TIMESTAMP" };
      return type;
    default:
      return type;
  }
}

function fileError(filePath: string, error: unknown): FileDatabaseError {
  if (error instanceof FileDatabaseError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const line = /\bLine: (\d+)/.exec(said)?.[1] ?? /\bin line (\d+)|line (\d+)/i.exec(said)?.[1];
  const reason = said
    .split("\n")
    .filter((text) => text.trim() !== "" && !/^(?:Possible|\*|  \w+ ?=|LINE )/.test(text))
    .slice(0, 3)
    .join(" ")
    .replace(/^(?:Invalid Input|Conversion) Error: /, "");
  return new FileDatabaseError(
    `${filePath}${line ? `, line ${line}` : ""}: ${reason}`,
    /^(?:Invalid Input|Conversion) Error/.test(said) ? "malformed" : "other",
    line ? Number(line) : undefined,
    { cause: error },
  );
}
