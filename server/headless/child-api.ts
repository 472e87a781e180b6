import * as v from "valibot";
import type { ApiSchema } from "../../cells/port.ts";
import { sharedWorkbookSchema, type SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import { countSchema, documentTextSchema, pathSchema } from "../../cells/wire-schema.ts";
import type { CellState } from "../../runtime/cell.ts";

/** What the parent may ask of the process that runs a workbook. */
export interface ChildApi {
  /** Runs all cells to their ends, and tells how they fare; ends when there is nothing left to do. */
  run(request: ChildRequest): AsyncIterable<CellReport>;
}

/** The workbook to run. */
export interface ChildRequest {
  /** its path in the workspace */
  readonly path: string;
  readonly text: string;
  /** folders whose databases SQL may attach */
  readonly directories: readonly string[];
  /** whether cards are printed with the colours of a terminal */
  readonly color: boolean;
  /** whether what the cells show is wanted at the end */
  readonly withShown: boolean;
}

/** What happened in a cell. */
export type CellReport =
  | { readonly type: "cell"; readonly cell: CellOutcome }
  /** a stage's card as text; `isFinal` when it will not change any more */
  | {
      readonly type: "card";
      readonly cell: number;
      readonly text: string;
      readonly isFinal: boolean;
    }
  /** nothing runs any more, and some cell waits for what nobody here is bringing */
  | { readonly type: "resting" }
  /** what the workbook shows when it is finished; the last of all, where it was asked for */
  | { readonly type: "shown"; readonly shown: SharedWorkbook };

/** Where a cell stands. */
export interface CellOutcome {
  readonly id: number;
  /** the names that it defines, else the beginning of its source */
  readonly title: string;
  /** whether it is there to be read, not to compute: Markdown, HTML */
  readonly isText: boolean;
  readonly state: CellState;
  /** whether its result came from the result cache, so that it did not run */
  readonly cached?: boolean;
  /** milliseconds that its body took */
  readonly duration?: number;
  /** why it waits */
  readonly waitsFor?: string;
  readonly error?: CellOutcomeError;
}

/** Why a cell failed, without what cannot cross between processes. */
export interface CellOutcomeError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** 1-based, in the cell */
  readonly line?: number;
  readonly hint?: string;
  /** the cell that broke this one */
  readonly blockedBy?: number;
}

const textSchema = v.pipe(v.string(), v.maxLength(1_000_000));

/** What the child accepts, and what the parent accepts as an answer. */
export const childApiSchema: ApiSchema<ChildApi> = {
  run: {
    kind: "stream",
    args: v.tuple([
      v.strictObject({
        path: pathSchema,
        text: documentTextSchema,
        directories: v.array(pathSchema),
        color: v.boolean(),
        withShown: v.boolean(),
      }),
    ]),
    item: v.variant("type", [
      v.strictObject({
        type: v.literal("cell"),
        cell: v.strictObject({
          id: countSchema,
          title: textSchema,
          isText: v.boolean(),
          state: v.picklist(["idle", "queued", "running", "fresh", "stale", "blocked", "error"]),
          cached: v.exactOptional(v.boolean()),
          duration: v.exactOptional(v.number()),
          waitsFor: v.exactOptional(textSchema),
          error: v.exactOptional(
            v.strictObject({
              name: textSchema,
              message: textSchema,
              code: v.exactOptional(textSchema),
              line: v.exactOptional(countSchema),
              hint: v.exactOptional(textSchema),
              blockedBy: v.exactOptional(countSchema),
            }),
          ),
        }),
      }),
      v.strictObject({
        type: v.literal("card"),
        cell: countSchema,
        text: textSchema,
        isFinal: v.boolean(),
      }),
      v.strictObject({ type: v.literal("resting") }),
      v.strictObject({ type: v.literal("shown"), shown: sharedWorkbookSchema }),
    ]),
  },
};
