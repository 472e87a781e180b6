import { Hono } from "hono";
import { heldCopySchema } from "../../cells/share/held-copy.ts";
import { heldCopy, holdCopy, releaseCopy } from "../held-copies.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";
import { pathIn } from "../request-path.ts";

/** Which workbooks somebody else made, so that they wait for the person's leave to run. */
export function heldRoutes({ workspace }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .get("/held", async (context) =>
      context.json({ held: (await heldCopy(workspace, pathIn(context, "workbook"))) ?? null }),
    )
    .put("/held", async (context) => {
      const copy = await jsonBody(context, heldCopySchema, bodyLimits.json);
      await holdCopy(workspace, pathIn(context, "workbook"), copy);
      return context.body(null, 204);
    })
    .delete("/held", async (context) => {
      await releaseCopy(workspace, pathIn(context, "workbook"));
      return context.body(null, 204);
    });
}
