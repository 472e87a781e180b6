import { expect, test } from "vitest";
import { maySecretsLeave, type SecretsConsent } from "../../../server/site/secrets-consent.ts";

/** Somebody who gives an answer, or nobody, and what they are told. */
function consent(answer?: string, isGiven = false): SecretsConsent & { told: string[] } {
  const told: string[] = [];
  const ask = (question: string): Promise<string> => {
    told.push(question);
    return Promise.resolve(answer ?? "");
  };
  return {
    isGiven,
    ask: answer === undefined ? undefined : ask,
    tell: (text) => told.push(text),
    told,
  };
}

test("where nothing was found, nobody is asked", async () => {
  const somebody = consent("n");
  expect(await maySecretsLeave(0, somebody)).toBe(true);
  expect(somebody.told).toEqual([]);
});

test.each([
  ["y", true],
  [" YES ", true],
  ["", false],
  ["n", false],
  ["yeah no", false],
])("at a terminal the answer %o decides", async (answer, expected) => {
  const somebody = consent(answer);
  expect(await maySecretsLeave(2, somebody)).toBe(expected);
  expect(somebody.told[0]).toContain("2 places in what would leave look like a key");
});

test("without a terminal nothing leaves unless the command line says so", async () => {
  const nobody = consent();
  expect(await maySecretsLeave(1, nobody)).toBe(false);
  expect(nobody.told[0]).toMatch(/1 place .* looks .*--no-data.*--allow-secrets/);
  expect(await maySecretsLeave(1, consent(undefined, true))).toBe(true);
});
