// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { PublishedLinks } from "../../app/shell/published-links.ts";
import type { PublicationLine } from "../../cells/share/publishing.ts";
import { sha256 } from "../../runtime/sha256.ts";

const [first, second, other] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
];

function line(digest: string, rest: Partial<PublicationLine> = {}): PublicationLine {
  return {
    digest,
    title: "Late flights",
    path: "late.html",
    workbook: sha256("<notebook>"),
    by: "Jane Roe",
    at: "2026-11-21T11:41:05.000Z",
    bytes: 214_000,
    withData: true,
    ...rest,
  };
}

/** A list of a server that has these lines. */
function listOf(lines: readonly PublicationLine[], path?: string, text = "<notebook>") {
  let left = lines;
  const takeBack = vi.fn(async (digest: string) => {
    left = left.filter((each) => each.digest !== digest);
  });
  const api = { publications: async () => left, takeBack };
  const links = new PublishedLinks({
    api,
    title: "Published",
    level: "h2",
    ...(path !== undefined && { workbook: { path, text: async () => text } }),
  });
  const items = (): string[] =>
    [...links.element.querySelectorAll("li")].map(({ textContent }) => textContent);
  const press = (label: string, at = 0): void => {
    const buttons = [...links.element.querySelectorAll("button")];
    buttons
      .filter(({ textContent }) => textContent === label)
      .at(at)
      ?.click();
  };
  return { links, api, takeBack, items, press };
}

test("nothing public is nothing to see", async () => {
  const { links } = listOf([line(other, { path: "other.html" })], "late.html");
  await links.load();
  expect(links.element.hidden).toBe(true);
});

test("a link says who published what, when, and whether with data", async () => {
  const all = [
    line(first),
    line(second, { by: null, withData: false }),
    line(other, { title: "" }),
  ];
  const { links, items } = listOf(all);
  await links.load();
  expect(links.element.hidden).toBe(false);
  expect(items()[0]).toMatch(
    /^Late flightslate\.html · .*2026.* · by Jane Roe · 214 kB · with data/,
  );
  expect(items()[1]).toMatch(/2026[^·]* · 214 kB · without data/);
  expect(items()[2]).toMatch(/^late\.html/);
  expect(links.element.querySelector("a")?.href).toBe(`${location.origin}/s/${first}`);
});

test("a link of an earlier text says that edits since make a new one", async () => {
  const all = [line(first), line(second, { workbook: sha256("<notebook>edited") })];
  const { links, items } = listOf(all, "late.html", "<notebook>edited");
  await links.load();
  expect(items().map((text) => text.includes("has changed since"))).toEqual([true, false]);
});

test("taking back asks once, and only then the link goes", async () => {
  const { links, takeBack, items, press } = listOf([line(first), line(second)], "late.html");
  await links.load();
  press("Take back", 1);
  expect(items()[1]).toContain("finds it gone, for good");
  expect(items()[1]).toContain("by Jane Roe");
  press("Keep it");
  expect(items()[1]).not.toContain("for good");
  expect(takeBack).not.toHaveBeenCalled();
  press("Take back", 1);
  press("Take it back");
  await vi.waitFor(() => expect(items()).toHaveLength(1));
  expect(takeBack.mock.calls).toEqual([[second]]);
});

test("a server that is gone is said at the link, which stays", async () => {
  const { links, api, items, press } = listOf([line(first)], "late.html");
  await links.load();
  api.takeBack.mockRejectedValueOnce(new ApiError("The server does not answer", "server-gone", 0));
  press("Take back");
  press("Take it back");
  await vi.waitFor(() => expect(items()[0]).toContain("The server does not answer"));
  expect(items()[0]).toContain("Take back");
  expect(links.element.querySelector("[role=alert]")).not.toBeNull();
});
