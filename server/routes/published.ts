import { Hono } from "hono";
import { fileResponse } from "../file-response.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { shellPage } from "../page-document.ts";
import type { PublicPublication } from "../publications.ts";
import { publishedHeaders } from "../security-headers.ts";
import { isSystemError, ServerError } from "../server-error.ts";

const address = "/s/:digest{[0-9a-f]{64}}";

/**
 * What is published, for whoever has its link: the page, and what the page reads. Only our own page
 * reads it: it can be taken back, so nobody is to keep it, and none of it is a page of ours.
 */
export function publishedRoutes({ page, publications }: ServerContext): Hono<ServerEnv> {
  const shell = async (digest: string): Promise<Response> =>
    await shellPage(page, await statusOf(() => publications.find(digest)));
  const file = async (
    context: RequestContext,
    digest: string,
    pathIn: (publication: PublicPublication) => string | undefined,
    more: Readonly<Record<string, string>>,
  ): Promise<Response> => {
    for (const [name, value] of Object.entries(publishedHeaders)) context.header(name, value);
    const path = pathIn(await publications.find(digest));
    if (path === undefined) throw new ServerError(404, "part", "the publication has no such part");
    try {
      return await fileResponse(context, path, { ...publishedHeaders, ...more });
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) throw error;
      // taken back since, which this says
      await publications.find(digest);
      throw new ServerError(500, "publication", "a part of this publication is lost", {
        hint: "ask whoever published it to publish it again",
        cause: error,
      });
    }
  };
  return (
    new Hono<ServerEnv>()
      .get(address, (context) => shell(context.req.param("digest")))
      .get(`${address}/`, (context) => shell(context.req.param("digest")))
      // a link that was cut, as the page says
      .get("/s/:cut", () => shellPage(page, 404))
      .get("/s/:cut/", () => shellPage(page, 404))
      .get(`${address}/publication.json`, (context) => {
        const digest = context.req.param("digest");
        const headers = { "Content-Type": "application/json", ETag: `"${digest}"` };
        return file(context, digest, (found) => found.file, headers);
      })
      .get(`${address}/parts/:part{[0-9a-f]{64}}`, (context) => {
        const { digest, part } = context.req.param();
        const headers = { "Content-Type": "application/octet-stream", ETag: `"${part}"` };
        return file(context, digest, (found) => found.part(part), headers);
      })
  );
}

/** The page says in words what the status says. */
async function statusOf(find: () => Promise<unknown>): Promise<number> {
  try {
    await find();
    return 200;
  } catch (error) {
    if (error instanceof ServerError) return error.status;
    throw error;
  }
}
