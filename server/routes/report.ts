import { Hono } from "hono";
import * as v from "valibot";
import { frameReportSchema } from "../../cells/report/frame-report.ts";
import { pathSchema } from "../../cells/wire-schema.ts";
import { digestSchema } from "../../engines/receipt-schema.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { makeReport } from "../make-report.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";
import { workspacePath } from "../workspace-path.ts";

const requestSchema = v.strictObject({
  path: pathSchema,
  shown: frameReportSchema,
  files: v.pipe(
    v.array(v.strictObject({ path: pathSchema, digest: digestSchema })),
    v.maxLength(10_000),
  ),
});

/** Makes reports of what the page shows. */
export function reportRoutes({ workspace }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>().post("/report", async (context) => {
    const parts = await jsonBody(context, requestSchema, bodyLimits.report);
    await workspacePath(workspace.root, parts.path);
    const { html } = await makeReport(workspace, parts);
    return context.body(html, 200, {
      "Content-Type": "text/html; charset=utf-8",
      // to be kept as a file, and never a page of ours
      "Content-Disposition": "attachment",
      "Content-Security-Policy": "default-src 'none'; sandbox",
    });
  });
}
