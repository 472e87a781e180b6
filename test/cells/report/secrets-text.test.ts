import { expect, test } from "vitest";
import { secretKinds, secretsText } from "../../../cells/report/secrets-text.ts";

const finding = (kind: string, excerpt: string): Parameters<typeof secretsText>[0][number] => ({
  kind,
  excerpt,
});

test("findings are counted by kind, and what stands twice is one", () => {
  const found = [
    finding("e-mail address", "a…@b.c"),
    finding("GitHub token", "ghp_…1"),
    finding("e-mail address", "d…@b.c"),
    finding("e-mail address", "a…@b.c"),
  ];
  expect(secretsText(found)).toBe("2 e-mail addresses, 1 GitHub token");
  expect(secretKinds(found)[0]).toEqual({ kind: "e-mail address", excerpts: ["a…@b.c", "d…@b.c"] });
});

test("nothing found is nothing said", () => {
  expect(secretsText([])).toBe("");
});
