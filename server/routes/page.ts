import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { fileStream } from "../file-response.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { mediaTypeOf } from "../media-type.ts";
import { readDocument, shellPage } from "../page-document.ts";
import { assetHeaders, frameHeaders, openHeaders } from "../security-headers.ts";

/** The built page: the shell, the workbook's frame, and their assets. */
export function pageRoutes({ page }: ServerContext): Hono<ServerEnv> {
  const shell = (): Promise<Response> => shellPage(page);
  return (
    new Hono<ServerEnv>()
      .get("/", shell)
      .get("/w/*", shell)
      .get("/frame.html", async (context) =>
        context.body(await readDocument(page, "frame.html"), 200, {
          ...frameHeaders(new URL(context.req.url).origin),
          "Content-Type": "text/html; charset=utf-8",
        }),
      )
      .options("/assets/*", (context) => context.body(null, 204, openHeaders))
      .get("/assets/*", async (context) => {
        const { pathname } = new URL(context.req.url);
        if (!/^\/assets(\/[\w-][\w.-]*)+$/.test(pathname)) return noFile();
        return await asset(context, join(page, pathname));
      })
      // DuckDB asks here for extensions that it lacks; a plain 404 is the answer that it survives
      .all("/duckdb-ext/*", () => noFile())
  );
}

async function asset(context: RequestContext, path: string): Promise<Response> {
  const accepted = context.req.header("accept-encoding") ?? "";
  const forms = [
    { suffix: ".br", encoding: "br" },
    { suffix: ".gz", encoding: "gzip" },
    { suffix: "", encoding: undefined },
  ].filter(({ encoding }) => encoding === undefined || acceptsEncoding(accepted, encoding));
  for (const { suffix, encoding } of forms) {
    const found = await stat(path + suffix).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    const headers = {
      ...assetHeaders,
      "Content-Type": mediaTypeOf(path),
      "Content-Length": String(found.size),
      Vary: "Accept-Encoding",
      ...(encoding === undefined ? {} : { "Content-Encoding": encoding }),
    };
    if (context.req.raw.method === "HEAD") return new Response(null, { headers });
    return new Response(fileStream(path + suffix), { headers });
  }
  return noFile();
}

function acceptsEncoding(accepted: string, encoding: string): boolean {
  return accepted
    .split(",")
    .map((part) => part.trim().split(/\s*;\s*/))
    .some(([name, quality]) => name === encoding && quality !== "q=0");
}

function noFile(): Response {
  return new Response("Not found\n", {
    status: 404,
    headers: { ...openHeaders, "Content-Type": "text/plain; charset=utf-8" },
  });
}
