import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build } from "vite";
import { withoutTypeScript } from "../../vite.config.ts";
import { launchChromium } from "./chromium.ts";

/** A page in real Chromium with one bundled module; `close` ends the browser and the server. */
export interface ModulePage {
  readonly page: Page;
  readonly origin: string;
  /** errors of the page that nobody caught */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Answers a request before the page's own files do; gives undefined to pass. */
export type Responder = (path: string) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

/**
 * Bundles a TypeScript entry as the product is bundled, serves it cross-origin isolated on a free
 * port, and opens it. The entry puts what the test calls on `globalThis`.
 *
 * @param entry path of the entry, from the repository's root
 */
export async function openModulePage(entry: string, respond?: Responder): Promise<ModulePage> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "tierbook-page-"));
  const source = await mkdtemp(join(root, "dist-page-"));
  try {
    await writeFile(
      join(source, "index.html"),
      `<!doctype html><meta charset="utf-8"><title>test</title><script type="module">import ${JSON.stringify(join(root, entry))}; globalThis.ready = true;</script>`,
    );
    await build({
      root: source,
      configFile: false,
      logLevel: "warn",
      plugins: [withoutTypeScript()],
      worker: { format: "es", plugins: () => [withoutTypeScript()] },
      build: {
        outDir: join(folder, "page"),
        emptyOutDir: true,
        minify: false,
        target: "es2022",
        assetsInlineLimit: 0,
        rollupOptions: { input: { index: join(source, "index.html") } },
      },
    });
  } finally {
    await rm(source, { recursive: true, force: true });
  }
  const server = await serve(join(folder, "page"), respond);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchChromium();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  await page.goto(`${origin}/index.html`);
  await page.waitForFunction("globalThis.ready === true");
  return {
    page,
    origin,
    errors,
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serve(folder: string, respond?: Responder): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
      const body =
        (await respond?.(path)) ?? (await readFile(join(folder, path)).catch(() => undefined));
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Content-Type", mediaTypes[extname(path)] ?? "application/octet-stream");
      if (body === undefined) return response.writeHead(404).end();
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
      response.setHeader("Accept-Ranges", "bytes");
      if (range === null)
        return response
          .setHeader("Content-Length", body.length)
          .end(request.method === "HEAD" ? undefined : body);
      const start = Number(range[1]);
      const end = range[2] ? Number(range[2]) : body.length - 1;
      response.setHeader("Content-Range", `bytes ${start}-${end}/${body.length}`);
      const part = body.subarray(start, end + 1);
      response.setHeader("Content-Length", part.length);
      return response.writeHead(206).end(request.method === "HEAD" ? undefined : part);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
};
