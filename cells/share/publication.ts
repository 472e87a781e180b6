import * as v from "valibot";
import { digestSchema, receiptSchema } from "../../engines/receipt-schema.ts";
import type { Receipt } from "../../engines/receipt.ts";
import { canonicalJson } from "../../runtime/canonical-json.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { maxIndexKeys } from "../result-index.ts";
import { countSchema, pathSchema, textSchema } from "../wire-schema.ts";

/**
 * A workbook as it was published: all that a stranger needs to read it, check it and go on with it.
 * It is plain data that names its parts by digest. The SHA-256 of its canonical JSON names it, so
 * that whoever has the link can tell whether what came is what was meant.
 */
export interface Publication {
  readonly kind: "tierbook.publication";
  readonly version: 1;
  readonly title: string;
  /** the workbook's path in the workspace it came from */
  readonly path: string;
  /** who published it, in their own words; nobody has checked them */
  readonly by: string | null;
  /** RFC 3339, UTC */
  readonly at: string;
  /** the version of Tierbook that made it */
  readonly tierbook: string;
  /** the workbook's file, byte for byte */
  readonly workbook: Part;
  /** the report of what it showed: its saved outputs */
  readonly report: Part;
  /** results of its cells that come back without running, by their keys */
  readonly results: readonly PublishedResult[];
  /** the receipts that its cards name */
  readonly receipts: readonly Receipt[];
  /** the finished runs that it shows, by their keys; each part is a {@link PublishedRun} as JSON */
  readonly runs: readonly { readonly key: string; readonly part: Part }[];
  /** the files that it reads */
  readonly files: readonly PublishedFile[];
}

/** Bytes that belong to a publication. */
export interface Part {
  /** SHA-256 */
  readonly digest: string;
  /** in bytes */
  readonly size: number;
}

/** A kept result: its key in the result cache, and its bytes. */
export interface PublishedResult {
  readonly key: string;
  readonly part: Part;
}

/** A file that the workbook reads. Its digest is known also where its bytes stay at home. */
export interface PublishedFile {
  readonly path: string;
  readonly digest: string;
  readonly mediaType: string;
  /** in bytes; 0 where the file was gone or another one when the workbook was published */
  readonly size: number;
  /** its bytes, where cells read them and the person agreed */
  readonly bytes?: Part;
  /** the same as a database to attach, where SQL reads it and the person agreed */
  readonly table?: PublishedTable;
}

/** A data file as a DuckDB database. */
export interface PublishedTable {
  readonly part: Part;
  /** the table's name in that database */
  readonly table: string;
  readonly numRows: number;
}

const partSchema: v.GenericSchema<unknown, Part> = v.strictObject({
  digest: digestSchema,
  size: countSchema,
});

/** The most files and runs that a publication names. */
const maxNamed = 10_000;

export const publicationSchema: v.GenericSchema<unknown, Publication> = v.strictObject({
  kind: v.literal("tierbook.publication"),
  version: v.literal(1),
  title: textSchema,
  path: pathSchema,
  by: v.nullable(textSchema),
  at: v.pipe(v.string(), v.isoTimestamp()),
  tierbook: textSchema,
  workbook: partSchema,
  report: partSchema,
  results: v.pipe(
    v.array(v.strictObject({ key: digestSchema, part: partSchema })),
    v.maxLength(maxIndexKeys),
  ),
  receipts: v.pipe(v.array(receiptSchema), v.maxLength(maxNamed)),
  runs: v.pipe(
    v.array(v.strictObject({ key: digestSchema, part: partSchema })),
    v.maxLength(maxNamed),
  ),
  files: v.pipe(
    v.array(
      v.strictObject({
        path: pathSchema,
        digest: digestSchema,
        mediaType: textSchema,
        size: countSchema,
        bytes: v.exactOptional(partSchema),
        table: v.exactOptional(
          v.strictObject({ part: partSchema, table: textSchema, numRows: countSchema }),
        ),
      }),
    ),
    v.maxLength(maxNamed),
  ),
});

/** A publication as it is stored and sent, and its name. */
export interface WrittenPublication {
  /** canonical JSON (RFC 8785) */
  readonly text: string;
  /** SHA-256 of the text in UTF-8 */
  readonly digest: string;
}

/** Writes a publication down. The same publication gives the same text everywhere. */
export function writePublication(publication: Publication): WrittenPublication {
  const text = canonicalJson(publication);
  return { text, digest: sha256(text) };
}

/** What came under a publication's address is not what its digest names. */
export class PublicationError extends Error {
  constructor(
    message: string,
    /** `changed`, `malformed`, `missing`, `gone`, `too-large`, `unreachable` */
    readonly code: string,
  ) {
    super(message);
    this.name = "PublicationError";
  }
}

/**
 * Reads a publication.
 *
 * @param digest what names it
 * @throws {PublicationError} `changed` if the digest names something else, `malformed` if the text
 *   is no publication
 */
export function readPublication(text: string, digest: string): Publication {
  if (sha256(text) !== digest)
    throw new PublicationError(
      "What is here is not what the link names: it was changed",
      "changed",
    );
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), publicationSchema), text);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new PublicationError(
    `This publication cannot be read: ${v.getDotPath(issue) ?? "$"}: ${issue.message}`,
    "malformed",
  );
}

/** All parts of a publication, each once. */
export function partsOf(publication: Publication): readonly Part[] {
  const { workbook, report, results, runs, files } = publication;
  const all = [
    workbook,
    report,
    ...results.map(({ part }) => part),
    ...runs.map(({ part }) => part),
    ...files.flatMap(({ bytes, table }) => [bytes, table?.part]),
  ];
  return [
    ...new Map(all.flatMap((part) => part ?? []).map((part) => [part.digest, part])).values(),
  ];
}
