import { describe, expect, test } from "vitest";
import { GuestBackend } from "../../../app/shell/guest/guest-backend.ts";
import { maxIndexBytes, maxResultBytes, maxSmallResultBytes } from "../../../cells/result-index.ts";
import type { Receipt, ReceiptBody } from "../../../engines/index.ts";
import { vouchFor } from "../../../engines/vouching.ts";
import { sha256 } from "../../../runtime/sha256.ts";
import { SomePublication, type Contents } from "./some-publication.ts";

const book = "penguins.html";
const keyOf = (name: string): string => sha256(name);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? new TextDecoder().decode(bytes) : null;

const files = {
  readFile: async () => ({ text: "", digest: sha256("") }),
  writeFile: async () => ({ digest: sha256("") }),
};

/** A guest's backend on a publication, and the host where that lies. */
async function begin(contents: Contents) {
  const host = new SomePublication(contents);
  const opened = await host.open();
  return { host, opened, backend: new GuestBackend({ files, opened }) };
}

const body: ReceiptBody = {
  stage: "schema",
  verdict: "pass",
  summary: "all is well",
  checks: [],
  subject: { recipe: keyOf("recipe") },
  metrics: {},
  environment: {},
};

describe("files", () => {
  const contents = {
    files: { "data/a.csv": "x\n1\n" },
    tables: { "data/a.csv": bytesOf("a database") },
    named: ["data/secret.csv"],
  };

  test("that were published come as bytes, to read and to attach", async () => {
    const { backend, opened } = await begin(contents);
    const [published] = opened.publication.files;
    const file = await backend.capability("data/a.csv", "frame");
    expect(file).toMatchObject({ url: "", digest: published?.digest, mediaType: "text/csv" });
    expect(textOf(file.bytes)).toBe("x\n1\n");
    const table = await backend.table("data/a.csv", "frame");
    expect(table).toMatchObject({ path: "data/a.csv", table: "data", numRows: 3 });
    expect(table.digest).toBe(published?.digest);
    expect(table.location).not.toMatch(/[/:]/);
    expect(textOf(table.bytes)).toBe("a database");
    await backend.revoke("frame");
  });

  test("whose bytes stayed at home have a digest, and a way to go on", async () => {
    const { backend } = await begin(contents);
    expect(await backend.fileDigest("data/secret.csv")).toBe(sha256("data/secret.csv"));
    for (const asked of [backend.table, backend.capability])
      await expect(asked("data/secret.csv", "frame")).rejects.toMatchObject({
        code: "not-published",
        message: "data/secret.csv is not here: it was not published with this workbook",
        hint: "Make a copy in a workspace that has it",
      });
  });

  test("that were published for SQL alone, or for JavaScript alone, say so", async () => {
    const { backend } = await begin({
      files: { "a.txt": "text" },
      tables: { "b.csv": bytesOf("a database") },
    });
    const refusal = (message: string) => ({ code: "not-published", message });
    await expect(backend.table("a.txt", "frame")).rejects.toMatchObject(
      refusal("a.txt is not here: only its bytes were published, and not as a table for SQL"),
    );
    await expect(backend.capability("b.csv", "frame")).rejects.toMatchObject(
      refusal("b.csv is not here: only the table that SQL reads was published"),
    );
  });

  test("that nobody has heard of have none", async () => {
    const { backend } = await begin(contents);
    for (const path of ["b.csv", "__proto__", "constructor"]) {
      expect(await backend.fileDigest(path)).toBe(null);
      await expect(backend.table(path, "frame")).rejects.toMatchObject({ code: "not-published" });
    }
    const bare = new GuestBackend({ files });
    expect(await bare.fileDigest("data/a.csv")).toBe(null);
    await expect(bare.capability("data/a.csv", "frame")).rejects.toMatchObject({
      code: "not-published",
      message: "data/a.csv is not here: a link carries a workbook's text and no files",
    });
  });

  test("that were changed at the host, or that the publication names wrongly, are refused by name", async () => {
    const { host, opened, backend } = await begin(contents);
    const part = opened.publication.files[0]?.table?.part ?? { digest: "", size: 0 };
    host.replace(part, bytesOf("b database"));
    await expect(backend.table("data/a.csv", "frame")).rejects.toMatchObject({
      code: "changed",
      message: expect.stringMatching(/^data\/a\.csv cannot be read: /),
    });
    const [file] = opened.publication.files;
    const bytes = opened.publication.report;
    const lying = await begin({
      fields: { files: file === undefined ? [] : [{ ...file, bytes }] },
    });
    lying.host.add("<p>saved</p>");
    await expect(lying.backend.capability("data/a.csv", "frame")).rejects.toMatchObject({
      code: "malformed",
    });
  });
});

describe("results", () => {
  const large = new Uint8Array(maxSmallResultBytes + 1).fill(7);
  const contents = {
    results: { [keyOf("small")]: bytesOf("a small one"), [keyOf("large")]: large },
  };

  test("that were published come back: the small ones with the index, the large ones when asked", async () => {
    const { host, opened, backend } = await begin(contents);
    const index = await backend.results(book);
    expect(index.keys).toEqual([keyOf("small"), keyOf("large")]);
    expect(index.small.map(({ key, bytes }) => [key, textOf(bytes)])).toEqual([
      [keyOf("small"), "a small one"],
    ]);
    const part = opened.publication.results[1]?.part ?? opened.publication.report;
    expect(host.timesAsked(part)).toBe(0);
    expect(await backend.result(book, keyOf("large"))).toEqual(large);
    expect(await backend.result(book, keyOf("nobody"))).toBe(null);
  });

  test("of this visit come first, and survive being given away", async () => {
    const { backend } = await begin(contents);
    const kept = bytesOf("mine");
    expect(await backend.keepResult(book, keyOf("own"), kept)).toBe(true);
    expect(await backend.keepResult(book, keyOf("small"), bytesOf("newer"))).toBe(true);
    kept.fill(0);
    for (let i = 0; i < 2; i++) {
      const { keys, small } = await backend.results(book);
      expect(keys).toEqual([keyOf("small"), keyOf("own"), keyOf("large")]);
      expect(small.map(({ bytes }) => textOf(bytes))).toEqual(["newer", "mine"]);
      const given = await backend.result(book, keyOf("own"));
      expect(textOf(given)).toBe("mine");
      for (const bytes of [given, ...small.map((each) => each.bytes)]) bytes?.fill(0);
    }
  });

  test("that are forgotten are gone, whoever made them", async () => {
    const { backend } = await begin(contents);
    await backend.keepResult(book, keyOf("own"), bytesOf("mine"));
    await backend.forgetResult(book, keyOf("small"));
    expect((await backend.results(book)).keys).toEqual([keyOf("own"), keyOf("large")]);
    expect(await backend.clearResults(book)).toBe(2);
    expect(await backend.results(book)).toEqual({ keys: [], small: [] });
    expect(await backend.result(book, keyOf("large"))).toBe(null);
    await backend.keepResult(book, keyOf("small"), bytesOf("again"));
    expect(textOf(await backend.result(book, keyOf("small")))).toBe("again");
  });

  test("whose bytes are not what they should be are as good as not there", async () => {
    const { host, opened, backend } = await begin(contents);
    for (const { part } of opened.publication.results)
      host.replace(part, new Uint8Array(part.size));
    expect((await backend.results(book)).keys).toEqual([keyOf("large")]);
    expect(await backend.result(book, keyOf("large"))).toBe(null);
    expect((await backend.results(book)).keys).toEqual([]);
  });

  test("that cannot be reached now may come later", async () => {
    const { host, opened, backend } = await begin(contents);
    const part = opened.publication.results[1]?.part ?? opened.publication.report;
    host.replace(part, () => new Response("", { status: 503 }));
    expect(await backend.result(book, keyOf("large"))).toBe(null);
    host.replace(part, large);
    expect(await backend.result(book, keyOf("large"))).toEqual(large);
  });

  test("are kept as far as there is room, the oldest out first", async () => {
    const { backend } = await begin({});
    const half = new Uint8Array(40 << 20);
    await backend.keepResult(book, keyOf("first"), half);
    await backend.keepResult(book, keyOf("second"), half);
    expect((await backend.results(book)).keys).toEqual([keyOf("second")]);
    const giant = new Uint8Array(maxResultBytes + 1);
    expect(await backend.keepResult(book, keyOf("giant"), giant)).toBe(false);
    expect((await backend.results(book)).keys).toEqual([keyOf("second")]);
  });
});

describe("receipts", () => {
  test("are vouched for here, found again, and told to whoever follows the ledger", async () => {
    const { backend } = await begin({});
    const heads: number[] = [];
    const stop = backend.feed.onLedger((head) => heads.push(head));
    const receipt = await backend.postReceipt(body, "frame");
    expect(receipt).toEqual(vouchFor(body, "frame", receipt.at));
    expect(await backend.receipt(receipt.id)).toEqual(receipt);
    expect(await backend.receipt(keyOf("nobody"))).toBe(undefined);
    expect(heads.at(-1)).toBe(1);
    expect(await backend.ledger(0)).toEqual([{ seq: 1, body: { subject: body.subject } }]);
    expect(await backend.ledger(1)).toEqual([]);
    stop();
    await backend.postReceipt(body, "frame");
    expect(heads.at(-1)).toBe(1);
  });

  test("that were published are the workbook's own word or nobody's", async () => {
    const own = vouchFor(body, "frame");
    const boasting = vouchFor(body, "server");
    const forged: Receipt = { ...own, summary: "better than it was", id: keyOf("forged") };
    const { backend } = await begin({ fields: { receipts: [own, boasting, forged] } });
    expect(await backend.receipt(own.id)).toEqual(own);
    expect(await backend.receipt(boasting.id)).toBe(undefined);
    expect(await backend.receipt(forged.id)).toBe(undefined);
  });

  test("of dry and small runs that were published, or that the workbook claims, open nothing", async () => {
    const recipe = keyOf("recipe");
    const claims = (["dryRun", "smallRun"] as const).map((stage) => ({ ...body, stage }));
    const { backend } = await begin({
      fields: { receipts: claims.map((claim) => vouchFor(claim, "shell")) },
    });
    for (const claim of claims) await backend.postReceipt(claim, "frame");
    expect(await backend.ladder(recipe)).toMatchObject({
      dryRun: null,
      smallRun: null,
      reasons: [{ code: "no-server" }, { code: "no-dry-run" }, { code: "no-small-run" }],
      smallRunSpeed: null,
    });
  });

  test("that a workbook writes without end push out its own, and none of the shell's", async () => {
    const { backend } = await begin({});
    const dryRun = { ...body, stage: "dryRun" } as const;
    const ours = await backend.postReceipt(dryRun, "shell");
    const flood = { ...body, environment: { text: "x".repeat(5 << 20) } };
    const first = await backend.postReceipt(flood, "frame");
    for (let i = 0; i < 4; i++)
      await backend.postReceipt({ ...flood, summary: `number ${i}` }, "frame");
    expect(await backend.receipt(first.id)).toBe(undefined);
    expect(await backend.receipt(ours.id)).toEqual(ours);
    expect((await backend.ladder(keyOf("recipe"))).dryRun).toEqual(ours);
  });
});

describe("a hostile publication", () => {
  test("of many files, giant sizes and many results costs nothing until it is read", async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => i);
    const giant = { digest: keyOf("giant"), size: Number.MAX_SAFE_INTEGER };
    const mediaType = "text/csv";
    const { host, backend } = await begin({
      fields: {
        files: many.map((i) => ({
          path: `data/${i}.csv`,
          digest: giant.digest,
          mediaType,
          size: giant.size,
          bytes: giant,
          table: { part: giant, table: "data", numRows: 1 },
        })),
        results: many.map((i) => ({
          key: keyOf(`result ${i}`),
          part: { digest: keyOf(`part ${i}`), size: i % 2 === 0 ? 10 : giant.size },
        })),
        runs: many.map((i) => ({ key: keyOf(`run ${i}`), part: giant })),
      },
    });
    const asked = host.asked.length;
    for (const each of [backend.table, backend.capability])
      await expect(each("data/9999.csv", "frame")).rejects.toMatchObject({ code: "too-large" });
    expect(await backend.run(keyOf("run 9999"))).toBe(undefined);
    expect(host.asked.length).toBe(asked);
    const { keys, small } = await backend.results(book);
    expect(small).toEqual([]);
    expect(keys.length).toBeLessThan(5_000);
    expect(host.asked.length - asked).toBeLessThan(300);
  });

  test("whose small results are more than an index holds gives as many as it does", async () => {
    const bytes = new Uint8Array(maxSmallResultBytes);
    const results = Array.from({ length: 200 }, (_, i) => [keyOf(`result ${i}`), bytes] as const);
    const { backend } = await begin({ results: Object.fromEntries(results) });
    const { keys, small } = await backend.results(book);
    expect(keys).toHaveLength(200);
    expect(small).toHaveLength(maxIndexBytes / maxSmallResultBytes);
  });
});
