import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** How fast a server answers: it waits before each answer as the line would take. */
export interface Line {
  readonly bytesPerSecond: number;
  /** milliseconds from a request to its answer's first byte */
  readonly latency: number;
}

/** A server of one body, at `/ranges` by ranges and at `/whole` without, that counts what it sends. */
export interface ByteServer {
  readonly origin: string;
  readonly size: number;
  use(line: Line): void;
  reset(): void;
  /** bytes of bodies sent since it was reset */
  bytes(): number;
  /** requests answered with a body since it was reset */
  requests(): number;
  close(): Promise<void>;
}

/** Starts a {@link ByteServer} on a free port; other origins may read it. */
export async function serveBytes(body: Uint8Array): Promise<ByteServer> {
  let line: Line = { bytesPerSecond: Infinity, latency: 0 };
  let bytes = 0;
  let requests = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of headers) response.setHeader(name, value);
    if (request.url !== "/ranges" && request.url !== "/whole") {
      response.writeHead(request.method === "OPTIONS" ? 204 : 404).end();
      return;
    }
    const range =
      request.url === "/ranges" ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") : null;
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Number(range[2]) + 1 : body.length;
    const part = body.subarray(start, Math.min(end, body.length));
    response.setHeader("Content-Length", part.length);
    if (range !== null) {
      response.setHeader("Accept-Ranges", "bytes");
      response.setHeader(
        "Content-Range",
        `bytes ${start}-${start + part.length - 1}/${body.length}`,
      );
      response.statusCode = 206;
    }
    const sent = request.method === "GET" ? part.length : 0;
    await pause(line.latency + (1000 * sent) / line.bytesPerSecond);
    if (sent > 0) requests++;
    bytes += sent;
    response.end(sent > 0 ? part : undefined);
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    size: body.length,
    use: (next) => (line = next),
    reset: () => (bytes = requests = 0),
    bytes: () => bytes,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const headers = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Allow-Headers", "*"],
  ["Access-Control-Expose-Headers", "*"],
  ["Cross-Origin-Resource-Policy", "cross-origin"],
  ["Cache-Control", "no-store"],
] as const;
