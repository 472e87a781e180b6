import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { holdsIban, holdsLuhn } from "../../../cells/report/check-digits.ts";
import { findSecrets } from "../../../cells/report/secrets.ts";
import { sha256 } from "../../../runtime/sha256.ts";

const letters = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6kL9n";

/** Made up or published as examples; put together here, so that no scanner takes this file for one. */
const secrets: readonly (readonly [kind: string, text: string])[] = [
  ["AWS access key", `AKIA${"IOSFODNN7EXAMPLE"}`],
  ["AWS secret key", `aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY${"EXAMPLEKEY"}`],
  ["GitHub token", `ghp_${letters.slice(0, 36)}`],
  ["GitHub token", `github_pat_${letters}${letters}`],
  ["GitLab token", `glpat-${letters.slice(0, 20)}`],
  ["Hugging Face token", `hf_${letters.slice(0, 34)}`],
  ["npm token", `npm_${letters.slice(0, 36)}`],
  ["Google API key", `AIza${letters.slice(0, 35)}`],
  ["Stripe key", `sk_live_${letters.slice(0, 24)}`],
  ["Slack token", `xoxb-${"123456789012"}-${letters.slice(0, 24)}`],
  ["Slack webhook", `https://hooks.slack.com/services/${"T00000000/B00000000/"}${"X".repeat(24)}`],
  ["API key", `sk-${letters}`],
  ["API key", `sk-proj-${letters}${letters}`],
  ["API key", `sk-ant-api03-${letters}`],
  ["JSON web token", `eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIxMjM0NTY3ODkwIn0"}.${letters}`],
  ["private key", `-----BEGIN ${"RSA PRIVATE"} KEY-----`],
  ["private key", `-----BEGIN ${"PRIVATE"} KEY-----`],
  ["private key", `-----BEGIN ${"PGP PRIVATE"} KEY BLOCK-----`],
  ["password in an address", `postgres://${"admin:hunter2hunter2"}@db.corp.net:5432/x`],
  ["password", `password = "${"correcthorse"}"`],
  ["password", `{"db_password":"${"s3cret-one"}"}`],
  ["password", `PASSWORD=${"hunter2hunter2"}`],
  ["password", `apiKey: &quot;${"abcdef123"}&quot;`],
  ["e-mail address", "ada.lovelace+maths@analytical-engine.co.uk"],
  ["phone number", "+49 30 901820"],
  ["phone number", "+1 (415) 555-2671"],
  ["phone number", "+442071838750"],
  ["phone number", "415-555-2671"],
  ["phone number", "(415) 555-2671"],
  ["phone number", "Tel.: 030 / 901820"],
  ["card number", "4111 1111 1111 1111"],
  ["card number", "5555555555554444"],
  ["card number", "3782 822463 10005"],
  // examples of the registry
  ["IBAN", "DE89 3704 0044 0532 0130 00"],
  ["IBAN", "GB29NWBK60161331926819"],
  ["IBAN", "NO9386011117947"],
  ["IBAN", "MT84MALT011000012345MTLCAST001S"],
];

test.each(secrets)("a %s is found: %s", (kind, text) => {
  for (const around of [text, `x = 1;\n${text}\n`, `<td>${text}</td>`, `"${text}",`]) {
    const found = findSecrets(around);
    expect(found.map((finding) => finding.kind)).toEqual([kind]);
    expect(around.slice(found[0]?.offset).length).toBeLessThanOrEqual(around.length);
  }
});

test.each(secrets.filter(([kind]) => kind !== "private key" && kind !== "e-mail address"))(
  "of a %s the excerpt shows no more than half",
  (_, text) => {
    const [finding] = findSecrets(text);
    const shown = (finding?.excerpt ?? text).replace("…", "");
    expect(shown.length).toBeLessThan(Math.max(text.length / 2, 7));
    expect(finding?.excerpt).toContain("…");
    expect(text.startsWith(shown.slice(0, 1), finding?.offset)).toBe(true);
  },
);

test.each([
  ["a digest", sha256("x")],
  ["a digest of digits", "4111111111111111".padEnd(64, "a")],
  ["a float", "0.4111111111111111, 41.11111111111111e+10, 4111111111111111.5"],
  ["a card number with a wrong check digit", "4111 1111 1111 1112"],
  ["an IBAN with a wrong check digit", "DE88 3704 0044 0532 0130 00"],
  ["a date and a time", "2026-11-21T11:41:05.000Z 2001-01-02 03:04"],
  ["a time in milliseconds", "1732189265000"],
  ["a path of SVG", "M10.5,20.25L415.5,555.2C-12.5-14-415-555Z m+12.5 +13.75"],
  ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
  ["a version of a package", "npm:@observablehq/plot@0.6.17 d3@7.9.2 logo@2x.png"],
  ["an address for documentation", "someone@example.com git@github.com:a/b.git"],
  [
    "a field's name",
    `input.type = "password"; password: string; password = read(); secret: process.env.X`,
  ],
  ["a placeholder", `password = "********"; apiKey: "<your key>" password="your-password"`],
  ["code", "sk-learn-pipeline-with-a-very-long-name task-force-one-two-three-four"],
  ["a sum", "a +12345678; b + 12345678 - 90; 1e+12345678"],
  ["JSON of numbers", JSON.stringify(Array.from({ length: 100 }, (_, i) => i * 123456.789))],
])("%s is no secret", (_, text) => {
  expect(findSecrets(text)).toEqual([]);
});

test.each(["flights", "penguins"])("the example workbook %s has no secrets", (name) => {
  expect(findSecrets(readFileSync(`workbooks/${name}.html`, "utf8"))).toEqual([]);
});

test("a table of made-up numbers gives no alarm", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.double({ noNaN: true }).map(String),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
          fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }),
        ),
        { minLength: 5 },
      ),
      (values) => {
        expect(findSecrets(values.join(","))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test("findings come in their order, and none inside another", () => {
  const text = `4111111111111111 a@b.de AKIA${"IOSFODNN7EXAMPLE"} a@b.de`;
  const found = findSecrets(text);
  expect(found.map(({ kind }) => kind)).toEqual([
    "card number",
    "e-mail address",
    "AWS access key",
    "e-mail address",
  ]);
  expect(found.map(({ offset }) => offset)).toEqual([0, 17, 24, 45]);
});

test.each([
  "eyJ",
  "eyJa.",
  "password=",
  "+1 ",
  "4111 ",
  "a@",
  "a.",
  "AKIA",
  "x:",
  "-",
  "DE12 ",
  "0",
  "a",
  " ",
  "https://a:",
  "tel ",
])("a megabyte of %j takes less than a second", (piece) => {
  const text = piece.repeat(1e6 / piece.length);
  const start = performance.now();
  findSecrets(text);
  expect(performance.now() - start).toBeLessThan(1000);
});

test("check digits hold for published numbers, and for no neighbour", () => {
  expect(holdsLuhn("4111111111111111")).toBe(true);
  expect(holdsIban("FR14 2004 1010 0505 0001 3M02 606")).toBe(true);
  for (let digit = 0; digit < 9; digit++) {
    expect(holdsLuhn(`411111111111111${digit}`)).toBe(digit === 1);
    expect(holdsIban(`DE8937040044053201300${digit}`)).toBe(digit === 0);
  }
});
