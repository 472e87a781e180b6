import { Hono } from "hono";
import { publicationRequestSchema } from "../../cells/share/publishing.ts";
import { copyPublication } from "../copy-publication.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";

const address = "/publications/:digest{[0-9a-f]{64}}";

/** What the workspace publishes: prepared, made public, listed, taken back, and copied. */
export function publicationRoutes({ workspace, publications }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .post("/publications/prepare", async (context) => {
      const request = await jsonBody(context, publicationRequestSchema, bodyLimits.report);
      return context.json(await publications.prepare(request), 201);
    })
    .get("/publications", async (context) =>
      context.json({ publications: await publications.list() }),
    )
    .post(address, async (context) =>
      context.json(await publications.publish(context.req.param("digest"))),
    )
    .delete(address, async (context) => {
      await publications.takeBack(context.req.param("digest"));
      return context.body(null, 204);
    })
    .post(`${address}/copy`, async (context) => {
      const found = await publications.find(context.req.param("digest"));
      return context.json(await copyPublication(workspace, found), 201);
    });
}
