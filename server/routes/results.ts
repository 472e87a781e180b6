import { Hono } from "hono";
import { packResultIndex } from "../../cells/result-index.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { bytesBody } from "../request-body.ts";
import { pathIn } from "../request-path.ts";
import { ServerError } from "../server-error.ts";
import { workbookName } from "../workspace-path.ts";

const address = "/results/:key{[0-9a-f]{64}}";
const bytesHeaders = { "Content-Type": "application/octet-stream" };

/** The result cache: each workbook's results by key, as bytes that nobody here looks into. */
export function resultRoutes({ workspace: { root, results } }: ServerContext): Hono<ServerEnv> {
  const workbookOf = (context: RequestContext): Promise<string> =>
    workbookName(root, pathIn(context, "workbook"));
  return new Hono<ServerEnv>()
    .get("/results", async (context) =>
      context.json({ results: await results.list(await workbookOf(context)) }),
    )
    .delete("/results", async (context) =>
      context.json({ forgotten: await results.clear(await workbookOf(context)) }),
    )
    .get("/results/index", async (context) =>
      context.body(
        packResultIndex(await results.index(await workbookOf(context))),
        200,
        bytesHeaders,
      ),
    )
    .get(address, async (context) => {
      const key = context.req.param("key");
      const bytes = await results.get(await workbookOf(context), key);
      if (bytes === undefined) throw new ServerError(404, "result", `there is no result ${key}`);
      return context.body(bytes, 200, bytesHeaders);
    })
    .put(address, async (context) => {
      const workbook = await workbookOf(context);
      const bytes = await bytesBody(context, results.limits.entryBytes);
      return context.json({ kept: await results.put(workbook, context.req.param("key"), bytes) });
    })
    .delete(address, async (context) => {
      await results.delete(await workbookOf(context), context.req.param("key"));
      return context.body(null, 204);
    });
}
