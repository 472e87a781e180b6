import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { shellHeaders } from "./security-headers.ts";
import { ServerError } from "./server-error.ts";

/**
 * The shell's page, as it is at every address that a person opens.
 *
 * @param page where the built page is
 * @throws {ServerError} 503 `not-built`
 */
export async function shellPage(page: string, status = 200): Promise<Response> {
  return new Response(await readDocument(page, "index.html"), {
    status,
    headers: { ...shellHeaders, "Content-Type": "text/html; charset=utf-8" },
  });
}

/**
 * A document of the built page. The page is built for any folder; here it has addresses of several
 * depths, so assets are named from the root.
 *
 * @throws {ServerError} 503 `not-built`
 */
export async function readDocument(page: string, name: string): Promise<string> {
  try {
    return (await readFile(join(page, name), "utf8")).replaceAll('"./assets/', '"/assets/');
  } catch (error) {
    throw new ServerError(503, "not-built", "the page is not built", {
      hint: "run `npm run build`, then reload",
      cause: error,
    });
  }
}
