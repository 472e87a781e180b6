import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { frameLinks } from "./scripts/frame-links/index.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("app"),
  // one page for the root of a server and for a folder of any host
  base: "./",
  publicDir: false,
  plugins: [withoutTypeScript(), frameLinks()],
  worker: { format: "es", plugins: () => [withoutTypeScript()] },
  build: {
    outDir: here("dist/app"),
    emptyOutDir: true,
    target: "es2022",
    // all know light-dark(); for older ones it becomes media queries, which the page's own choice of colours cannot turn
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4096,
    rollupOptions: { input: { index: here("app/index.html"), frame: here("app/frame.html") } },
  },
  test: {
    root: here("."),
    // by default two cores have one worker, which leaves one core idle
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.browser.test.ts"],
          setupFiles: [here("test/harness/fast-check.ts")],
          // style sheets that a module reads as text; by default all of them are empty in tests
          css: { include: [/\?raw/] },
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          css: { include: [/\?raw/] },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

/**
 * notebook-kit imports the TypeScript compiler (3.7 MB) for `ts` cells, which we transpile by
 * ourselves and load only when there is one. For notebook-kit alone the import becomes an empty
 * module.
 */
export function withoutTypeScript(): Plugin {
  const empty = "\0empty-typescript";
  return {
    name: "tierbook-without-typescript",
    enforce: "pre",
    resolveId: (source, importer) =>
      source === "typescript" && importer?.includes("notebook-kit") ? empty : undefined,
    // CommonJS, so that every name may be imported; these two are read as the module is loaded
    load: (id) =>
      id === empty ? "module.exports = { ModuleKind: {}, ScriptTarget: {} };" : undefined,
  };
}
