import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { withLock } from "../../server/lock-file.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "node_modules/.cache/tierbook-test-cli");

/**
 * The command line built from the sources as they are, for the processes that tests start. Built
 * once for all test files, by whichever comes first.
 *
 * @returns the path of the script
 */
export async function builtCli(): Promise<string> {
  return await builtScript(join(root, "server/cli.ts"));
}

/** A script of ours, built for processes that tests start. */
export async function builtScript(source: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  // named after the sources, so that processes of an earlier build keep theirs
  const name = basename(source, ".ts");
  const out = join(folder, `${name}-${Math.round(newestSource())}`);
  const script = join(out, `${name}.js`);
  await withLock(
    join(folder, "lock"),
    async () => {
      if (existsSync(script)) return;
      await build({
        root,
        configFile: false,
        logLevel: "error",
        ssr: { noExternal: [/^@tensorflow\//] },
        resolve: { mainFields: ["module", "main"] },
        build: {
          ssr: true,
          outDir: `${out}.new`,
          emptyOutDir: true,
          target: "node20",
          minify: false,
          rollupOptions: {
            // workbooks are not run here
            external: /headless\/run-workbook/,
            input: { [name]: source },
            output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
          },
        },
      });
      renameSync(`${out}.new`, out);
      removeOldBuilds(out);
    },
    120_000,
  );
  return script;
}

function removeOldBuilds(newest: string): void {
  const hourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path !== newest && statSync(path).mtimeMs < hourAgo)
      rmSync(path, { recursive: true, force: true });
  }
}

function newestSource(): number {
  const times = ["server", "engines", "data", "runtime", "cells"].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  return Math.max(...times);
}
