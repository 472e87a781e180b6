// @vitest-environment jsdom
import { expect, test } from "vitest";
import { inspect } from "../../cells/inspect.ts";

function open(node: HTMLElement): readonly HTMLElement[] {
  node.querySelector("button")?.click();
  const list = node.querySelector(":scope > .inspect-members");
  return Array.from(list?.children ?? []).filter((child) => child instanceof HTMLElement);
}

test("primitives read as JavaScript writes them", () => {
  const values = ["a\n", -0, 10n, true, null, undefined, Symbol("s"), new Date(0), /x/g];
  expect(values.map((value) => inspect(value).textContent)).toEqual([
    '"a\\n"',
    "-0",
    "10n",
    "true",
    "null",
    "undefined",
    "Symbol(s)",
    "1970-01-01T00:00:00.000Z",
    "/x/g",
  ]);
});

test("a value that contains itself opens one level at a time, for ever", () => {
  const value: Record<string, unknown> = { name: "loop" };
  value["self"] = value;
  let node = inspect(value);
  for (let depth = 0; depth < 5; ++depth) {
    const self = open(node).find((child) => child.textContent.startsWith("self"));
    if (self === undefined) throw new Error("the member is not shown");
    node = self;
  }
  expect(node.textContent).toContain("loop");
});

test("no getter is called, not even when the object is opened", () => {
  let calls = 0;
  const value = {
    get costly() {
      return ++calls;
    },
  };
  const members = open(inspect(value));
  expect(members[0]?.textContent).toBe("costly: (…)");
  expect(calls).toBe(0);
});

test("a long array opens in groups, so that a million entries make a hundred lines", () => {
  const node = inspect(Array.from({ length: 1_000_000 }, (_, index) => index));
  const groups = open(node);
  expect(groups).toHaveLength(100);
  expect(groups[1]?.textContent).toBe("[10000 … 19999]");
  const inner = open(groups[1] ?? node);
  expect(inner).toHaveLength(100);
  const leaves = open(inner[99] ?? node);
  expect(leaves.at(-1)?.textContent).toBe("19999: 19999");
});

test("an object that throws when it is looked at is still shown", () => {
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("no");
      },
    },
  );
  expect(inspect({ proxy }).textContent).toContain("proxy");
});

test("an error shows its message and where it came from", () => {
  const members = open(inspect(new TypeError("too short")));
  expect(members[0]?.textContent).toBe('message: "too short"');
});
