import { expect, test } from "vitest";
import { Awaited } from "../../app/shell/awaited.ts";

const never = new Promise<never>(() => undefined);

test("an answer comes through, and so does an error", async () => {
  const awaited = new Awaited();
  expect(await awaited.answer(Promise.resolve(5))).toBe(5);
  await expect(awaited.answer(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("all who wait hear that there will be no answer, and who asks later waits anew", async () => {
  const awaited = new Awaited();
  const asked = [awaited.answer(never), awaited.answer(never)];
  awaited.giveUp(new Error("it hangs"));
  for (const one of asked) await expect(one).rejects.toThrow("it hangs");
  const later = awaited.answer(never);
  expect(await Promise.race([later, new Promise(setImmediate).then(() => "waits")])).toBe("waits");
});
