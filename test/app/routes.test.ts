import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addressOf, isShared, routeFrom, type Route } from "../../app/shell/routes.ts";

const part = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("/"));
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

test("every place has an address that leads back to it", () => {
  const onServer = fc.oneof(
    fc.record({ at: fc.constant("workbook" as const), path }),
    fc.record({ at: fc.constant("publication" as const), digest: part }),
  );
  fc.assert(
    fc.property(onServer, (route) => {
      expect(routeFrom(addressOf(route))).toEqual(route);
    }),
  );
  const anywhere: fc.Arbitrary<Route> = fc.oneof(
    fc.record({ at: fc.constant("copy" as const), id: part }),
    fc.record({ at: fc.constant("link" as const), fragment: fc.stringMatching(/^#w=[\w.-]*$/) }),
  );
  fc.assert(
    fc.property(anywhere, fc.constantFrom("/", "/w/a.html", "/folder/"), (route, pathname) => {
      for (const isSite of [true, false])
        expect(routeFrom(pathname + addressOf(route), isSite)).toEqual(route);
    }),
  );
  fc.assert(
    fc.property(path, (name) => {
      const route = { at: "site-workbook", path: name } as const;
      expect(routeFrom(`/folder/index.html${addressOf(route)}`, true)).toEqual(route);
    }),
  );
});

test("what names no place is home, and on a static site its start page", () => {
  for (const address of ["/", "/w/", "/elsewhere", "/w/%", "/s/", "/s/%", "/#open=a.html", "/#x"])
    expect(routeFrom(address)).toEqual({ at: "home" });
  for (const address of ["/", "/w/a.html", "/s/abc", "/folder/#open=%", "/#x", "/#"])
    expect(routeFrom(address, true)).toEqual({ at: "site" });
});

test("a link that was cut within its digest is still the place of a publication", () => {
  expect(routeFrom("/s/3f2a/")).toEqual({ at: "publication", digest: "3f2a" });
});

test("only the workspace itself wants a token", () => {
  expect(isShared(routeFrom("/"))).toBe(false);
  expect(isShared(routeFrom("/w/a.html"))).toBe(false);
  expect(isShared(routeFrom("/w/a.html#w=1.2.ab"))).toBe(true);
  expect(isShared(routeFrom("/s/3f2a"))).toBe(true);
  expect(isShared(routeFrom("/", true))).toBe(true);
});
