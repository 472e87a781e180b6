import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Frame, Page } from "playwright-core";
import { build as buildPage } from "vite";
import { withoutTypeScript } from "../../vite.config.ts";
import { launchChromium, watchPage, type PageFaults } from "../harness/chromium.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The workbook's frame in a page that stands in for the shell. */
export interface FramePage {
  readonly page: Page;
  readonly frame: Frame;
  readonly faults: PageFaults;
  close(): Promise<void>;
}

/** What the frame is given. */
export interface FrameOptions {
  readonly text: string;
  readonly disabled?: readonly number[];
  readonly held?: boolean;
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
  /** `.duckdb` files by the path that SQL names */
  readonly tables?: Readonly<Record<string, { file: string; digest: string; table: string }>>;
  /** files by the path that cells name; these, and the tables, then come as bytes */
  readonly files?: Readonly<Record<string, string>>;
}

/** The built frame, served with the headers that it has in the product. */
export interface FrameServer {
  readonly origin: string;
  open(options: FrameOptions): Promise<FramePage>;
  close(): Promise<void>;
}

/** Builds the frame and the stand-in for the shell, and serves both on a free port. */
export async function serveFrame(): Promise<FrameServer> {
  const folder = await mkdtemp(join(tmpdir(), "tierbook-frame-"));
  await buildPages(folder);
  const files = new Map<string, string>();
  const server = await serve(folder, files);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchChromium();
  return {
    origin,
    open: async (options) => {
      const context = await browser.newContext({
        viewport: options.viewport ?? { width: 1280, height: 900 },
        colorScheme: options.colorScheme ?? "light",
      });
      const page = await context.newPage();
      const faults = await watchPage(page, origin);
      page.on("console", (message) => {
        if (message.type() === "error") faults.errors.push(message.text());
      });
      const tables = Object.entries(options.tables ?? {}).map(([path, { file, digest, table }]) => {
        files.set(`/b/${digest}`, file);
        return [path, { path, digest, table, location: `/b/${digest}`, numRows: 1 }] as const;
      });
      for (const [path, file] of Object.entries(options.files ?? {}))
        files.set(`/files/${path}`, file);
      const given = { ...options, tables: Object.fromEntries(tables) };
      await page.addInitScript(`globalThis.frameOptions = ${JSON.stringify(given)}`);
      await page.goto(`${origin}/host/index.html`);
      const frame = await (await page.waitForSelector("iframe")).contentFrame();
      if (frame === null) throw new Error("the page has no frame");
      await frame.waitForSelector("main.notebook", { timeout: 8000 }).catch((error: unknown) => {
        throw new Error(`the frame does not open: ${faults.errors.join("\n")}`, { cause: error });
      });
      return { page, frame, faults, close: () => context.close() };
    },
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function buildPages(folder: string): Promise<void> {
  const shared = {
    configFile: false as const,
    logLevel: "warn" as const,
    publicDir: false as const,
    plugins: [withoutTypeScript()],
  };
  const build = { target: "es2022", assetsInlineLimit: 0, emptyOutDir: false, minify: false };
  await buildPage({
    ...shared,
    root: join(root, "app"),
    build: {
      ...build,
      outDir: folder,
      rollupOptions: { input: { frame: join(root, "app/frame.html") } },
    },
  });
  const source = await mkdtemp(join(root, "dist-host-"));
  try {
    const entry = JSON.stringify(join(root, "test/app-workbook/host-page.ts"));
    await writeFile(
      join(source, "index.html"),
      `<!doctype html><meta charset="utf-8"><title>host</title><style>html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}</style><script type="module">import ${entry};</script>`,
    );
    await buildPage({
      ...shared,
      root: source,
      base: "/host/",
      build: {
        ...build,
        outDir: join(folder, "host"),
        rollupOptions: { input: { index: join(source, "index.html") } },
      },
    });
  } finally {
    await rm(source, { recursive: true, force: true });
  }
}

async function serve(folder: string, files: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
      const file = files.get(path) ?? join(folder, path);
      const body = await readFile(file).catch(() => undefined);
      const origin = `http://${request.headers.host}`;
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Content-Type", mediaTypes[extname(path)] ?? "application/octet-stream");
      if (path === "/frame.html")
        response.setHeader("Content-Security-Policy", framePolicy(origin));
      else response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      if (body === undefined) return response.writeHead(404).end();
      response.setHeader("Accept-Ranges", "bytes");
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
      if (range === null) {
        response.setHeader("Content-Length", body.length);
        return response.end(request.method === "HEAD" ? undefined : body);
      }
      const start = Number(range[1]);
      const end = range[2] ? Math.min(Number(range[2]), body.length - 1) : body.length - 1;
      response.setHeader("Content-Range", `bytes ${start}-${end}/${body.length}`);
      return response.writeHead(206).end(body.subarray(start, end + 1));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** The product's policy for the frame: an opaque origin, and our own origin for everything. */
function framePolicy(origin: string): string {
  return [
    "sandbox allow-scripts allow-forms",
    "default-src 'none'",
    `script-src ${origin} 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
    "worker-src blob:",
    `connect-src ${origin} blob: data:`,
    `img-src ${origin} data: blob:`,
    `style-src ${origin} 'unsafe-inline'`,
    `font-src ${origin} data:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
}

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".woff2": "font/woff2",
};
