import { request } from "node:http";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./fixtures.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let removePage: () => Promise<void>;

beforeAll(async () => {
  const page = await temporaryFolder();
  removePage = page.remove;
  await mkdir(join(page.path, "assets/sub"), { recursive: true });
  await writeFile(join(page.path, "index.html"), "<title>shell</title>");
  await writeFile(join(page.path, "frame.html"), "<title>frame</title>");
  await writeFile(join(page.path, "assets/app-1a2b.js"), "export {};");
  await writeFile(join(page.path, "assets/app-1a2b.js.gz"), gzipSync("export {};"));
  await writeFile(join(page.path, "secret.txt"), "secret");
  server = await startTestServer({ page: page.path });
}, 120_000);
afterAll(async () => {
  await server.dispose();
  await removePage();
});

/** A request as it is written, which fetch would not let us write. */
function raw(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += String(chunk)));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

const withToken = (): Record<string, string> => ({ Authorization: `Bearer ${server.token}` });

test("the interface is closed without the token, with another, and with one in the address", async () => {
  for (const headers of [{}, { Authorization: "Bearer wrong" }, { Authorization: server.token }]) {
    const answer = await fetch(`${server.origin}/api/session`, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: "token" } });
  }
  expect((await fetch(`${server.origin}/api/session?token=${server.token}`)).status).toBe(401);
  expect((await server.api("/api/session")).status).toBe(200);
});

test("every address of the interface wants the token, also those that do not exist", async () => {
  const addresses = ["files", "files/a.html", "tables", "blobs/x", "receipts", "ledger", "runs"];
  for (const address of [...addresses, "events", "nothing", "ladder/x", "capabilities/f"])
    for (const method of ["GET", "PUT", "POST", "DELETE"])
      expect((await raw(`/api/${address}`, {}, method)).status).toBe(401);
});

test("a session says what the server is", async () => {
  expect(await (await server.api("/api/session")).json()).toMatchObject({
    version: "0.1.0",
    workspace: server.workspace.root,
    duckdb: expect.stringMatching(/^v1\.5\./),
    engines: ["tfjs"],
    node: process.version,
  });
});

test("a name that only points here is refused everywhere", async () => {
  const { port } = new URL(server.origin);
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1:1", "localhost"])
    for (const path of ["/", "/api/session", "/b/x", "/assets/app-1a2b.js"])
      expect((await raw(path, { ...withToken(), Host: host })).status, host + path).not.toBe(200);
  expect((await raw("/", { Host: "evil.example" })).status).toBe(421);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`])
    expect((await raw("/api/session", { ...withToken(), Host: host })).status).toBe(200);
});

test("pages of other origins are refused, the opaque one too, even with the token", async () => {
  const { host, port } = new URL(server.origin);
  for (const origin of [
    "null",
    "https://evil.example",
    `http://evil.example:${port}`,
    `https://${host}`,
  ]) {
    const answer = await raw("/api/session", { ...withToken(), Origin: origin });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  }
  for (const site of ["cross-site", "same-site"])
    expect((await raw("/api/session", { ...withToken(), "Sec-Fetch-Site": site })).status).toBe(
      403,
    );
  const own = { ...withToken(), Origin: server.origin, "Sec-Fetch-Site": "same-origin" };
  expect((await raw("/api/session", own)).status).toBe(200);
});

test("no answer of the interface may be read by another origin, nor a preflight pass", async () => {
  const preflight = await raw("/api/session", { Origin: "null" }, "OPTIONS");
  expect(preflight.status).toBe(403);
  const answer = await server.api("/api/session");
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("the shell is isolated and runs nothing but our own scripts", async () => {
  for (const path of ["/", "/w/penguins.html", "/w/folder/b.html"]) {
    const { status, headers, body } = await raw(path);
    expect([status, body]).toEqual([200, "<title>shell</title>"]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    const policy = policyOf(headers);
    expect(policy).toMatchObject({
      "default-src": "'none'",
      "script-src": "'self' 'wasm-unsafe-eval'",
      "connect-src": "'self'",
      "frame-src": "'self'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "tierbook tierbook-saved",
    });
  }
});

test("the frame is sandboxed, names our origin by itself, and has no Trusted Types", async () => {
  const { headers, body } = await raw("/frame.html");
  expect(body).toBe("<title>frame</title>");
  expect(headers).toMatchObject({ "cross-origin-embedder-policy": "require-corp" });
  expect(policyOf(headers)).toMatchObject({
    sandbox: "allow-scripts allow-forms",
    "default-src": "'none'",
    "script-src": `${server.origin}/assets/ 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
    "worker-src": "blob:",
    "form-action": "'none'",
    "base-uri": "'none'",
  });
  expect(JSON.stringify(policyOf(headers))).not.toMatch(/'self'|trusted|allow-same-origin/);
});

test("assets are for everybody, for ever, and compressed where that is taken", async () => {
  const plain = await raw("/assets/app-1a2b.js");
  expect([plain.status, plain.body]).toEqual([200, "export {};"]);
  expect(plain.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    vary: "Accept-Encoding",
  });
  const packed = await fetch(`${server.origin}/assets/app-1a2b.js`, {
    headers: { "Accept-Encoding": "gzip, br;q=0" },
  });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(await packed.text()).toBe("export {};");
  const head = await raw("/assets/app-1a2b.js", {}, "HEAD");
  expect([head.status, head.headers["content-length"], head.body]).toEqual([200, "10", ""]);
});

test("nothing but the page's own files is served", async () => {
  for (const path of [
    "/secret.txt",
    "/assets/../secret.txt",
    "/assets/%2e%2e/secret.txt",
    "/assets/..%2fsecret.txt",
    "/assets//secret.txt",
    "/assets/.hidden",
    "/assets/sub",
    "/index.html/../secret.txt",
    "/package.json",
  ])
    expect((await raw(path)).status, path).toBe(404);
});

test("DuckDB's extensions are plainly not there, which an opaque origin may read", async () => {
  const answer = await raw("/duckdb-ext/v1.5.6/wasm_eh/icu.duckdb_extension.wasm");
  expect([answer.status, answer.body]).toEqual([404, "Not found\n"]);
  expect(answer.headers["access-control-allow-origin"]).toBe("*");
});

test("a page that is not built is a 503 that says how to build it", async () => {
  const folder = await temporaryFolder();
  const bare = await startTestServer({ page: join(folder.path, "nothing") });
  const answer = await fetch(bare.origin);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { hint: expect.stringContaining("build") } });
  await bare.dispose();
  await folder.remove();
});

test("a body that is too large is refused before it is read", async () => {
  const { hostname, port } = new URL(server.origin);
  const status = await new Promise((resolve, reject) => {
    const headers = { ...withToken(), "Content-Length": String(2 << 20) };
    const sent = request(
      { hostname, port, path: "/api/tables", method: "POST", headers },
      (answer) => resolve(answer.statusCode),
    );
    sent.on("error", reject);
    sent.flushHeaders();
  });
  expect(status).toBe(413);
  const chunked = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(32)),
  });
  const init = { method: "POST", body: chunked, duplex: "half" } as RequestInit;
  const answer = await server.api("/api/tables", init).catch(() => undefined);
  expect(answer?.status ?? 413).toBe(413);
});

test("a body that is not what it must be is a 400 that names the member", async () => {
  const post = (body: string): Promise<Response> =>
    server.api("/api/capabilities", { method: "POST", body });
  expect((await post("{")).status).toBe(400);
  const answer = await post(JSON.stringify({ path: 3, frame: "f" }));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: { code: "body", message: expect.stringContaining("path") },
  });
});

test("an address that names nothing is a 404 in words", async () => {
  const answer = await raw("/nothing");
  expect(answer.status).toBe(404);
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "address" } });
});

function policyOf(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    String(headers["content-security-policy"])
      .split("; ")
      .map((directive) => {
        const [name = "", ...values] = directive.split(" ");
        return [name, values.join(" ")];
      }),
  );
}
