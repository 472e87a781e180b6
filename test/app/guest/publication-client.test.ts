import { afterEach, describe, expect, test, vi } from "vitest";
import * as fc from "fast-check";
import { maxManifestBytes, maxPartBytes } from "../../../app/shell/guest/publication-client.ts";
import { addressOf, base, SomePublication } from "./some-publication.ts";
import { sha256 } from "../../../runtime/sha256.ts";

afterEach(() => vi.unstubAllGlobals());

const manifestUrl = `${base}publication.json`;

/** A host with a text part of known bytes. */
async function begin() {
  const host = new SomePublication({ workbook: "a workbook’s text" });
  const opened = await host.open();
  return { host, opened, part: opened.publication.workbook };
}

test("a publication and its parts are read as they were written", async () => {
  const { host, opened, part } = await begin();
  expect(opened.publication).toEqual(host.publication);
  expect(await opened.text(part)).toBe("a workbook’s text");
  expect(sha256(await opened.bytes(part))).toBe(part.digest);
});

test("bytes belong to who asked: giving them away takes them from nobody else", async () => {
  const { host, opened, part } = await begin();
  const [one, two] = await Promise.all([opened.bytes(part), opened.bytes(part)]);
  one.fill(0);
  structuredClone(two, { transfer: [two.buffer] });
  expect(await opened.text(part)).toBe("a workbook’s text");
  expect(host.timesAsked(part)).toBe(1);
});

test("a host learns no more of the person than as it gave the page, and sends us nowhere else", async () => {
  const { host, opened, part } = await begin();
  await opened.bytes(part);
  expect(host.inits).toHaveLength(2);
  for (const init of host.inits)
    expect(init).toEqual({
      credentials: "same-origin",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
});

test("a manifest that is not what the link names is refused", async () => {
  const { host } = await begin();
  await expect(host.open("0".repeat(64))).rejects.toMatchObject({ code: "changed" });
  const text = JSON.stringify({ ...host.publication, by: "Mallory" });
  host.files.set(manifestUrl, new TextEncoder().encode(text));
  await expect(host.open()).rejects.toMatchObject({ code: "changed" });
  expect(host.pauses).toEqual([]);
});

test("what the link names and is no publication is refused with its fault", async () => {
  const { host } = await begin();
  for (const content of ["{}", "no JSON", new Uint8Array([0xff, 0xfe, 0x00])]) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    host.files.set(manifestUrl, bytes);
    await expect(host.open(sha256(bytes))).rejects.toMatchObject({ code: "malformed" });
  }
});

describe("a part", () => {
  test("that was changed, cut, or drawn out is refused, and not kept", async () => {
    const { host, opened, part } = await begin();
    const right = new TextEncoder().encode("a workbook’s text");
    const flipped = right.with(3, 0);
    const longer = new Uint8Array([...right, 32]);
    for (const wrong of [flipped, right.slice(0, -1), longer, new Uint8Array()]) {
      host.replace(part, wrong);
      await expect(opened.bytes(part)).rejects.toMatchObject({ code: "changed" });
      await expect(opened.text(part)).rejects.toMatchObject({ code: "changed" });
    }
    host.replace(part, right);
    expect(await opened.text(part)).toBe("a workbook’s text");
  });

  test("is checked as well where the page is no secure context", async () => {
    vi.stubGlobal("crypto", {});
    const { host, opened, part } = await begin();
    expect(await opened.text(part)).toBe("a workbook’s text");
    const other = opened.publication.report;
    host.replace(other, new Uint8Array(other.size));
    await expect(opened.bytes(other)).rejects.toMatchObject({ code: "changed" });
  });

  test("that never ends is not read beyond its size", async () => {
    const { host, opened, part } = await begin();
    let pieces = 0;
    let isCancelled = false;
    host.replace(
      part,
      () =>
        new Response(
          new ReadableStream({
            pull: (stream) => {
              pieces += 1;
              stream.enqueue(new Uint8Array(16));
            },
            cancel: () => void (isCancelled = true),
          }),
        ),
    );
    await expect(opened.bytes(part)).rejects.toMatchObject({ code: "changed" });
    expect(pieces * 16).toBeLessThan(part.size + 64);
    expect(isCancelled).toBe(true);
  });

  test("that a page cannot hold is not even asked for", async () => {
    const { host, opened } = await begin();
    const giant = { digest: "e".repeat(64), size: maxPartBytes + 1 };
    await expect(opened.bytes(giant)).rejects.toMatchObject({ code: "too-large" });
    expect(host.timesAsked(giant)).toBe(0);
  });

  test("with another size than its digest has is refused, also after the right one was read", async () => {
    const { opened, part } = await begin();
    await opened.bytes(part);
    for (const size of [0, part.size - 1, part.size + 1])
      await expect(opened.bytes({ ...part, size })).rejects.toMatchObject({ code: "changed" });
  });

  test("comes whole or not at all, whatever lies there", async () => {
    const content = fc.uint8Array({ maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(content, content, fc.boolean(), async (right, found, isRight) => {
        const host = new SomePublication();
        const part = host.add(right);
        const opened = await host.open();
        host.replace(part, isRight ? right : found);
        const read = await opened.bytes(part).catch(() => undefined);
        if (read === undefined) expect(sha256(found)).not.toBe(sha256(right));
        else expect([...read]).toEqual([...right]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a host", () => {
  test("that has nothing, and one whose publisher took it back, say so", async () => {
    const { host, opened, part } = await begin();
    host.files.delete(addressOf(part));
    await expect(opened.bytes(part)).rejects.toMatchObject({ code: "missing" });
    host.replace(part, () => new Response("", { status: 410 }));
    await expect(opened.bytes(part)).rejects.toMatchObject({
      code: "gone",
      message: "Whoever published this has taken it back",
    });
    host.files.set(manifestUrl, () => new Response("", { status: 410 }));
    await expect(host.open()).rejects.toMatchObject({ code: "gone" });
    expect(host.pauses).toEqual([]);
  });

  test("that fails for a while is asked again, more patiently each time", async () => {
    const { host, opened, part } = await begin();
    const answers = [
      () => Promise.reject(new TypeError("Failed to fetch")),
      () => new Response("", { status: 503 }),
      () => new Response(brokenStream()),
    ];
    host.replace(part, () => {
      const answer = answers.shift();
      // what the fetcher rejects with, it may also throw
      return answer === undefined ? new Response("a workbook’s text") : (answer() as Response);
    });
    expect(await opened.text(part)).toBe("a workbook’s text");
    expect(host.timesAsked(part)).toBe(4);
    expect(host.pauses).toEqual(host.pauses.toSorted((a, b) => a - b));
  });

  test("that never answers is given up", async () => {
    const { host, opened, part } = await begin();
    host.replace(part, () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(opened.bytes(part)).rejects.toMatchObject({ code: "unreachable" });
    expect(host.timesAsked(part)).toBe(4);
  });

  test("that sends a manifest without end is cut off", async () => {
    const { host } = await begin();
    let sent = 0;
    const piece = new Uint8Array(1 << 20);
    const endless = new ReadableStream({
      pull: (stream) => {
        sent += piece.byteLength;
        stream.enqueue(piece);
      },
    });
    host.files.set(manifestUrl, () => new Response(endless));
    await expect(host.open()).rejects.toMatchObject({ code: "changed" });
    expect(sent).toBeLessThan(maxManifestBytes + 4 * piece.byteLength);
  });
});

/** A body that breaks off. */
function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (stream) => {
      stream.enqueue(new Uint8Array(2));
      stream.error(new TypeError("network error"));
    },
  });
}
