// Builds the page into dist/app and the server into dist/server. An import that points upward fails it.
import { build } from "vite";
import { root } from "./ensure.mjs";
import { reportImports } from "./imports.mjs";

reportImports(root);

const only = process.argv[2];

if (only !== "server")
  await build({ root: `${root}app`, configFile: `${root}vite.config.ts`, logLevel: "warn" });

if (only !== "app")
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: true,
      outDir: "dist/server",
      emptyOutDir: true,
      target: "node20",
      minify: false,
      rollupOptions: {
        input: { cli: `${root}server/cli.ts`, child: `${root}server/headless/child.ts` },
        output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
