import { expect, test } from "vitest";
import { fewAtOnce } from "../../cells/few-at-once.ts";

test("only so many are under way, the others follow in order, and a failure gives its place on", async () => {
  const few = fewAtOnce(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((i) =>
    few(async () => {
      begun.push(i);
      await new Promise<void>((end) => (ends[i] = end));
      if (i === 1) throw new Error("one");
      return i;
    }),
  );
  const settled = Promise.allSettled(all);
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.();
  ends[4]?.();
  expect((await settled).map(({ status }) => status === "fulfilled")).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
  const never = (): Promise<void> => {
    begun.push(9);
    return new Promise(() => undefined);
  };
  for (let i = 0; i < 3; i++) void few(never);
  expect(begun).toEqual([0, 1, 2, 3, 4, 9, 9]);
});
