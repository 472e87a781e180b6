import { mkdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DuckDBInstance } from "@duckdb/node-api";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
const notebook = "<!doctype html>\n<notebook><title>A &amp; B</title></notebook>\n";

beforeAll(async () => {
  server = await startTestServer();
  const { root } = server.workspace;
  await mkdir(join(root, "data"));
  await writeFile(join(root, "book.html"), notebook);
  await writeFile(join(root, "page.html"), "<p>no notebook");
  await writeFile(join(root, "data/p.csv"), "id,name\n1,Ada\n2,Grace\n");
  await writeFile(join(root, "data/ten.bin"), "0123456789");
  await symlink("/etc/passwd", join(root, "passwd.html"));
}, 120_000);
afterAll(() => server.dispose());

const json = async (path: string, body: object, method = "POST"): Promise<Response> =>
  await server.api(path, { method, body: JSON.stringify(body) });

async function capability(path: string, frame: string): Promise<string> {
  const answer = await json("/api/capabilities", { path, frame });
  expect(answer.status).toBe(200);
  const { url } = (await answer.json()) as { url: string };
  expect(url).toMatch(/^\/b\/[\w-]{43}$/);
  return server.origin + url;
}

test("files are listed with what they are", async () => {
  const { files } = (await (await server.api("/api/files")).json()) as { files: object[] };
  expect(files).toMatchObject([
    { path: "book.html", kind: "workbook", title: "A & B", bytes: notebook.length },
    { path: "data/p.csv", kind: "data" },
    { path: "data/ten.bin", kind: "other" },
    { path: "page.html", kind: "other" },
  ]);
});

test("a file is read with its digest, and never as a page", async () => {
  const answer = await server.api("/api/files/book.html");
  expect(answer.headers.get("etag")).toBe(`"${digestOfBytes(Buffer.from(notebook))}"`);
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  expect(await answer.text()).toBe(notebook);
});

test.each([
  "/api/files/passwd.html",
  "/api/files/..%2f..%2fetc%2fpasswd",
  "/api/files/%2e%2e/%2e%2e/etc/passwd",
  "/api/files/data%2fp.csv",
  "/api/files/.tierbook/ledger.jsonl",
  "/api/files/%2etierbook/.gitignore",
  "/api/files/book.html%00",
  "/api/files/%E0%A4%A",
  "/api/files/",
  "/api/files/data",
])("nothing is read or written at %s", async (path) => {
  const read = await server.api(path);
  expect([400, 404]).toContain(read.status);
  expect(await read.json()).toMatchObject({ error: { message: expect.any(String) } });
  const headers = { "If-None-Match": "*" };
  const written = await server.api(path, { method: "PUT", body: "x", headers });
  expect([400, 403, 404]).toContain(written.status);
});

test("a workbook is written only over what its writer has read", async () => {
  const path = "/api/files/new%20%C3%BC.html";
  const put = (body: string, headers: Record<string, string>): Promise<Response> =>
    server.api(path, { method: "PUT", body, headers });
  expect((await put("one", {})).status).toBe(428);
  const created = await put("one", { "If-None-Match": "*" });
  const { digest } = (await created.json()) as { digest: string };
  expect(digest).toBe(digestOfBytes(Buffer.from("one")));
  expect((await put("two", { "If-None-Match": "*" })).status).toBe(412);
  expect((await put("two", { "If-Match": `"${"0".repeat(64)}"` })).status).toBe(412);
  expect((await put("two", { "If-Match": `"${digest}"` })).status).toBe(200);
  const late = await put("three", { "If-Match": `"${digest}"` });
  expect(late.status).toBe(412);
  expect(await late.json()).toMatchObject({ error: { code: "conflict" } });
  expect(await readFile(join(server.workspace.root, "new ü.html"), "utf8")).toBe("two");
});

test("of two writers at once one wins and the other hears of it", async () => {
  const headers = { "If-None-Match": "*" };
  const answers = await Promise.all(
    ["a", "b", "c", "d"].map((body) =>
      server.api("/api/files/race.html", { method: "PUT", body, headers }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
});

test("only workbooks can be written, and only as text", async () => {
  const headers = { "If-None-Match": "*" };
  const data = await server.api("/api/files/data/new.csv", { method: "PUT", body: "a", headers });
  expect(data.status).toBe(403);
  const body = new Uint8Array([0xff, 0xfe]);
  const binary = await server.api("/api/files/b.html", { method: "PUT", body, headers });
  expect(binary.status).toBe(400);
});

test("a capability reads one file, without the token, from any origin", async () => {
  const url = await capability("data/ten.bin", "frame-1");
  const answer = await fetch(url, { headers: { Origin: "null" } });
  expect(await answer.text()).toBe("0123456789");
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "accept-ranges": "bytes",
    "content-length": "10",
    etag: `"${digestOfBytes(Buffer.from("0123456789"))}"`,
  });
  expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(404);
  expect((await fetch(`${url}x`)).status).toBe(404);
});

test.each([
  ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
  ["bytes=4-", 206, "456789", "bytes 4-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=-30", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=8-99", 206, "89", "bytes 8-9/10"],
  ["bytes=9-9", 206, "9", "bytes 9-9/10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=-0", 416, "", "bytes */10"],
  ["bytes=3-1", 200, "0123456789", null],
  ["bytes=0-1,4-5", 200, "0123456789", null],
  ["bytes=-", 200, "0123456789", null],
  ["lines=0-1", 200, "0123456789", null],
])("the range %s is answered with %i", async (range, status, body, contentRange) => {
  const url = await capability("data/ten.bin", "ranges");
  const answer = await fetch(url, { headers: { Range: range } });
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe(body);
  expect(answer.headers.get("content-range")).toBe(contentRange);
  const head = await fetch(url, { method: "HEAD", headers: { Range: range } });
  expect(head.status).toBe(status);
  if (status !== 416) expect(head.headers.get("content-length")).toBe(String(body.length));
});

test("a preflight for a range passes", async () => {
  const url = await capability("data/ten.bin", "preflight");
  const headers = { Origin: "null", "Access-Control-Request-Headers": "range" };
  const answer = await fetch(url, { method: "OPTIONS", headers });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-headers")).toBe("Range");
});

test("capabilities end with their frame and with no other", async () => {
  const [mine, other] = [await capability("book.html", "mine"), await capability("book.html", "o")];
  expect((await server.api("/api/capabilities/mine", { method: "DELETE" })).status).toBe(204);
  const ended = await fetch(mine);
  expect(ended.status).toBe(404);
  expect(ended.headers.get("access-control-allow-origin")).toBe("*");
  expect((await fetch(other)).status).toBe(200);
});

test("a file that has changed is no longer what its capability named", async () => {
  const path = join(server.workspace.root, "data/changing.csv");
  await writeFile(path, "a\n1\n");
  const url = await capability("data/changing.csv", "f");
  await writeFile(path, "a\n2\n");
  await utimes(path, new Date(), new Date(Date.now() + 5_000));
  expect((await fetch(url)).status).toBe(410);
});

test("a capability for what is not there is refused", async () => {
  expect((await json("/api/capabilities", { path: "no.csv", frame: "f" })).status).toBe(404);
  expect((await json("/api/capabilities", { path: "../x", frame: "f" })).status).toBe(400);
  expect((await json("/api/tables", { path: ".tierbook/x.csv", frame: "f" })).status).toBe(400);
});

test("a CSV becomes a database that DuckDB attaches, made once for its content", async () => {
  const answer = await json("/api/tables", { path: "data/p.csv", frame: "t" });
  expect(answer.status).toBe(200);
  const table = (await answer.json()) as {
    path: string;
    digest: string;
    location: string;
    table: string;
  };
  expect(table).toMatchObject({
    path: "data/p.csv",
    digest: digestOfBytes(await readFile(join(server.workspace.root, "data/p.csv"))),
    location: expect.stringMatching(/^\/b\/[\w-]{43}$/),
  });
  const bytes = await (await fetch(server.origin + table.location)).arrayBuffer();
  const copy = join(server.workspace.root, "copy.duckdb");
  await writeFile(copy, new Uint8Array(bytes));
  const instance = await DuckDBInstance.create(copy, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`select id, name from "${table.table}" order by id`);
  expect(rows.getRowsJS()).toEqual([
    [1n, "Ada"],
    [2n, "Grace"],
  ]);
  connection.closeSync();
  instance.closeSync();
});

test("a file that is no table is a 422 that names it as the person does", async () => {
  const answer = await json("/api/tables", { path: "data/ten.bin", frame: "t" });
  expect(answer.status).toBe(422);
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).toContain("data/ten.bin");
  expect(error.message).not.toContain(server.workspace.root);
});
