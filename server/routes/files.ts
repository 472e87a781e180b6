import { stat } from "node:fs/promises";
import { Hono } from "hono";
import { fileResponse } from "../file-response.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { mediaTypeOf } from "../media-type.ts";
import { bodyLimits, textBody } from "../request-body.ts";
import { pathAfter, pathIn } from "../request-path.ts";
import { ServerError } from "../server-error.ts";
import type { Expectation } from "../workspace-files.ts";

/** The workspace's files: listed, read, and, where they are workbooks, written. */
export function fileRoutes({ workspace: { files } }: ServerContext): Hono<ServerEnv> {
  const prefix = "/api/files/";
  return new Hono<ServerEnv>()
    .get("/files", async ({ json }) => json({ files: await files.list() }))
    .get("/file-digest", async (context) =>
      context.json({ digest: await files.digest(pathIn(context, "path")) }),
    )
    .get("/files/*", async (context) => {
      const path = pathAfter(context, prefix);
      const headers = {
        "Content-Type": mediaTypeOf(path),
        // never a page of ours, even where somebody opens it by itself
        "Content-Security-Policy": "default-src 'none'; sandbox",
      };
      const real = await files.locate(path);
      if ((await stat(real)).size > bodyLimits.workbook)
        return await fileResponse(context, real, {
          ...headers,
          ETag: `"${await files.digest(path)}"`,
        });
      // what can be edited is read at once, so that bytes and digest are of one moment
      const { bytes, digest } = await files.read(path);
      return context.body(new Uint8Array(bytes), 200, { ...headers, ETag: `"${digest}"` });
    })
    .put("/files/*", async (context) => {
      const path = pathAfter(context, prefix);
      const expected = expectationOf(context);
      const text = await textBody(context, bodyLimits.workbook);
      return context.json({ digest: await files.write(path, text, expected) });
    });
}

function expectationOf(context: RequestContext): Expectation {
  if (context.req.header("if-none-match")?.trim() === "*") return "nothing";
  const [, digest] = /^"([0-9a-f]{64})"$/.exec(context.req.header("if-match")?.trim() ?? "") ?? [];
  if (digest === undefined)
    throw new ServerError(428, "if-match", "say which version is to be replaced", {
      hint: 'send If-Match: "<sha256>" of the file as it was read, or If-None-Match: * for a new one',
    });
  return { digest };
}
