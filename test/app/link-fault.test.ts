import { expect, test } from "vitest";
import { checkDigest, linkFault } from "../../app/shell/link-fault.ts";
import { StorageFullError } from "../../app/shell/guest/browser-copies.ts";
import { PublicationError } from "../../cells/share/publication.ts";
import { SourceLinkError } from "../../cells/share/source-link.ts";
import { NotebookError } from "../../runtime/notebook.ts";

test("every fault of a link has its own title, what is wrong, and what to do", () => {
  const codes = ["changed", "malformed", "missing", "gone", "too-large", "unreachable", "cut"];
  const sources = ["cut", "damaged", "newer", "too-large"] as const;
  const faults = [
    ...codes.map((code) => linkFault(new PublicationError("it is so", code))),
    ...sources.map((code) => linkFault(new SourceLinkError("it is so", code, "do this"))),
    linkFault(new NotebookError()),
    linkFault(new StorageFullError()),
  ];
  for (const { text, todo } of faults)
    for (const sentence of [text, todo]) expect(sentence).toMatch(/^[A-Z].*[^.]\.$/);
  expect(linkFault(new SourceLinkError("it is so", "cut", "do this")).todo).toBe("Do this.");
  // a link of either kind that was cut is the same to whoever holds it
  expect(new Set(faults.map(({ title }) => title)).size).toBe(faults.length - 1);
});

test("only what may go well another time can be tried again", () => {
  const canRetry = (code: string) => linkFault(new PublicationError("it is so", code)).canRetry;
  expect(["changed", "gone", "missing", "unreachable"].filter(canRetry)).toEqual(["unreachable"]);
  expect(linkFault(new TypeError("who knows")).canRetry).toBe(true);
});

test("a digest that was cut is told from what is none", () => {
  expect(() => checkDigest("a".repeat(64))).not.toThrow();
  expect(() => checkDigest("a".repeat(60))).toThrow("60 of its 64 characters came");
  for (const digest of ["x".repeat(64), "a".repeat(65), "hello"])
    expect(() => checkDigest(digest)).toThrow("not the address of anything published");
});
