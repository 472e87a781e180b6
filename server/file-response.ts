import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { RequestContext } from "./http-context.ts";

/**
 * A file, or the one range of it that is asked for. Several ranges at once are answered with the
 * whole file, as RFC 9110 allows.
 */
export async function fileResponse(
  context: RequestContext,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { size } = await stat(path);
  const range = readRange(context.req.header("range"), size);
  const all = { ...headers, "Accept-Ranges": "bytes" };
  if (range === "unsatisfiable")
    return new Response(null, {
      status: 416,
      headers: { ...all, "Content-Range": `bytes */${size}` },
    });
  const { start, end } = range ?? { start: 0, end: size };
  const isEmpty = context.req.raw.method === "HEAD" || end === start;
  return new Response(isEmpty ? null : fileStream(path, { start, end }), {
    status: range === undefined ? 200 : 206,
    headers: {
      ...all,
      "Content-Length": String(end - start),
      ...(range === undefined ? {} : { "Content-Range": `bytes ${start}-${end - 1}/${size}` }),
    },
  });
}

/** `end` is the offset after the last byte. Undefined asks for everything. */
function readRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const [start, end] =
    first === ""
      ? [Math.max(0, size - Number(last)), size]
      : [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  return start >= size || end <= start ? "unsatisfiable" : { start, end };
}

/** A file's bytes from `start` to before `end`, or all of them. */
export function fileStream(
  path: string,
  range?: { readonly start: number; readonly end: number },
): ReadableStream<Uint8Array> {
  const bounds = range === undefined ? {} : { start: range.start, end: range.end - 1 };
  const file = createReadStream(path, { ...bounds, highWaterMark: 256 << 10 });
  // Node's type and the DOM's name the same class
  return Readable.toWeb(file) as ReadableStream<Uint8Array>;
}
