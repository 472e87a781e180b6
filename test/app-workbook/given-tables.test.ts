import { expect, test } from "vitest";
import { givenTables } from "../../app/workbook/given-tables.ts";
import type { GivenTable } from "../../cells/shell-api.ts";
import { sha256 } from "../../runtime/sha256.ts";

/** A shell that has one file, gives its database as bytes or not, and counts how often it does. */
class OneFile {
  given = 0;

  constructor(
    public content: string,
    private readonly hasServer = false,
  ) {}

  table = (path: string): Promise<GivenTable> => {
    this.given++;
    const digest = sha256(this.content);
    const file = { path, digest, location: `/b/${digest}`, table: "data", numRows: 1 };
    const bytes = new TextEncoder().encode(this.content);
    return Promise.resolve(this.hasServer ? file : { ...file, bytes });
  };

  fileDigest = (): Promise<string> => Promise.resolve(sha256(this.content));
}

const absolute = (path: string): string => `http://host${path}`;
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test("a file that comes under a URL is asked for at each query", async () => {
  const shell = new OneFile("a", true);
  const resolve = givenTables(shell, absolute);
  const file = await resolve("a.csv");
  expect(file).toMatchObject({ path: "a.csv", location: `http://host/b/${sha256("a")}` });
  expect(file.read).toBeUndefined();
  await resolve("a.csv");
  expect(shell.given).toBe(2);
});

test("bytes cross once for each content, and again for an engine that was started anew", async () => {
  const shell = new OneFile("a");
  const resolve = givenTables(shell, absolute);
  const file = await resolve("a.csv");
  expect(text(await file.read?.())).toBe("a");
  expect(await resolve("a.csv")).toBe(file);
  expect(shell.given).toBe(1);
  expect(text(await file.read?.())).toBe("a");
  expect(shell.given).toBe(2);
  shell.content = "b";
  const changed = await resolve("a.csv");
  expect(changed.digest).toBe(sha256("b"));
  expect(text(await changed.read?.())).toBe("b");
});

test("bytes of another content are not taken for those that were meant", async () => {
  const shell = new OneFile("a");
  const file = await givenTables(shell, absolute)("a.csv");
  await file.read?.();
  shell.content = "b";
  await expect(file.read?.()).rejects.toMatchObject({ code: "file" });
});
