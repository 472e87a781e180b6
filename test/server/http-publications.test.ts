import { readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Api } from "../../app/shell/api.ts";
import { readPublication, type Publication } from "../../cells/share/publication.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { temporaryFolder } from "./fixtures.ts";
import { somePublication } from "./some-publication.ts";
import { keyOf } from "./some-result.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let shell: Api;
let removePage: () => Promise<void>;

beforeAll(async () => {
  const page = await temporaryFolder();
  removePage = page.remove;
  await writeFile(join(page.path, "index.html"), `<script src="./assets/a.js"></script>`);
  server = await startTestServer({ page: page.path });
  shell = new Api(server.token, server.origin);
}, 120_000);
afterAll(async () => {
  await server.dispose();
  await removePage();
});

/** As anybody asks, who has no token. */
const get = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${server.origin}${path}`, init);

async function published(...given: Parameters<typeof somePublication>): Promise<string> {
  const { digest } = await shell.preparePublication(somePublication(...given));
  await shell.publish(digest);
  return digest;
}

async function manifestOf(digest: string): Promise<Publication> {
  return readPublication(await (await get(`/s/${digest}/publication.json`)).text(), digest);
}

async function errorOf(answer: Response): Promise<unknown> {
  const { error } = (await answer.json()) as { error: { code: string } };
  return [answer.status, error.code];
}

test("a page prepares, publishes, lists and takes back; whoever has the link reads", async () => {
  const content = "a\n1\n";
  await writeFile(join(server.workspace.root, "a.csv"), content);
  const csv = digestOfBytes(Buffer.from(content));
  const files = [{ path: "a.csv", digest: csv, asked: ["table"] as const }];
  const prepared = await shell.preparePublication(
    somePublication({ files, withData: true, outputs: ["<p>ada@mail.org</p>"] }),
  );
  const { digest } = prepared;
  expect(prepared.files).toEqual([{ path: "a.csv", size: 4, isIncluded: true }]);
  expect(prepared.found).toEqual([
    { where: "report", kind: "e-mail address", excerpt: "ad…@mail.org" },
  ]);
  expect(await errorOf(await get(`/s/${digest}/publication.json`))).toEqual([404, "publication"]);

  const line = await shell.publish(digest);
  expect(line.bytes).toBe(prepared.bytes);
  expect(await shell.publish(digest)).toEqual(line);
  expect(await shell.publications()).toEqual([line]);
  const answer = await get(`/s/${digest}/publication.json`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  const publication = readPublication(await answer.text(), digest);
  for (const part of [publication.workbook, publication.report]) {
    const bytes = await (await get(`/s/${digest}/parts/${part.digest}`)).arrayBuffer();
    expect(digestOfBytes(new Uint8Array(bytes))).toBe(part.digest);
  }

  const copy = await shell.copyPublication(digest);
  expect(copy).toEqual({ path: "book.html", files: [{ path: "a.csv", state: "same" }] });
  const text = await readFile(join(server.workspace.root, copy.path), "utf8");
  expect(text).toBe(somePublication().shown.report.text);

  await shell.takeBack(digest);
  await shell.takeBack(digest);
  expect(await shell.publications()).toEqual([]);
  for (const rest of ["/publication.json", `/parts/${publication.workbook.digest}`])
    expect(await errorOf(await get(`/s/${digest}${rest}`))).toEqual([410, "gone"]);
  await expect(shell.publish(digest)).rejects.toMatchObject({ code: "gone", status: 410 });
  await expect(shell.copyPublication(digest)).rejects.toMatchObject({ code: "gone" });
});

test("a link opens the page, which says by its status what is there", async () => {
  const digest = await published();
  const gone = await published();
  await shell.takeBack(gone);
  for (const [name, status] of [
    [digest, 200],
    [keyOf("nothing"), 404],
    [gone, 410],
  ] as const)
    for (const end of ["", "/"]) {
      const answer = await get(`/s/${name}${end}`);
      expect([answer.status, await answer.text()]).toEqual([
        status,
        `<script src="/assets/a.js"></script>`,
      ]);
      expect(answer.headers.get("content-security-policy")).toContain("script-src 'self'");
    }
});

test("what is published is read by our page only, kept by nobody, and never shown by itself", async () => {
  const digest = await published();
  const { workbook } = await manifestOf(digest);
  for (const rest of [
    "/publication.json",
    `/parts/${workbook.digest}`,
    `/parts/${keyOf("not named")}`,
  ])
    for (const method of ["GET", "HEAD"]) {
      const { headers } = await get(`/s/${digest}${rest}`, { method });
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "content-disposition": "attachment",
        "content-security-policy": expect.stringMatching(/default-src 'none'.*sandbox/),
        "x-content-type-options": "nosniff",
      });
      expect(headers.has("access-control-allow-origin")).toBe(false);
    }
});

test("a part comes whole, as its head, or in the range that is asked for", async () => {
  const digest = await published();
  const { workbook } = await manifestOf(digest);
  const path = `/s/${digest}/parts/${workbook.digest}`;
  const { text } = somePublication().shown.report;
  const head = await get(path, { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual([
    String(workbook.size),
    "",
  ]);
  for (const [range, status, expected] of [
    ["bytes=0-8", 206, text.slice(0, 9)],
    ["bytes=-5", 206, text.slice(-5)],
    ["bytes=9-", 206, text.slice(9)],
    [`bytes=${text.length}-`, 416, ""],
    ["lines=1-2", 200, text],
  ] as const) {
    const answer = await get(path, { headers: { Range: range } });
    expect([answer.status, await answer.text()], range).toEqual([status, expected]);
  }
});

test("a part that is lost is said to be, and not to have been taken back", async () => {
  const digest = await published();
  const { workbook } = await manifestOf(digest);
  const folder = join(server.workspace.state, "publications/published", digest, "parts");
  await rm(join(folder, workbook.digest));
  const answer = await get(`/s/${digest}/parts/${workbook.digest}`);
  expect(await errorOf(answer)).toEqual([500, "publication"]);
});

test("only parts that the publication names are answered, whatever lies beside them", async () => {
  const digest = await published();
  const other = await published({ by: "Eve" });
  const { report } = await manifestOf(other);
  const folder = join(server.workspace.state, "publications/published", digest, "parts");
  await writeFile(join(folder, "b".repeat(64)), "not named");
  for (const name of [report.digest, "b".repeat(64), keyOf("none")])
    expect(await errorOf(await get(`/s/${digest}/parts/${name}`))).toEqual([404, "part"]);
  for (const odd of [
    `/s/${digest}/parts/`,
    `/s/${digest}/parts/${"B".repeat(64)}`,
    `/s/${digest}/parts/..%2f..%2f..%2f..%2fledger.jsonl`,
    `/s/..%2fprepared%2f${digest}/publication.json`,
    `/s/${digest}x/publication.json`,
    "/s/",
    "/s",
  ])
    expect([odd, await rawStatus(odd)]).toEqual([odd, 404]);
});

/** The status of an address that is sent just as it is written. */
function rawStatus(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("nothing is published, listed, copied or taken back without the token", async () => {
  const digest = await published();
  const body = JSON.stringify(somePublication());
  for (const [method, path] of [
    ["POST", "/api/publications/prepare"],
    ["GET", "/api/publications"],
    ["POST", `/api/publications/${digest}`],
    ["DELETE", `/api/publications/${digest}`],
    ["POST", `/api/publications/${digest}/copy`],
    ["POST", `/api/reports/${digest}/export`],
  ] as const) {
    const init = { method, ...(method === "POST" ? { body } : {}) };
    expect((await get(path, init)).status, path).toBe(401);
    const headers = { Origin: "null" };
    expect((await server.api(path, { ...init, headers })).status, path).toBe(403);
  }
  for (const method of ["PUT", "POST", "DELETE", "PATCH"])
    for (const rest of ["", "/", "/publication.json", `/parts/${digest}`])
      expect((await get(`/s/${digest}${rest}`, { method })).status).toBe(404);
  expect((await manifestOf(digest)).by).toBe("Ada");
});

test("a name that leads here from elsewhere is refused for what is public too", async () => {
  const digest = await published();
  const { hostname, port } = new URL(server.origin);
  const status = await new Promise((resolve, reject) => {
    const headers = { Host: "evil.example" };
    request({ hostname, port, path: `/s/${digest}/publication.json`, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(421);
});

const good = somePublication();
test.each<[string, unknown]>([
  ["no body", ""],
  ["no JSON", "{"],
  ["no path", { ...good, path: "" }],
  ["a long path", { ...good, path: `${"a".repeat(5_000)}.html` }],
  ["an unknown member", { ...good, results: [] }],
  ["a result that is no digest", { ...good, shown: { ...good.shown, results: ["../x"] } }],
  ["a file that was asked for otherwise", { ...good, files: [{ ...file(), asked: ["all"] }] }],
  ["a file without a digest", { ...good, files: [{ path: "a.csv", asked: [] }] }],
  ["a person of many words", { ...good, by: "x".repeat(1_001) }],
  ["an answer that is neither yes nor no", { ...good, withData: "yes" }],
  ["a path out of the workspace", { ...good, path: "../book.html" }],
  ["data out of the workspace", { ...good, files: [{ ...file(), path: "../../etc/passwd" }] }],
])("%s prepares nothing", async (_, body) => {
  const answer = await server.api("/api/publications/prepare", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(answer.status).toBe(400);
});

function file(): object {
  return { path: "a.csv", digest: keyOf("a.csv"), asked: [] };
}

test("a body above the bound is refused before it is read", async () => {
  const { hostname, port } = new URL(server.origin);
  const headers = {
    Authorization: `Bearer ${server.token}`,
    "Content-Length": String(161 * 1024 * 1024),
  };
  const status = await new Promise((resolve, reject) => {
    const path = "/api/publications/prepare";
    const asking = request({ hostname, port, path, method: "POST", headers }, (answer) => {
      resolve(answer.statusCode);
      asking.destroy();
    });
    asking.on("error", reject).flushHeaders();
  });
  expect(status).toBe(413);
});

test("an address of the interface takes digests only", async () => {
  for (const name of ["x", "..%2f..", "A".repeat(64), `${"a".repeat(64)}0`])
    for (const [method, rest] of [
      ["POST", ""],
      ["DELETE", ""],
      ["POST", "/copy"],
    ] as const)
      expect((await server.api(`/api/publications/${name}${rest}`, { method })).status).toBe(404);
});
