import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addressOf, routeFrom } from "../../app/shell/routes.ts";

test("every path has an address that leads back to it", () => {
  const part = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("/"));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const route = { at: "workbook", path: parts.join("/") } as const;
      expect(routeFrom(addressOf(route))).toEqual(route);
    }),
  );
});

test("what is no address of a workbook is home", () => {
  for (const pathname of ["/", "/w/", "/elsewhere", "/w/%"])
    expect(routeFrom(pathname)).toEqual({ at: "home" });
});
