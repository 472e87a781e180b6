import { readFileSync } from "node:fs";
import { format } from "node:util";
import { describe, expect, test } from "vitest";
import * as runtime from "../../runtime/index.ts";
import { readmeBlocks, runtimeImport } from "./readme-blocks.ts";

/** Texts that a block says it prints: in comments after what prints them, or alone on their lines. */
function promised(code: string): readonly string[] {
  return code.split("\n").flatMap((line) => {
    const beside = /(?:console\.log\(.*;|\/\/ prints:|; \/\/ prints:)\s*(.*)$/.exec(line)?.[1];
    if (/\/\/ prints: /.test(line)) return [line.replace(/^.*\/\/ prints: /, "")];
    if (beside?.startsWith("// ")) return [beside.slice(3)];
    return /^\/\/ \d/.test(line) ? [line.slice(3)] : [];
  });
}

describe("each block of the runtime's documentation prints what it says:", () => {
  const blocks = readmeBlocks().filter((code) => !code.startsWith("// worker.js"));

  test.each(blocks.map((code, i) => [i + 1, code] as const))("block %d", async (_number, code) => {
    const printed: string[] = [];
    const log = (...values: unknown[]): void => void printed.push(format(...values).trimEnd());
    const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
    const body = code.replace(runtimeImport, "const {$1} = runtime;");
    // oxlint-disable-next-line no-implied-eval -- the documentation's own code
    await new AsyncFunction("runtime", "console", body)(runtime, { log });
    expect(promised(code).length).toBeGreaterThan(0);
    expect(printed).toEqual(promised(code));
  });
});

test("the documentation names every deliberate difference that has a test", () => {
  const read = (path: string): string =>
    readFileSync(new URL(path, import.meta.url), "utf8").replace(/\s+/g, " ");
  const readme = read("../../runtime/README.md");
  const groups = [...read("stock-differences.test.ts").matchAll(/describe\("([^"]+)"/g)];
  expect(groups.length).toBeGreaterThan(5);
  for (const [, group] of groups) expect(readme).toContain(`**${group}**`);
});
