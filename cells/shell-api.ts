import * as v from "valibot";
import type { FileTable } from "../data/query-client.ts";
import { digestSchema, receiptBodySchema, receiptSchema } from "../engines/receipt-schema.ts";
import type { Host } from "./host.ts";
import type { ApiSchema } from "./port.ts";
import { frameReportSchema, type FrameReport } from "./report/frame-report.ts";
import { sharedWorkbookSchema, type SharedWorkbook } from "./share/shared-workbook.ts";
import { resultBytesSchema, resultIndexSchema, type ResultIndex } from "./result-index.ts";
import {
  countSchema,
  documentTextSchema,
  dryRunRequestSchema,
  fileTableEntries,
  pathSchema,
  runUpdateSchema,
  submitRequestSchema,
  textSchema,
  trainRequestSchema,
} from "./wire-schema.ts";

/**
 * What the sandboxed frame may ask of the shell, over one MessagePort. The shell validates every
 * argument: the frame runs a stranger's code.
 */
export interface ShellApi extends Omit<Host, "query"> {
  /**
   * A card is shown whose stage did not run, because its result was known: the receipt that it names
   * counts as if the stage had written it now. Only what the workbook itself found can be recalled.
   *
   * @returns whether the ledger has it
   */
  recallReceipt(id: string): Promise<boolean>;
  /** a workspace file as a database to attach: under a capability URL, or as bytes */
  table(path: string): Promise<GivenTable>;
  /** a workspace file's bytes: under a capability URL, or at once */
  file(path: string): Promise<GivenFile>;

  /** the workbook's text after an edit; kept so that a stuck frame loses nothing */
  draft(text: string): Promise<void>;
  /** writes the workbook to disk; rejects with code `conflict` if somebody else changed it */
  save(text: string): Promise<{ readonly digest: string }>;
  /** which cell's body is about to run, so that a frame that hangs can be told why; null for none */
  running(cell: number | null): Promise<void>;

  /** what the result cache has of this workbook */
  results(): Promise<ResultIndex>;
  /** a kept result's bytes; null where it is gone or damaged */
  result(key: string): Promise<Uint8Array | null>;
  /** keeps a result's bytes for a key; whether it did, for a cache is bounded and may be full */
  keepResult(key: string, bytes: Uint8Array): Promise<boolean>;
  /** lets a kept result go */
  forgetResult(key: string): Promise<void>;
  /** lets all kept results of this workbook go; how many there were */
  forgetResults(): Promise<number>;
  /** SHA-256 of a workspace file's bytes as they are now, without opening it; null where it is gone */
  fileDigest(path: string): Promise<string | null>;
}

/** A database to attach. Where there is no server that frames can read from, it comes as bytes. */
export interface GivenTable extends FileTable {
  /** the whole `.duckdb` file; `location` is then only its name */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** A file to read. Where there is no server that frames can read from, it comes as bytes. */
export interface GivenFile {
  /** empty where `bytes` are given */
  readonly url: string;
  /** SHA-256 of its bytes */
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** What the shell may ask of the frame. */
export interface FrameApi {
  open(document: OpenDocument): Promise<void>;
  /** answers at once unless a cell loops for ever */
  ping(): Promise<void>;
  /** asks for the newest text, as it would be saved */
  text(): Promise<string>;
  /** the person asked to save from the shell */
  save(): Promise<void>;
  /** runs all stale cells */
  runStale(): Promise<void>;
  /** runs every cell again, whether or not anything changed */
  runAll(): Promise<void>;
  /** forgets all results that are kept, here and on disk, and says how many */
  forgetResults(): Promise<void>;
  /** what the workbook shows, for a report */
  report(): Promise<FrameReport>;
  /** what the workbook shows and which results it has now; all of them are written when this resolves */
  share(): Promise<SharedWorkbook>;
  /** the person lets a workbook run that was opened held */
  release(): Promise<void>;
  /** the page's colours changed while the workbook is open */
  setColorScheme(scheme: "light" | "dark"): Promise<void>;
}

/** The workbook that a frame opens. */
export interface OpenDocument {
  readonly path: string;
  readonly text: string;
  /** cells that must not run, because they hung the frame before */
  readonly disabled: readonly number[];
  /** whether nothing runs until the person says so: what is known is shown, the rest waits */
  readonly held: boolean;
  readonly colorScheme: "light" | "dark";
}

const nothing = v.undefined();
const givenBytes = v.custom<Uint8Array<ArrayBuffer>>(
  (value) => value instanceof Uint8Array && value.buffer instanceof ArrayBuffer,
  "expected bytes",
);
const givenTableSchema: v.GenericSchema<unknown, GivenTable> = v.strictObject({
  ...fileTableEntries,
  bytes: v.exactOptional(givenBytes),
});
const givenFileSchema: v.GenericSchema<unknown, GivenFile> = v.strictObject({
  url: v.pipe(v.string(), v.maxLength(4096)),
  digest: digestSchema,
  mediaType: textSchema,
  bytes: v.exactOptional(givenBytes),
});
const noArguments = v.tuple([]);
const cellId = countSchema;
const colorScheme = v.picklist(["light", "dark"]);

/** What the shell accepts from a frame, and what a frame accepts as an answer. */
export const shellApiSchema: ApiSchema<ShellApi> = {
  receipt: { kind: "call", args: v.tuple([receiptBodySchema]), result: receiptSchema },
  recallReceipt: { kind: "call", args: v.tuple([digestSchema]), result: v.boolean() },
  dryRun: { kind: "call", args: v.tuple([dryRunRequestSchema]), result: receiptSchema },
  train: { kind: "stream", args: v.tuple([trainRequestSchema]), item: runUpdateSchema },
  submit: { kind: "stream", args: v.tuple([submitRequestSchema]), item: runUpdateSchema },
  cancel: { kind: "call", args: v.tuple([digestSchema]), result: nothing },
  ask: { kind: "call", args: v.tuple([digestSchema]), result: nothing },
  table: { kind: "call", args: v.tuple([pathSchema]), result: givenTableSchema },
  file: {
    kind: "call",
    args: v.tuple([pathSchema]),
    result: givenFileSchema,
  },
  draft: { kind: "call", args: v.tuple([documentTextSchema]), result: nothing },
  save: {
    kind: "call",
    args: v.tuple([documentTextSchema]),
    result: v.strictObject({ digest: digestSchema }),
  },
  running: { kind: "call", args: v.tuple([v.nullable(cellId)]), result: nothing },
  results: { kind: "call", args: noArguments, result: resultIndexSchema },
  result: { kind: "call", args: v.tuple([digestSchema]), result: v.nullable(resultBytesSchema) },
  keepResult: {
    kind: "call",
    args: v.tuple([digestSchema, resultBytesSchema]),
    result: v.boolean(),
  },
  forgetResult: { kind: "call", args: v.tuple([digestSchema]), result: nothing },
  forgetResults: { kind: "call", args: noArguments, result: countSchema },
  fileDigest: { kind: "call", args: v.tuple([pathSchema]), result: v.nullable(digestSchema) },
};

/** What the frame accepts from the shell, and what the shell accepts as an answer. */
export const frameApiSchema: ApiSchema<FrameApi> = {
  open: {
    kind: "call",
    args: v.tuple([
      v.strictObject({
        path: pathSchema,
        text: documentTextSchema,
        disabled: v.array(cellId),
        held: v.boolean(),
        colorScheme,
      }),
    ]),
    result: nothing,
  },
  ping: { kind: "call", args: noArguments, result: nothing },
  text: { kind: "call", args: noArguments, result: documentTextSchema },
  save: { kind: "call", args: noArguments, result: nothing },
  runStale: { kind: "call", args: noArguments, result: nothing },
  runAll: { kind: "call", args: noArguments, result: nothing },
  forgetResults: { kind: "call", args: noArguments, result: nothing },
  report: { kind: "call", args: noArguments, result: frameReportSchema },
  share: { kind: "call", args: noArguments, result: sharedWorkbookSchema },
  release: { kind: "call", args: noArguments, result: nothing },
  setColorScheme: { kind: "call", args: v.tuple([colorScheme]), result: nothing },
};
