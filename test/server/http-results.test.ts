import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Api } from "../../app/shell/api.ts";
import { maxResultBytes } from "../../cells/result-index.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { keyOf, someResult } from "./some-result.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let shell: Api;
const book = "a folder/é #1?.html";
const { key, bytes } = someResult("a");
const url = `/api/results/${key}?workbook=book.html`;

beforeAll(async () => {
  server = await startTestServer();
  shell = new Api(server.token, server.origin);
}, 120_000);
afterAll(() => server.dispose());
beforeEach(async () => {
  for (const workbook of [book, "book.html"]) await shell.clearResults(workbook);
});

test("the shell keeps a workbook's results, lists, reads and forgets them", async () => {
  expect(await shell.results(book)).toEqual({ keys: [], small: [] });
  expect(await shell.result(book, key)).toBeNull();
  const tiny = keyOf("tiny");
  expect(await shell.keepResult(book, key, bytes)).toBe(true);
  expect(await shell.keepResult(book, tiny, new Uint8Array([1, 2]))).toBe(true);
  expect(await shell.result(book, key)).toEqual(bytes);
  const index = await shell.results(book);
  expect(new Set(index.keys)).toEqual(new Set([key, tiny]));
  expect(index.small).toContainEqual({ key: tiny, bytes: new Uint8Array([1, 2]) });
  await shell.forgetResult(book, key);
  expect((await shell.results(book)).keys).toEqual([tiny]);
  expect(await shell.clearResults(book)).toBe(1);
  expect(await shell.clearResults(book)).toBe(0);
  expect(await shell.results(book)).toEqual({ keys: [], small: [] });
});

test("a workbook of a thousand small results opens with one request", async () => {
  const keys = Array.from({ length: 1000 }, (_, i) => keyOf(String(i)));
  for (const each of keys) await server.workspace.results.put(book, each, new Uint8Array(500));
  const asked: string[] = [];
  const counting = new Api(server.token, server.origin, (input, init) => {
    asked.push(String(input));
    return fetch(input, init);
  });
  const { small } = await counting.results(book);
  expect([asked.length, small.length]).toEqual([1, 1000]);
});

test("a workbook's results are listed with their sizes", async () => {
  await shell.keepResult(book, key, bytes);
  const answer = await server.api(`/api/results?workbook=${encodeURIComponent(book)}`);
  expect(await answer.json()).toEqual({ results: [{ key, size: bytes.length }] });
});

test("no workbook reaches the results of another, and one has one name", async () => {
  await shell.keepResult(book, key, bytes);
  expect(await shell.result("book.html", key)).toBeNull();
  for (const path of ["", "../book.html", "/etc/passwd", ".tierbook/x", "a//b.html", "./book.html"])
    for (const [rest, init] of [
      ["", {}],
      ["/index", {}],
      [`/${key}`, {}],
      [`/${key}`, { method: "PUT", body: "x" }],
      [`/${key}`, { method: "DELETE" }],
      ["", { method: "DELETE" }],
    ] as const) {
      const at = `/api/results${rest}?workbook=${encodeURIComponent(path)}`;
      const answer = await server.api(at, init);
      expect([answer.status, await answer.json()], path).toMatchObject([
        400,
        { error: { code: "path" } },
      ]);
    }
});

test("nothing is told or taken without the token, or for a page of another origin", async () => {
  for (const method of ["GET", "PUT", "DELETE"]) {
    const body = method === "PUT" ? { body: "x" } : {};
    const plain = await fetch(`${server.origin}${url}`, { method, ...body });
    expect(plain.status).toBe(401);
    const headers = { Origin: "null" };
    expect((await server.api(url, { method, headers, ...body })).status).toBe(403);
  }
});

test("what is no key names no result", async () => {
  for (const wrong of ["abc", "A".repeat(64), `${"a".repeat(64)}0`, "..%2f..%2fledger.jsonl"])
    for (const method of ["GET", "PUT", "DELETE"]) {
      const at = `/api/results/${wrong}?workbook=book.html`;
      const body = method === "PUT" ? { body: "x" } : {};
      expect((await server.api(at, { method, ...body })).status).toBe(404);
    }
});

test("a body above the bound is refused and not kept", async () => {
  const body = new Uint8Array(maxResultBytes + 1);
  expect((await server.api(url, { method: "PUT", body })).status).toBe(413);
  expect(await shell.result("book.html", key)).toBeNull();
});

test("a file's digest is told as it is now, and none where there is no file", async () => {
  const path = join(server.workspace.root, "new #1.csv");
  for (const text of ["a\n1\n", "a\n22\n"]) {
    await writeFile(path, text);
    expect(await shell.fileDigest("new #1.csv")).toBe(digestOfBytes(Buffer.from(text)));
  }
  expect(await shell.fileDigest("none.csv")).toBeNull();
  await expect(shell.fileDigest("../x.csv")).rejects.toMatchObject({ code: "path" });
});
