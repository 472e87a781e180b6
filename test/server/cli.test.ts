import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { builtCli } from "./build-cli.ts";

let cli: string;
beforeAll(async () => (cli = await builtCli()), 120_000);

test("the version is printed", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, "--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
