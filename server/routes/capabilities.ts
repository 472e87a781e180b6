import { Hono } from "hono";
import * as v from "valibot";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { fileResponse } from "../file-response.ts";
import { mediaTypeOf } from "../media-type.ts";
import { jsonBody } from "../request-body.ts";
import { capabilityHeaders } from "../security-headers.ts";

const requestSchema = v.strictObject({
  path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  frame: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
});

/** Files and tables for a sandboxed frame, given by the shell and taken back with the frame. */
export function capabilityRoutes(context: ServerContext): Hono<ServerEnv> {
  const { workspace, capabilities } = context;
  return new Hono<ServerEnv>()
    .post("/tables", async (request) => {
      const { path, frame } = await jsonBody(request, requestSchema);
      const table = await workspace.tables.table(path);
      const location = await capabilities.give({
        frame,
        path: table.location,
        digest: table.digest,
        mediaType: "application/octet-stream",
      });
      return request.json({ ...table, location });
    })
    .post("/capabilities", async (request) => {
      const { path, frame } = await jsonBody(request, requestSchema);
      const real = await workspace.files.locate(path);
      const digest = await workspace.files.digest(path);
      const mediaType = mediaTypeOf(path);
      const url = await capabilities.give({ frame, path: real, digest, mediaType });
      return request.json({ url, digest, mediaType });
    })
    .delete("/capabilities/:frame", (request) => {
      capabilities.revoke(request.req.param("frame"));
      return request.body(null, 204);
    });
}

/** The addresses that were given: one file each, to read, for whoever knows it. */
export function capabilityUseRoutes({ capabilities }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .options("/b/:name", (request) => request.body(null, 204, capabilityHeaders))
    .get("/b/:name", async (request) => {
      for (const [name, value] of Object.entries(capabilityHeaders)) request.header(name, value);
      const { path, digest, mediaType } = await capabilities.use(request.req.param("name"));
      return await fileResponse(request, path, {
        ...capabilityHeaders,
        "Content-Type": mediaType,
        ETag: `"${digest}"`,
      });
    });
}
