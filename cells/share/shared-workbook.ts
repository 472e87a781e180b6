import * as v from "valibot";
import { digestSchema } from "../../engines/receipt-schema.ts";
import { frameReportSchema, type FrameReport } from "../report/frame-report.ts";
import { maxIndexKeys } from "../result-index.ts";

/** What whoever runs a workbook's cells can say of it when it is published. */
export interface SharedWorkbook {
  readonly report: FrameReport;
  /** keys in the result cache of what its cells came to now; older results stay at home */
  readonly results: readonly string[];
}

export const sharedWorkbookSchema: v.GenericSchema<unknown, SharedWorkbook> = v.strictObject({
  report: frameReportSchema,
  results: v.pipe(v.array(digestSchema), v.maxLength(maxIndexKeys)),
});
