import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import { QueryError, type FileTable, type QueryClient } from "../../data/query-client.ts";
import { openModulePage, type ModulePage } from "../harness/module-page.ts";
import { makeContractFiles } from "./contract-files.ts";
import { contractCases } from "./query-contract.ts";
import type { WasmPage } from "./wasm-page.ts";

declare const wasmPage: WasmPage;

const duckdb = fileURLToPath(
  new URL("../../node_modules/@duckdb/duckdb-wasm/dist/", import.meta.url),
);

let folder: string;
let module: ModulePage;
let native: QueryClient;
const offOrigin: string[] = [];
const reads: { path: string; range: string | undefined }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-data-"));
  const files = await makeContractFiles(folder);
  module = await openModulePage("test/data/wasm-page.ts", async (path) => {
    if (path.startsWith("/duckdb/")) return await readFile(join(duckdb, basename(path)));
    if (path.startsWith("/b/")) return await readDatabase(path);
    return undefined;
  });
  const { page, origin } = module;
  native = createNativeClient({
    resolveFile: async (path) => {
      const file = files.find((candidate) => candidate.path === path);
      if (!file) throw new QueryError(`there is no file ${path}`, "file");
      return file;
    },
    directories: [join(folder, "databases")],
  });
  page.on("request", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith("/b/")) reads.push({ path, range: request.headers()["range"] });
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:"))
      offOrigin.push(request.url());
  });
  const served = files.map((file): FileTable => ({
    ...file,
    location: `${origin}/b/${basename(file.location)}`,
  }));
  await page.evaluate(([origin, files]) => wasmPage.start(origin, files), [
    origin,
    served,
  ] as const);
});

/** Cases of the contract that read files of each format. */
const alone = [
  "a CSV file is a table",
  "a Parquet file is a table, with an alias or in a join",
  "a JSON file is a table",
  "files, bound names and WITH go together",
];

/** A database, or nothing for the write-ahead log that DuckDB asks for beside it. */
function readDatabase(path: string): Promise<Uint8Array | undefined> {
  return readFile(join(folder, "databases", basename(path))).catch(() => undefined);
}

afterAll(async () => {
  await native.close();
  await module.close();
  await rm(folder, { recursive: true, force: true });
});

describe("DuckDB-WASM in Chromium keeps the contract of query clients:", () => {
  test("nothing of DuckDB is loaded before the first query", async () => {
    expect(await module.page.evaluate(() => wasmPage.loaded())).toEqual([]);
  });

  test.each(contractCases)("$title", async ({ title, expected }) => {
    const got = await module.page.evaluate((title) => wasmPage.run(title), title);
    expect(got).toEqual(expected);
  });

  test.each(contractCases.filter(({ digest }) => digest))(
    "its digest is native DuckDB's: $title",
    async ({ title, digest }) => {
      const got = await module.page.evaluate((title) => wasmPage.digest(title), title);
      expect(got).toMatch(/^[0-9a-f]{64}$/);
      expect(got).toBe(await digest?.(native));
    },
  );

  test("files are read by ranges, not whole", () => {
    const whole = reads.filter(({ range, path }) => range === undefined && !path.endsWith(".wal"));
    expect(reads.length).toBeGreaterThan(0);
    expect(whole).toEqual([]);
  });

  test("it works in a sandboxed frame, whose origin is opaque", async () => {
    const got = await module.page.evaluate(async () => {
      const script = document.querySelector("script[src]")?.getAttribute("src");
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts");
      frame.srcdoc = `<script type="module">
        await import(${JSON.stringify(new URL(String(script), location.href).href)});
        wasmPage.start(${JSON.stringify(location.origin)}, ${JSON.stringify(wasmPage.files())});
        parent.postMessage(await wasmPage.run("a CSV file is a table").catch(String), "*");
      </script>`;
      const answer = new Promise((resolve) =>
        addEventListener("message", ({ data }) => resolve(data), { once: true }),
      );
      document.body.append(frame);
      return await answer;
    });
    expect(got).toEqual(
      contractCases.find(({ title }) => title === "a CSV file is a table")?.expected,
    );
  });

  test("it works without any network, on databases that it is given as bytes", async () => {
    const cases = contractCases.filter(({ title }) => alone.includes(title));
    const titles = cases.map(({ title }) => title);
    expect(titles).toEqual(alone);
    const got = await module.page.evaluate(async (titles) => {
      const bytesOf = async (url: string): Promise<ArrayBuffer> =>
        await (await fetch(url)).arrayBuffer();
      const files = await Promise.all(
        wasmPage.files().map(async (file) => ({
          ...file,
          location: file.path,
          bytes: await bytesOf(file.location),
        })),
      );
      const parts = {
        worker: await bytesOf("/duckdb/duckdb-browser-eh.worker.js"),
        wasm: await bytesOf("/duckdb/duckdb-eh.wasm"),
      };
      const script = document.querySelector("script[src]")?.getAttribute("src");
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts");
      frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="default-src 'none';
          script-src ${location.origin}/assets/ 'unsafe-inline' 'wasm-unsafe-eval' blob:;
          worker-src blob:; connect-src blob: data:">
        <script type="module">
          await import(${JSON.stringify(new URL(String(script), location.href).href)});
          addEventListener("message", async ({ data: { parts, files, titles } }) => {
            const network = await fetch(${JSON.stringify(location.href)}).catch(() => "none");
            wasmPage.startAlone(parts, files);
            const got = [];
            for (const title of titles) got.push(await wasmPage.run(title).catch(String));
            parent.postMessage({ network, got }, "*");
          });
          parent.postMessage("ready", "*");
        </script>`;
      const answer = new Promise((resolve) =>
        addEventListener("message", ({ data }) => {
          if (data === "ready") frame.contentWindow?.postMessage({ parts, files, titles }, "*");
          else resolve(data);
        }),
      );
      document.body.append(frame);
      return await answer;
    }, titles);
    expect(got).toEqual({
      network: "none",
      got: cases.map(({ expected }) => expected),
    });
  });

  test("it asks nobody but its own origin", () => {
    expect(offOrigin).toEqual([]);
  });
});
