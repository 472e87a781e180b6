import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "vite";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readmeBlocks, runtimeImport } from "./readme-blocks.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;
let runtimeUrl: string;

/** A worker has no page, and Node's has not even what a browser's has: only the runtime itself. */
beforeAll(async () => {
  // inside the repository, so that packages are found
  folder = await mkdtemp(join(root, "dist-page-"));
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: true,
      outDir: folder,
      target: "node20",
      minify: false,
      rollupOptions: {
        input: { runtime: join(root, "runtime/index.ts") },
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
      },
    },
  });
  runtimeUrl = pathToFileURL(join(folder, "runtime.mjs")).href;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a worker of a module that imports the runtime; it ends with the test. */
async function startWorker(code: string): Promise<Worker> {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, code.replace(runtimeImport, `import {$1} from "${runtimeUrl}";`));
  const worker = new Worker(path);
  onTestFinished(() => void worker.terminate());
  return worker;
}

/** What a worker says until it says what is wanted. */
async function heardUntil(
  worker: Worker,
  isLast: (message: Record<string, unknown>) => boolean,
): Promise<readonly Record<string, unknown>[]> {
  const heard: Record<string, unknown>[] = [];
  return await new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (message: Record<string, unknown>) => {
      heard.push(message);
      if (isLast(message)) resolve(heard);
    });
  });
}

test("the documentation's worker opens a workbook, tells its states and gives a value", async () => {
  const code = readmeBlocks().find((block) => block.startsWith("// worker.js"));
  const worker = await startWorker(String(code));
  const heard = heardUntil(worker, (message) => "value" in message);
  worker.postMessage({
    text: `<notebook><script id="1" type="module">const a = 6;</script><script id="2" type="module">const b = a * 7;</script></notebook>`,
    name: "b",
  });
  const messages = await heard;
  expect(messages).toContainEqual({ id: 2, state: "fresh" });
  expect(messages.at(-1)).toEqual({ value: 42 });
});

test("cells of every mode run where there is no page", async () => {
  const worker = await startWorker(`
    import { parentPort } from "node:worker_threads";
    import { Workbook } from "./index.ts";
    const cell = (id, mode, source, rest) => ({ id, mode, source, pinned: true, hidden: false, ...rest });
    const tag = (strings, ...values) => String.raw({ raw: strings }, ...values);
    const element = new EventTarget();
    element.value = 5;
    const workbook = new Workbook([
      cell(1, "js", "const a = 1;"),
      cell(2, "ts", "const b: number = a + 1;"),
      cell(3, "ojs", "viewof c = element"),
      cell(4, "ojs", "mutable d = c + 1"),
      cell(5, "sql", "select \${d}", { output: "e" }),
      cell(6, "md", "is \${e}", { output: "f" }),
      cell(7, "js", "const g = (function* () { yield 1; yield 2; })();"),
      cell(8, "js", "const h = [b, c, d, e, f, g];"),
      cell(9, "js", "if (typeof document !== 'undefined') throw new Error('a page');"),
    ], { builtins: { md: () => tag, element: () => element }, runSql: async ({ params }) => params[0] });
    const shapes = ["document", "window", "requestAnimationFrame"].map((name) => typeof globalThis[name]);
    await workbook.settled();
    parentPort.postMessage({ shapes, states: workbook.statuses().map(({ state }) => state), h: await workbook.value("h") });
    workbook.dispose();
  `);
  const [message] = await heardUntil(worker, () => true);
  expect(message?.["shapes"]).toEqual(["undefined", "undefined", "undefined"]);
  expect(message?.["h"]).toEqual([2, 5, 6, 6, "is 6", expect.any(Number)]);
  expect(message?.["states"]).toEqual(Array.from({ length: 9 }, () => "fresh"));
});

test("a body that loops for ever ends with its worker", async () => {
  const worker = await startWorker(`
    import { parentPort } from "node:worker_threads";
    import { Workbook } from "./index.ts";
    const workbook = new Workbook([
      { id: 1, mode: "js", source: "const a = 1; for (;;);", pinned: true, hidden: false },
    ], { observer: { running: (id) => parentPort.postMessage({ running: id }) } });
  `);
  expect(await heardUntil(worker, () => true)).toEqual([{ running: 1 }]);
  expect(await worker.terminate()).toBe(1);
});
