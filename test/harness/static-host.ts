import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

/** A web host that knows nothing but files: no headers but the type, no ranges, no compression. */
export interface StaticHost {
  /** where its folder begins, with a slash at the end */
  readonly address: string;
  readonly origin: string;
  /** what was asked of it so far */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** A request to a {@link StaticHost}. */
export interface Asked {
  readonly path: string;
  /** the browser's word of who asks: `same-origin` is the page, `none` a person, `cross-site` anybody else */
  readonly from: string;
}

/** Changes a file's text as it is served. */
export type Rewrite = (path: string, text: string) => string;

/**
 * Serves a folder below a path, as `https://somebody.example/repository/` does.
 *
 * @param changed changes HTML documents
 */
export async function startStaticHost(
  folder: string,
  changed: Rewrite = (_, text) => text,
): Promise<StaticHost> {
  const base = "/some/where/";
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    asked.push({ path: pathname + search, from: String(request.headers["sec-fetch-site"]) });
    const path = pathname.slice(base.length);
    const name = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    readFile(join(folder, name)).then(
      (bytes) => {
        const type = mediaTypes[extname(name)] ?? "application/octet-stream";
        response.writeHead(pathname.startsWith(base) ? 200 : 404, { "Content-Type": type });
        response.end(type === "text/html" ? changed(name, bytes.toString("utf8")) : bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    address: origin + base,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As Python's `http.server` knows them. */
const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
