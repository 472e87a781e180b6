import * as v from "valibot";
import type { RequestContext } from "./http-context.ts";
import { ServerError } from "./server-error.ts";

/** Bounds on bodies, in bytes. */
export const bodyLimits = {
  json: 1 << 20,
  /** a run with its events, as the page has trained it */
  record: 64 << 20,
  workbook: 32 << 20,
  /** what a workbook shows: 64 MiB of outputs, its text, and what JSON adds to both */
  report: 160 << 20,
  /** one piece of a blob, or a blob in one piece */
  blob: 1 << 30,
} as const;

/**
 * The body of a request in pieces, never more than a bound.
 *
 * @throws {ServerError} 413 `too-large`, before anything is read where the length is announced
 */
export async function* bodyPieces(
  context: RequestContext,
  limit: number,
): AsyncGenerator<Uint8Array> {
  const announced = Number(context.req.header("content-length") ?? 0);
  if (announced > limit) throw tooLarge(limit);
  let read = 0;
  for await (const piece of context.env.incoming) {
    const bytes = piece instanceof Uint8Array ? piece : Buffer.from(String(piece));
    read += bytes.length;
    if (read > limit) throw tooLarge(limit);
    yield bytes;
  }
}

/** The body in one piece. @throws {ServerError} 413 `too-large` */
export async function bytesBody(context: RequestContext, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyPieces(context, limit)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The body as text. @throws {ServerError} 413 `too-large`, 400 `encoding` if it is not UTF-8 */
export async function textBody(context: RequestContext, limit: number): Promise<string> {
  const bytes = await bytesBody(context, limit);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ServerError(400, "encoding", "the body is not UTF-8");
  }
}

/** The body as JSON of a form. @throws {ServerError} 400 `body` that names the first wrong member */
export async function jsonBody<Output>(
  context: RequestContext,
  schema: v.GenericSchema<unknown, Output>,
  limit: number = bodyLimits.json,
): Promise<Output> {
  const text = await textBody(context, limit);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue);
  throw new ServerError(
    400,
    "body",
    `the body is not what it must be: ${where === null ? "" : `${where}: `}${issue.message}`,
  );
}

function tooLarge(limit: number): ServerError {
  return new ServerError(413, "too-large", `the body is larger than ${limit} bytes`);
}
