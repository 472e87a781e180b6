import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkImports } from "../../scripts/imports.mjs";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tierbook-imports-"));
  for (const folder of ["app", "server", "cells", "engines", "data", "runtime"])
    await mkdir(join(root, folder));
});

afterEach(() => rm(root, { recursive: true }));

async function write(file: string, source: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), source);
}

test("imports that point down, and imports of packages, are allowed", async () => {
  await write("app/shell/page.ts", `import { stage } from "../../cells/stage.ts";\nimport "vite";`);
  await write("engines/run.ts", `export * from "../runtime/sha256.ts";`);
  expect(checkImports(root)).toEqual([]);
});

test.each([
  ["runtime/a.ts", `\nimport { table } from "../data/table.ts";`, "data"],
  ["data/a.ts", `\nimport type { Plan } from "../engines/plan.ts";`, "engines"],
  ["cells/a.ts", `\nconst lazy = import("../server/http.ts");`, "server"],
  ["server/a.ts", `\nexport { page } from "../app/page.ts";`, "app"],
  ["app/a.ts", `\nnew Worker(new URL("../server/work.ts", import.meta.url));`, "server"],
])("%s may not import upward", async (file, source, target) => {
  await write(file, source);
  expect(checkImports(root)).toMatchObject([{ file, line: 2 }]);
  expect(checkImports(root)[0]?.message).toContain(`must not import ${target}/`);
});
