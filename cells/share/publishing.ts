import * as v from "valibot";
import { digestSchema } from "../../engines/receipt-schema.ts";
import { filesReadSchema, type FileRead } from "../report/files-read.ts";
import type { SecretFinding } from "../report/secrets.ts";
import { countSchema, pathSchema, textSchema } from "../wire-schema.ts";
import { sharedWorkbookSchema, type SharedWorkbook } from "./shared-workbook.ts";

/** What a publication is made of. */
export interface PublicationRequest {
  /** the workbook's path in its workspace */
  readonly path: string;
  /** what its cells show and have come to */
  readonly shown: SharedWorkbook;
  /** what it was given to read */
  readonly files: readonly FileRead[];
  /** who publishes it, in their own words */
  readonly by: string | null;
  /** whether the person lets the data that it reads go with it */
  readonly withData: boolean;
}

/** A publication that is ready and that nobody else can see yet. */
export interface PreparedPublication {
  readonly digest: string;
  /** of all its parts together */
  readonly bytes: number;
  /** what the workbook reads */
  readonly files: readonly PreparedFile[];
  /** what should perhaps not leave the machine, of each kind at each place the first ones */
  readonly found: readonly FoundSecret[];
  /** how many more there are than `found` lists */
  readonly foundMore: number;
  /** where secrets were not looked for to the end, and why, in sentences */
  readonly unsearched: readonly string[];
}

/** A file that a workbook reads, as it goes into a publication or stays at home. */
export interface PreparedFile {
  readonly path: string;
  /** in bytes; 0 where it is no longer what the workbook has read */
  readonly size: number;
  /** whether its content goes with the workbook */
  readonly isIncluded: boolean;
  /** why its content cannot go, where the person let it */
  readonly reason?: string;
}

/** Something in a publication that should perhaps not leave the machine. */
export interface FoundSecret extends Pick<SecretFinding, "kind" | "excerpt"> {
  /**
   * `workbook`, `report`, `result`, `run`, `receipt`, `publication` for what names it, or the path of
   * a data file
   */
  readonly where: string;
}

/** A publication in the list of those that are public. */
export interface PublicationLine {
  readonly digest: string;
  readonly title: string;
  /** the workbook's path in its workspace */
  readonly path: string;
  /** SHA-256 of the workbook's file as it was published */
  readonly workbook: string;
  readonly by: string | null;
  /** RFC 3339, UTC */
  readonly at: string;
  /** of all its parts together */
  readonly bytes: number;
  /** whether the content of a file is in it */
  readonly withData: boolean;
}

/** A publication that has become a workbook of one's own. */
export interface PublicationCopy {
  /** the new workbook */
  readonly path: string;
  readonly files: readonly CopiedFile[];
}

/**
 * What became of a file that came with a workbook. It is `written`; or something is there, which is
 * the `same` or `differs` and stays; or the publication does not have it (`missing`), or under a name
 * that no data has (`refused`).
 */
export interface CopiedFile {
  readonly path: string;
  readonly state: "written" | "same" | "differs" | "missing" | "refused";
}

export const publicationRequestSchema: v.GenericSchema<unknown, PublicationRequest> =
  v.strictObject({
    path: pathSchema,
    shown: sharedWorkbookSchema,
    files: filesReadSchema,
    by: v.nullable(v.pipe(v.string(), v.maxLength(1_000))),
    withData: v.boolean(),
  });

export const preparedPublicationSchema: v.GenericSchema<unknown, PreparedPublication> = v.object({
  digest: digestSchema,
  bytes: countSchema,
  files: v.array(
    v.object({
      path: v.string(),
      size: countSchema,
      isIncluded: v.boolean(),
      reason: v.exactOptional(v.string()),
    }),
  ),
  found: v.array(v.object({ kind: v.string(), excerpt: v.string(), where: v.string() })),
  foundMore: countSchema,
  unsearched: v.array(v.string()),
});

export const publicationLineSchema: v.GenericSchema<unknown, PublicationLine> = v.object({
  digest: digestSchema,
  title: textSchema,
  path: pathSchema,
  workbook: digestSchema,
  by: v.nullable(textSchema),
  at: v.string(),
  bytes: countSchema,
  withData: v.boolean(),
});

export const publicationLinesSchema: v.GenericSchema<
  unknown,
  { readonly publications: readonly PublicationLine[] }
> = v.object({ publications: v.array(publicationLineSchema) });

export const publicationCopySchema: v.GenericSchema<unknown, PublicationCopy> = v.object({
  path: v.string(),
  files: v.array(
    v.object({
      path: v.string(),
      state: v.picklist(["written", "same", "differs", "missing", "refused"]),
    }),
  ),
});
