import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonDigest, Sha256, sha256 } from "../../runtime/sha256.ts";

// FIPS 180-4 examples, as published in NIST's "SHA256.pdf"
test.each([
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
])("the digest of %j is the published one", (text, digest) => {
  expect(sha256(text)).toBe(digest);
});

test("digests equal those of Node's own implementation, whole or in pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      const expected = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
      expect(sha256(Buffer.concat(pieces))).toBe(expected);
      expect(pieces.reduce((hash, piece) => hash.update(piece), new Sha256()).digest()).toBe(
        expected,
      );
    }),
  );
});

test("the digest of a text is that of its UTF-8, whatever its length and letters", () => {
  const ascii = fc.string({ unit: "binary-ascii", maxLength: 1200, size: "max" });
  const text = fc.oneof(ascii, fc.string({ unit: "binary", maxLength: 600, size: "max" }));
  fc.assert(
    fc.property(text, (each) => {
      expect(sha256(each)).toBe(createHash("sha256").update(each).digest("hex"));
    }),
  );
  for (const length of [1023, 1024, 1025])
    for (const last of ["a", "\x7f", "\x80", "é", "\u{1f40d}"]) {
      const each = "x".repeat(length - 1) + last;
      expect(sha256(each)).toBe(createHash("sha256").update(each).digest("hex"));
    }
});

test("the digest of a JSON value does not depend on the order of members", () => {
  expect(jsonDigest({ a: 1, b: [2] })).toBe(jsonDigest({ b: [2], a: 1 }));
  expect(jsonDigest({ a: 1 })).not.toBe(jsonDigest({ a: 2 }));
});
