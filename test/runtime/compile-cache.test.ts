import { expect, test } from "vitest";
import { CompileCache } from "../../runtime/compile-cache.ts";

const keptBy = (cache: CompileCache<string>, keys: readonly string[]): readonly string[] =>
  keys.filter((key) => {
    let isKept = true;
    try {
      cache.get(key, () => {
        isKept = false;
        throw new Error("not kept");
      });
    } catch {
      // a failure is not kept, so that asking changes nothing
    }
    return isKept;
  });

test("a source is compiled once as long as it is kept", () => {
  const cache = new CompileCache<object>();
  const first = cache.get("a", () => ({}));
  expect(cache.get("a", () => ({}))).toBe(first);
  expect(cache.get("b", () => ({}))).not.toBe(first);
});

test("of too many sources the one that was not asked for longest goes", () => {
  const cache = new CompileCache<string>(3);
  for (const key of ["a", "b", "c", "a", "d"]) cache.get(key, () => key);
  expect(keptBy(cache, ["b", "a", "c", "d"])).toEqual(["a", "c", "d"]);
  expect(cache.size).toBe(3);
});

test("of too much text as much goes as is needed, also all of it", () => {
  const cache = new CompileCache<string>(100, 10);
  for (const key of ["aaaa", "bbbb", "cc", "ddddd"]) cache.get(key, () => key);
  expect(keptBy(cache, ["aaaa", "bbbb", "cc", "ddddd"])).toEqual(["cc", "ddddd"]);
  expect(cache.get("x".repeat(11), () => "large")).toBe("large");
  expect(cache.size).toBe(0);
  cache.get("aaaa", () => "a");
  expect(cache.size).toBe(1);
});

test("a failure is thrown and not kept", () => {
  const cache = new CompileCache<string>();
  const fail = () => {
    throw new SyntaxError("no");
  };
  expect(() => cache.get("a", fail)).toThrow("no");
  expect(cache.get("a", () => "yes")).toBe("yes");
});
