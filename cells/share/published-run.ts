import * as v from "valibot";
import { runEventSchema, runRequestSchema, runResultSchema } from "../../engines/run-schema.ts";
import type { RunEvent, RunRequest, RunResult } from "../../engines/run.ts";

/** A finished run as a publication has it: what was asked, what happened, what came of it. */
export interface PublishedRun {
  readonly request: RunRequest;
  readonly events: readonly RunEvent[];
  readonly result: RunResult;
}

export const publishedRunSchema: v.GenericSchema<unknown, PublishedRun> = v.object({
  request: runRequestSchema,
  events: v.array(runEventSchema),
  result: runResultSchema,
});
