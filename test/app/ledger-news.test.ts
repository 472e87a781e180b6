import { expect, test, vi } from "vitest";
import { followLedger, type LedgerGain } from "../../app/shell/ledger-news.ts";

/** A ledger that a test writes, and what its follower heard. */
function begin() {
  const lines: { key?: string; subject?: { recipe?: string } }[] = [];
  const heard: ({ runs: string[]; recipes: string[] } | undefined)[] = [];
  let tell = (_head: number): void => undefined;
  let fault: Error | undefined;
  const stop = followLedger(
    { onLedger: (listener) => ((tell = listener), () => undefined) },
    {
      ledger: async (after) => {
        if (fault !== undefined) throw fault;
        return lines.slice(after).map((body, i) => ({ seq: after + i + 1, body }));
      },
    },
    async (gain: LedgerGain | undefined) =>
      void heard.push(gain && { runs: [...gain.runs], recipes: [...gain.recipes] }),
  );
  const write = (...added: typeof lines): void => {
    lines.push(...added);
    tell(lines.length);
  };
  return {
    heard,
    write,
    tell: (head: number) => tell(head),
    stop,
    fail: (error?: Error) => (fault = error),
  };
}

test("what was there before is unknown, what comes after is named", async () => {
  const { heard, write } = begin();
  write({ key: "old" });
  await vi.waitFor(() => expect(heard).toEqual([undefined]));
  write({ key: "a" }, { subject: { recipe: "r" } }, {});
  await vi.waitFor(() => expect(heard.at(-1)).toEqual({ runs: ["a"], recipes: ["r"] }));
});

test("lines that come while others are read are neither lost nor read twice", async () => {
  const { heard, write } = begin();
  write();
  await vi.waitFor(() => expect(heard).toEqual([undefined]));
  for (const key of ["a", "b", "c"]) write({ key });
  await Promise.resolve();
  write({ key: "d" });
  await vi.waitFor(() =>
    expect(heard.flatMap((gain) => gain?.runs ?? [])).toEqual(["a", "b", "c", "d"]),
  );
});

test("what could not be read is read with the next news", async () => {
  const { heard, write, fail } = begin();
  write();
  await vi.waitFor(() => expect(heard).toEqual([undefined]));
  fail(new Error("no server"));
  write({ key: "a" });
  await new Promise((resolve) => setImmediate(resolve));
  fail(undefined);
  write({ key: "b" });
  await vi.waitFor(() => expect(heard.at(-1)?.runs).toEqual(["a", "b"]));
});

test("a ledger that is shorter than before is another one", async () => {
  const { heard, write, tell } = begin();
  write({ key: "a" }, { key: "b" });
  await vi.waitFor(() => expect(heard).toEqual([undefined]));
  tell(1);
  await vi.waitFor(() => expect(heard).toEqual([undefined, undefined]));
});
