import { fork } from "node:child_process";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyHead, Ledger, LedgerError, verifyLedger } from "../../server/ledger.ts";
import { temporaryFolder } from "./fixtures.ts";

let path: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  path = join(folder.path, "ledger.jsonl");
});
afterEach(() => remove());

const run = (n: number): { type: "run"; body: unknown } => ({ type: "run", body: { n } });

test("each entry is chained to the one before, and the first to nothing", async () => {
  const ledger = new Ledger(path);
  await ledger.append([run(1), run(2)]);
  await ledger.append([run(3)]);
  const entries = await ledger.entries();
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(entries[0]?.prev).toBe(emptyHead.hash);
  expect(entries[1]?.prev).toBe(entries[0]?.hash);
  expect(entries[2]?.prev).toBe(entries[1]?.hash);
  expect(await verifyLedger(path)).toEqual({ seq: 3, hash: entries[2]?.hash });
});

test("an entry that was written by another process is seen", async () => {
  const [one, other] = [new Ledger(path), new Ledger(path)];
  await one.append([run(1)]);
  await other.append([run(2)]);
  await one.append([run(3)]);
  expect((await other.after(1)).map(({ body }) => body)).toEqual([{ n: 2 }, { n: 3 }]);
});

test("nothing is appended where the condition holds under the lock", async () => {
  const ledger = new Ledger(path);
  const once = (): Promise<unknown> =>
    ledger.append([run(1)], (known) => known.some(({ type }) => type === "run"));
  await Promise.all([once(), once(), once()]);
  expect(await ledger.head()).toMatchObject({ seq: 1 });
});

test("any change to any line is found by its number", async () => {
  const ledger = new Ledger(path);
  await ledger.append([run(1), run(2), run(3), run(4)]);
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const line = fc.integer({ min: 0, max: 3 });
  const change = fc.constantFrom("delete", "swap", "body", "repeat");
  await fc.assert(
    fc.asyncProperty(line, change, async (at, change) => {
      const changed = [...lines];
      const [own = "", next = ""] = [lines[at], lines[(at + 1) % 4]];
      if (change === "delete") changed.splice(at, 1);
      if (change === "swap") changed.splice(at, 1, next);
      if (change === "body") changed.splice(at, 1, own.replace(/"n":(\d)/, '"n":9'));
      if (change === "repeat") changed.splice(at, 0, own);
      await writeFile(path, `${changed.join("\n")}\n`);
      const verified = await verifyLedger(path).catch((error: unknown) => error);
      const broken = change === "repeat" ? at + 2 : at + 1;
      expect(verified).toBeInstanceOf(LedgerError);
      expect(verified).toMatchObject({ code: "ledger-broken", line: broken });
    }),
  );
});

test("a torn last line is cut off, and no whole line is lost", async () => {
  const ledger = new Ledger(path);
  await ledger.append([run(1), run(2)]);
  const [whole, head] = [await readFile(path, "utf8"), await readFile(`${path}.head`)];
  const third = await new Ledger(path).append([run(3)]);
  const text = JSON.stringify(third[0]);
  for (const torn of [text.slice(0, 1), text.slice(0, 40), text.slice(0, -1), "\0\0\0"]) {
    await writeFile(path, whole + torn);
    await writeFile(`${path}.head`, head);
    const again = new Ledger(path);
    expect((await again.entries()).length).toBe(2);
    await again.append([run(4)]);
    expect((await again.entries()).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
    expect(await verifyLedger(path)).toMatchObject({ seq: 3 });
  }
});

test("a last line that lacks nothing but its newline is kept", async () => {
  const ledger = new Ledger(path);
  await ledger.append([run(1)]);
  const head = await readFile(`${path}.head`);
  await ledger.append([run(2)]);
  await writeFile(path, (await readFile(path, "utf8")).trimEnd());
  await writeFile(`${path}.head`, head);
  await new Ledger(path).append([run(3)]);
  const entries = await new Ledger(path).entries();
  expect(entries.map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test("a broken ledger is not appended to", async () => {
  await new Ledger(path).append([run(1)]);
  await appendFile(path, "{}\n");
  await expect(new Ledger(path).append([run(2)])).rejects.toThrow(LedgerError);
});

test("several processes append at once and give one whole chain", async () => {
  const script = fileURLToPath(new URL("./append-to-ledger.ts", import.meta.url));
  const { builtScript } = await import("./build-cli.ts");
  const built = await builtScript(script);
  const appended = await Promise.all(
    [1, 2, 3, 4].map(
      (process) =>
        new Promise<number | null>((resolve) =>
          fork(built, [path, String(process), "25"]).once("exit", resolve),
        ),
    ),
  );
  expect(appended).toEqual([0, 0, 0, 0]);
  const entries = await new Ledger(path).entries();
  expect(entries.length).toBe(100);
  for (const process of [1, 2, 3, 4]) {
    const own = entries.filter(({ body }) => (body as { process: number }).process === process);
    expect(own.map(({ body }) => (body as { n: number }).n)).toEqual([...Array(25).keys()]);
  }
  expect(await verifyLedger(path)).toMatchObject({ seq: 100 });
}, 60_000);
