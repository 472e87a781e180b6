import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, CanonicalJsonError } from "../../runtime/canonical-json.ts";

test("the example of RFC 8785 section 3.2.2 gives the text of section 3.2.3", () => {
  const value: unknown = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("members are sorted by UTF-16 code units, as RFC 8785 section 3.2.3 lists them", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toHaveLength(7);
  expect(canonicalJson(value).match(/:"[A-Z][a-z]+/g)).toEqual([
    ':"Carriage',
    ':"One',
    ':"Control',
    ':"Latin',
    ':"Euro',
    ':"Emoji',
    ':"Hebrew',
  ]);
});

test("canonical text parses back to an equal value, and the order of members does not count", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
});

test.each([
  [{ a: [1, Number.NaN] }, "$.a[1]"],
  [{ a: { b: () => 1 } }, "$.a.b"],
  [[1n], "$[0]"],
  [{ a: new Map() }, "$.a"],
  ["\ud800", "$"],
  [[undefined], "$[0]"],
])("a value that JSON cannot carry is refused with its path", (value, path) => {
  expect(() => canonicalJson(value)).toThrow(CanonicalJsonError);
  expect(() => canonicalJson(value)).toThrow(path);
});

test("a cycle is refused, a value that stands twice is not", () => {
  const twice = { one: 1 };
  expect(canonicalJson([twice, twice])).toBe('[{"one":1},{"one":1}]');
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  expect(() => canonicalJson(cycle)).toThrow("$.self is a cycle");
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  // fromEntries would lose a member named __proto__, which jsonValue generates
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, member]) => [
          key,
          { value: reversed(member), enumerable: true, writable: true, configurable: true },
        ]),
    ),
  );
}
