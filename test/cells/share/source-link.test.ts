import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { base64urlFromBytes, bytesFromBase64url } from "../../../cells/share/base64url.ts";
import {
  maxFragmentLength,
  readSourceLink,
  sourceLink,
  SourceLinkError,
} from "../../../cells/share/source-link.ts";
import { anyNotebookText } from "../../runtime/random-notebook.ts";

const examples = ["flights.html", "penguins.html"].map((name) => ({
  name,
  text: readFileSync(new URL(`../../../workbooks/${name}`, import.meta.url), "utf8"),
}));

/** What a link holds, as another hand would pack it. */
function packed(content: string | Uint8Array): string {
  const payload = deflateSync(content).toString("base64url");
  return `#w=1.${payload.length}.${payload}`;
}

/** How reading a link ends: the text, or the error's code. */
async function outcome(fragment: string): Promise<string | { readonly text: string | undefined }> {
  try {
    return { text: (await readSourceLink(fragment))?.text };
  } catch (error) {
    if (error instanceof SourceLinkError) return error.code;
    throw error;
  }
}

test.each(examples)("$name comes out of its link as it went in", async (example) => {
  const fragment = await sourceLink(example);
  expect(fragment).toMatch(/^#w=[\w.-]+$/);
  expect(fragment.length).toBeLessThan(example.text.length * 0.6);
  expect(await readSourceLink(fragment)).toEqual(example);
});

test("1,000 generated workbooks come out of their links byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(anyNotebookText, async (any) => {
      // what a file can hold: the workbook as it is on disk
      const text = Buffer.from(any).toString();
      expect(await readSourceLink(await sourceLink({ text, name: "any.html" }))).toEqual({
        text,
        name: "any.html",
      });
    }),
    { numRuns: 1000 },
  );
});

test.each(["", "\uFEFFa", "a\r\nb\rc\n", "\0", "é😀\u2028", "\n\n", "x\n"])(
  "the text %j is kept as it is",
  async (text) => {
    expect((await readSourceLink(await sourceLink({ text, name: "a" })))?.text).toBe(text);
  },
);

test("what no file can hold becomes what a file would hold", async () => {
  const link = await sourceLink({ text: "a\uD800b", name: "a" });
  expect((await readSourceLink(link))?.text).toBe("a\uFFFDb");
});

test("a name is made a file's name on both ways", async () => {
  const link = await sourceLink({ text: "x", name: "../../.ssh/id\nrsa" });
  expect(await readSourceLink(link)).toEqual({ text: "x", name: "idrsa.html" });
  expect(await readSourceLink(packed("../../etc/.pass\u202Ewd\nx"))).toEqual({
    text: "x",
    name: "passwd.html",
  });
});

test("fragments of other kinds are none", async () => {
  for (const other of ["", "#", "#w", "#cell-3", "#token=abc", "w=1.2.ab", "#W=1.2.ab"])
    expect(await readSourceLink(other)).toBe(undefined);
});

test("a link that was cut anywhere is incomplete, and says how much came", async () => {
  for (const example of [{ text: "<notebook>", name: "a.html" }, ...examples]) {
    const fragment = await sourceLink(example);
    for (let end = "#w=".length; end < fragment.length; ++end)
      expect(await outcome(fragment.slice(0, end))).toBe("cut");
  }
  const fragment = await sourceLink({ text: "0123456789", name: "a.html" });
  await expect(readSourceLink(fragment.slice(0, -3))).rejects.toThrow(/31 of its 34 characters/);
});

test("what follows a link in a sentence is no part of it", async () => {
  const fragment = await sourceLink({ text: "x", name: "a.html" });
  for (const after of [".", ")", ">", "…", " and more", "A", "AA", "AAA", "AAAA"])
    expect(await outcome(fragment + after)).toEqual({ text: "x" });
});

test("a link that was changed anywhere gives no other text", async () => {
  const example = { text: "const a = 1;\n".repeat(3) + "let b = 'é';", name: "a.html" };
  const fragment = await sourceLink(example);
  const codes = new Set<unknown>();
  for (let at = "#w=".length; at < fragment.length; ++at)
    for (let bit = 0; bit < 7; ++bit) {
      const other = String.fromCharCode(fragment.charCodeAt(at) ^ (1 << bit));
      const result = await outcome(fragment.slice(0, at) + other + fragment.slice(at + 1));
      if (typeof result === "string") codes.add(result);
      // bits that base64 does not use, at the end
      else expect(result.text).toBe(example.text);
    }
  expect([...codes].sort()).toEqual(["cut", "damaged", "newer"]);
});

test("links that nobody made are damaged, or incomplete", async () => {
  expect(await outcome("#w=1.4.AAAA")).toBe("damaged");
  expect(await outcome("#w=1.0.")).toBe("damaged");
  expect(await outcome("#w=1.5.AAAAA")).toBe("damaged");
  expect(await outcome("#w=1.8.AA%20AA")).toBe("cut");
  expect(await outcome("#w=one")).toBe("damaged");
  expect(await outcome("#w=1x")).toBe("damaged");
  expect(await outcome("#w=1.99999999999.AA")).toBe("damaged");
  expect(await outcome(packed("no line feed"))).toBe("damaged");
  expect(await outcome(packed("n".repeat(5000) + "\nx"))).toBe("damaged");
  expect(await outcome(packed(Uint8Array.of(97, 10, 0xff, 0xfe)))).toBe("damaged");
  expect(await outcome("#w=2.4.AAAA")).toBe("newer");
});

test("arbitrary fragments never give anything but an error", async () => {
  const tail = fc.oneof(fc.string({ unit: "binary" }), fc.base64String());
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("#w=", "#w=1.", "#w=1.8.", "#w=1.40."), tail, async (a, b) => {
      expect(["cut", "damaged", "newer"]).toContain(await outcome(a + b));
    }),
    { numRuns: 1000 },
  );
});

test("a small link that unfolds to gigabytes is stopped on its way", async () => {
  const bomb = deflateSync(Buffer.concat([Buffer.from("a\n"), Buffer.alloc(64 << 20, "x")]));
  // whoever reads to its end finds that it has none
  const payload = bomb.subarray(0, -12).toString("base64url");
  expect(await outcome(`#w=1.${payload.length}.${payload}`)).toBe("too-large");
});

test("a workbook that is too large says by how much, and what to do", async () => {
  const text = Array.from({ length: 9000 }, (_, i) => Math.sin(i).toString(36)).join("");
  const error: unknown = await sourceLink({ text, name: "a" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "too-large",
    message: expect.stringMatching(/would have \d+,\d{3} characters, and 32,000 are allowed/),
    hint: expect.stringMatching(/[Pp]ublish.*send its file/),
  });
});

test("the longest link still fits", async () => {
  const words = Array.from({ length: 4000 }, (_, i) => Math.sin(i).toString(36).slice(2));
  let kept = 0;
  for (let step = 2048; step >= 1; step >>= 1) {
    const text = words.slice(0, kept + step).join("");
    const made = await sourceLink({ text, name: "a" }).catch(() => undefined);
    if (made !== undefined) kept += step;
  }
  const text = words.slice(0, kept).join("");
  const fragment = await sourceLink({ text, name: "a" });
  expect(fragment.length).toBeGreaterThan(maxFragmentLength - 40);
  expect((await readSourceLink(fragment))?.text).toBe(text);
});

test("base64 for addresses is what Node makes of it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = base64urlFromBytes(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(bytesFromBase64url(text)).toEqual(new Uint8Array(bytes));
    }),
  );
  expect(bytesFromBase64url("ab+c")).toBe(undefined);
});
