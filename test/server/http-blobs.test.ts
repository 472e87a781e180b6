import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => (server = await startTestServer()), 120_000);
afterAll(() => server.dispose());

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (seed: string, length = 1000): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (seed.charCodeAt(i % seed.length) * (i + 7)) & 255);

function send(digest: string, body: Uint8Array<ArrayBuffer>, range?: string): Promise<Response> {
  const headers: Record<string, string> = range === undefined ? {} : { "Content-Range": range };
  return server.api(`/api/blobs/${digest}`, { method: "PUT", body, headers });
}

test("a blob is kept under its digest and given back, whole or in part", async () => {
  const bytes = bytesOf("whole");
  const digest = digestOf(bytes);
  const url = `/api/blobs/${digest}`;
  expect((await server.api(url, { method: "HEAD" })).status).toBe(404);
  expect((await send(digest, bytes)).status).toBe(201);
  expect((await send(digest, bytes)).status).toBe(200);
  const head = await server.api(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "1000"]);
  expect(new Uint8Array(await (await server.api(url)).arrayBuffer())).toEqual(bytes);
  const part = await server.api(url, { headers: { Range: "bytes=10-19" } });
  expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([
    206,
    bytes.slice(10, 20),
  ]);
});

test("bytes of another digest are refused and nothing of them is kept", async () => {
  const digest = digestOf(bytesOf("right"));
  const answer = await send(digest, bytesOf("wrong"));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: "digest" } });
  expect((await server.api(`/api/blobs/${digest}`)).status).toBe(404);
});

test("an upload goes on from where it broke off", async () => {
  const bytes = bytesOf("pieces");
  const digest = digestOf(bytes);
  const first = await send(digest, bytes.slice(0, 300), "bytes 0-299/1000");
  expect([first.status, first.headers.get("range")]).toEqual([308, "bytes=0-299"]);
  const head = await server.api(`/api/blobs/${digest}`, { method: "HEAD", redirect: "manual" });
  expect([head.status, head.headers.get("range")]).toEqual([308, "bytes=0-299"]);
  const asked = await send(digest, new Uint8Array(), "bytes */1000");
  expect([asked.status, asked.headers.get("range")]).toEqual([308, "bytes=0-299"]);
  const gap = await send(digest, bytes.slice(500, 600), "bytes 500-599/1000");
  expect([gap.status, gap.headers.get("range")]).toEqual([308, "bytes=0-299"]);
  expect((await server.api(`/api/blobs/${digest}`)).status).toBe(404);
  expect((await send(digest, bytes.slice(300), "bytes 300-999/1000")).status).toBe(201);
  expect(new Uint8Array(await (await server.api(`/api/blobs/${digest}`)).arrayBuffer())).toEqual(
    bytes,
  );
});

test("however a blob is cut up, it arrives", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      async (content, sizes) => {
        const bytes = new Uint8Array(content);
        const digest = digestOf(bytes);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = Math.min(bytes.length, at + (sizes[i % sizes.length] ?? 1));
          const { status } = await send(
            digest,
            bytes.slice(at, end),
            `bytes ${at}-${end - 1}/${bytes.length}`,
          );
          if (status === 200) break;
          expect(status).toBe(end === bytes.length ? 201 : 308);
          at = end;
        }
        const back = await server.api(`/api/blobs/${digest}`);
        expect(new Uint8Array(await back.arrayBuffer())).toEqual(bytes);
      },
    ),
    { numRuns: 25 },
  );
});

test("pieces that come to another digest are all forgotten", async () => {
  const digest = digestOf(bytesOf("true"));
  await send(digest, bytesOf("lies").slice(0, 500), "bytes 0-499/1000");
  const last = await send(digest, bytesOf("lies").slice(500), "bytes 500-999/1000");
  expect(last.status).toBe(400);
  expect((await server.api(`/api/blobs/${digest}`, { method: "HEAD" })).status).toBe(404);
});

test("a range that does not fit its body is refused", async () => {
  const digest = digestOf(bytesOf("range"));
  for (const range of ["bytes 0-9/1000", "bytes 5-2/1000", "bytes 0-99/50", "bytes 0-99", "x"])
    expect((await send(digest, new Uint8Array(100), range)).status, range).toBe(400);
});

test("what is no digest names no blob", async () => {
  expect((await server.api("/api/blobs/abc")).status).toBe(404);
  expect((await server.api(`/api/blobs/${"A".repeat(64)}`)).status).toBe(404);
});
