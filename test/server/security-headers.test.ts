import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "./fixtures.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let removePage: () => Promise<void>;

beforeAll(async () => {
  const page = await temporaryFolder();
  removePage = page.remove;
  await mkdir(join(page.path, "assets"));
  for (const name of ["index.html", "frame.html", "assets/app.js"])
    await writeFile(join(page.path, name), "");
  server = await startTestServer({ page: page.path });
});
afterAll(async () => {
  await server.dispose();
  await removePage();
});

/** What a browser is told to hold a document, or its readers, to. */
async function guards(path: string): Promise<Record<string, unknown>> {
  const { headers } = await server.api(path);
  const told = [...headers].filter(([name]) =>
    /^(content-sec|cross-origin|access-control-allow-o|connection-a|permissions|x-|referrer|cache)/.test(
      name,
    ),
  );
  return Object.fromEntries(
    told.map(([name, value]) => [
      name,
      name === "content-security-policy"
        ? value.replaceAll(/ 'sha256-[^']*'/g, "").split("; ")
        : value,
    ]),
  );
}

const everywhere = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
const forAll = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

test("the shell runs our own scripts, frames our own pages and is framed by nobody", async () => {
  const shell = {
    ...everywhere,
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src 'self'",
      "connect-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "frame-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types tierbook tierbook-saved",
    ],
  };
  expect(await guards("/")).toEqual(shell);
  expect(await guards("/w/penguins.html")).toEqual(shell);
});

test("the frame reaches the assets and its files on our origin, and nothing else anywhere", async () => {
  const { origin } = server;
  expect(await guards("/frame.html")).toEqual({
    ...everywhere,
    "cache-control": "no-cache",
    "connection-allowlist": "(response-origin)",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "cross-origin",
    "x-dns-prefetch-control": "off",
    "content-security-policy": [
      "sandbox allow-scripts allow-forms",
      "default-src 'none'",
      `script-src ${origin}/assets/ 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
      "script-src-attr 'unsafe-hashes'",
      "worker-src blob:",
      `connect-src ${origin}/assets/ ${origin}/b/ ${origin}/duckdb-ext/ blob: data:`,
      `img-src ${origin}/assets/ ${origin}/b/ data: blob:`,
      `style-src ${origin}/assets/ 'unsafe-inline'`,
      `font-src ${origin}/assets/ data:`,
      `frame-ancestors ${origin}`,
      "form-action 'none'",
      "base-uri 'none'",
    ],
  });
});

test("assets are for everybody, and a worker that starts from one is held to our origin", async () => {
  expect(await guards("/assets/app.js")).toEqual({
    ...everywhere,
    ...forAll,
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-embedder-policy": "require-corp",
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src 'self'",
      "connect-src 'self'",
    ],
  });
});

test("a file by capability is for whoever knows its address, and is no page of ours", async () => {
  await writeFile(join(server.workspace.root, "picture.svg"), "<svg/>");
  const given = await server.api("/api/capabilities", {
    method: "POST",
    body: JSON.stringify({ path: "picture.svg", frame: "f" }),
  });
  const { url } = (await given.json()) as { url: string };
  expect(await guards(url)).toEqual({
    ...everywhere,
    ...forAll,
    "cache-control": "no-store",
    "content-security-policy": ["default-src 'none'", "sandbox"],
  });
});

test("answers of the interface are for our own page, are not kept and are no pages", async () => {
  const closed = {
    ...everywhere,
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": ["default-src 'none'", "frame-ancestors 'none'", "sandbox"],
  };
  for (const path of ["/api/session", "/api/files", "/api/ledger", "/api/nothing"])
    expect(await guards(path), path).toEqual(closed);
});
