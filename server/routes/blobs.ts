import { Hono } from "hono";
import type { BlobPiece, BlobState } from "../blobs.ts";
import { fileResponse } from "../file-response.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { bodyLimits, bodyPieces } from "../request-body.ts";
import { ServerError } from "../server-error.ts";

const address = "/blobs/:digest{[0-9a-f]{64}}";

/** Blobs by their digest, in one piece or in several that may come over several connections. */
export function blobRoutes({ workspace: { blobs } }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .get(address, async (context) => {
      const digest = context.req.param("digest");
      const state = await blobs.state(digest);
      if (!state.complete) {
        if (context.req.raw.method === "HEAD" && state.bytes > 0) return incomplete(state);
        throw new ServerError(404, "blob", `there is no blob ${digest}`);
      }
      return await fileResponse(context, blobs.path(digest), {
        "Content-Type": "application/octet-stream",
        ETag: `"${digest}"`,
      });
    })
    .put(address, async (context) => {
      const digest = context.req.param("digest");
      const range = context.req.header("content-range");
      if (range === undefined) {
        const isNew = await blobs.write(digest, bodyPieces(context, bodyLimits.blob));
        return context.body(null, isNew ? 201 : 200);
      }
      const before = await blobs.state(digest);
      if (before.complete) return context.body(null, 200);
      const piece = readPiece(range, context);
      const state =
        piece === "question"
          ? before
          : await blobs.append(digest, piece, bodyPieces(context, bodyLimits.blob));
      return state.complete ? context.body(null, 201) : incomplete(state);
    });
}

/** "Resume Incomplete": what is here, so that the sender knows where to go on. */
function incomplete({ bytes }: BlobState): Response {
  return new Response(null, {
    status: 308,
    headers: bytes === 0 ? {} : { Range: `bytes=0-${bytes - 1}` },
  });
}

function readPiece(range: string, context: RequestContext): BlobPiece | "question" {
  if (/^bytes \*\/\d+$/.test(range)) return "question";
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range)?.map(Number) ?? [];
  const length = Number(context.req.header("content-length") ?? NaN);
  if (
    first === undefined ||
    last === undefined ||
    total === undefined ||
    first > last ||
    last >= total ||
    (Number.isFinite(length) && length !== last - first + 1)
  )
    throw new ServerError(400, "range", `${JSON.stringify(range)} does not fit the body`, {
      hint: "send Content-Range: bytes <first>-<last>/<total>",
    });
  return { start: first, end: last + 1, total };
}
