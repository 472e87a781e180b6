import type { RequestContext } from "./http-context.ts";
import { ServerError } from "./server-error.ts";

/**
 * The rest of a request's path after a prefix, decoded segment by segment, so that an encoded slash
 * never becomes one.
 *
 * @throws {ServerError} 400 `path`
 */
export function pathAfter(context: RequestContext, prefix: string): string {
  const { pathname } = new URL(context.req.url);
  if (!pathname.startsWith(prefix)) throw new ServerError(404, "address", "there is nothing here");
  return pathname.slice(prefix.length).split("/").map(decodeSegment).join("/");
}

/**
 * A path of the workspace that a request names in its query; where it leads is checked elsewhere.
 *
 * @throws {ServerError} 400 `path`
 */
export function pathIn(context: RequestContext, name: string): string {
  const path = context.req.query(name) ?? "";
  if (path === "" || path.length > 4096)
    throw new ServerError(400, "path", `\`${name}\` must be a path of the workspace`);
  return path;
}

function decodeSegment(segment: string): string {
  let decoded;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    throw new ServerError(400, "path", `${JSON.stringify(segment)} is no part of a path`);
  }
  if (decoded.includes("/"))
    throw new ServerError(400, "path", `${JSON.stringify(decoded)} is no name of a file`);
  return decoded;
}
