// @vitest-environment jsdom
import { Blob as NodeBlob } from "node:buffer";
import { expect, test, vi } from "vitest";
import { isLoopback } from "../../app/shell/link-reach.ts";
import { sourceSection } from "../../app/shell/share-source.ts";
import { readSourceLink } from "../../cells/share/source-link.ts";

// jsdom's has no stream
vi.stubGlobal("Blob", NodeBlob);

const base = "http://books.example/";

function section(text: () => Promise<string>): HTMLElement {
  return sourceSection({ path: "studies/late.html", text, base });
}

function address(root: HTMLElement): string | undefined {
  return root.querySelector("input")?.value;
}

test("the link holds the workbook as it is now", async () => {
  const root = section(async () => "<notebook>é</notebook>");
  await vi.waitFor(() => expect(address(root)).toBeDefined());
  const link = new URL(address(root) ?? "");
  expect(link.origin + link.pathname).toBe(base);
  expect(await readSourceLink(link.hash)).toEqual({
    text: "<notebook>é</notebook>",
    name: "late.html",
  });
});

test("a source with secrets gives no link until the person has seen them and agrees", async () => {
  const token = `ghp_${"aB3".repeat(12)}`;
  const root = section(async () => `const key = "${token}"; // jane@university.edu`);
  await vi.waitFor(() => expect(root.textContent).toContain("1 GitHub token, 1 e-mail address"));
  expect(root.textContent).toContain("ghp_…B3");
  expect(root.textContent).not.toContain(token);
  expect(address(root)).toBeUndefined();
  root.querySelector("button")?.click();
  expect(address(root)).toContain("#w=1.");
});

test("a workbook that is too large for a link says so, and what to do", async () => {
  const text = Array.from({ length: 9000 }, (_, i) => Math.sin(i).toString(36)).join("");
  const root = section(async () => text);
  await vi.waitFor(() => expect(root.querySelector("[role=alert]")).not.toBeNull());
  expect(root.textContent).toMatch(/would have \d+,\d{3} characters, and 32,000 are allowed/);
  expect(root.textContent).toContain("Publish the workbook on a server instead");
  expect(address(root)).toBeUndefined();
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.8.0.1", true],
  ["[::1]", true],
  ["tierbook.localhost", true],
  ["10.0.0.4", false],
  ["localhost.example", false],
  ["127.0.0.1.example", false],
])("that %s is this machine alone is %s", (host, answer) => {
  expect(isLoopback(host)).toBe(answer);
});
