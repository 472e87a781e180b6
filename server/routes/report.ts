import { Hono } from "hono";
import * as v from "valibot";
import { filesReadSchema } from "../../cells/report/files-read.ts";
import { frameReportSchema } from "../../cells/report/frame-report.ts";
import { pathSchema } from "../../cells/wire-schema.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { makeReport } from "../make-report.ts";
import { MadeReports } from "../made-reports.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";
import { workspacePath } from "../workspace-path.ts";

const requestSchema = v.strictObject({
  path: pathSchema,
  shown: frameReportSchema,
  files: filesReadSchema,
});

/**
 * Makes reports of what the page shows. The page asks the person before one leaves, and only then
 * has the ledger know it.
 */
export function reportRoutes({ workspace }: ServerContext): Hono<ServerEnv> {
  const made = new MadeReports(workspace.ledger);
  return new Hono<ServerEnv>()
    .post("/report", async (context) => {
      const parts = await jsonBody(context, requestSchema, bodyLimits.report);
      await workspacePath(workspace.root, parts.path);
      const report = await makeReport(workspace, parts);
      made.remember(report);
      return context.body(report.html, 200, {
        "Content-Type": "text/html; charset=utf-8",
        ETag: `"${report.digest}"`,
        // to be kept as a file, and never a page of ours
        "Content-Disposition": "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
      });
    })
    .post("/reports/:digest{[0-9a-f]{64}}/export", async (context) => {
      await made.note(context.req.param("digest"));
      return context.body(null, 204);
    });
}
