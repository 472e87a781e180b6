import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cell, CellMode } from "../../runtime/cell.ts";
import { cellFingerprint, type FingerprintParts } from "../../runtime/cell-fingerprint.ts";
import { cell, modeCell, open } from "./open-workbook.ts";
import { files, type FakeFiles } from "./fake-files.ts";

/** A workbook whose every part can be changed by itself. */
interface World {
  readonly code: string;
  readonly feature: number;
  readonly files: FakeFiles;
  readonly builtinsVersion: string;
  readonly width: number;
}

const world: World = {
  code: "await FileAttachment('a.csv').text() + features.length + width",
  feature: 1,
  files: { "a.csv": "one", "b.csv": "one" },
  builtinsVersion: "1",
  width: 640,
};

/** The fingerprint of cell 3, which reads a JSON value, a file and a builtin's value. */
async function fingerprintOf(of: World, last: Partial<Cell> = {}): Promise<string> {
  const cells = [cell(1, `const features = [${of.feature}]`), cell(3, of.code, last)];
  const { workbook } = open(cells, {
    ...files(of.files, { width: () => of.width }),
    builtinsVersion: of.builtinsVersion,
  });
  await workbook.settled();
  const { fingerprint = "", error } = workbook.status(3) ?? {};
  workbook.dispose();
  if (error !== undefined) throw new Error(error.message);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  return fingerprint;
}

describe("the fingerprint of a cell", () => {
  test("is the same for programs that differ in comments and formatting alone", async () => {
    await fc.assert(
      fc.asyncProperty(program, gaps, gaps, async (tokens, one, two) => {
        const print = (spaces: readonly string[]): string =>
          tokens.map((token, i) => token + (spaces[i % spaces.length] ?? " ")).join("");
        const base = { ...world, files: {} };
        expect(await fingerprintOf({ ...base, code: print(one) })).toBe(
          await fingerprintOf({ ...base, code: print(two) }),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("is the same only for programs of the same tokens", async () => {
    await fc.assert(
      fc.asyncProperty(program, program, async (one, two) => {
        const base = { ...world, files: {} };
        const [a, b] = await Promise.all(
          [one, two].map((tokens) => fingerprintOf({ ...base, code: tokens.join(" ") })),
        );
        expect(a === b).toBe(one.join(" ") === two.join(" "));
      }),
      { numRuns: 40 },
    );
  });

  test("changes with a literal, an input, a file's bytes, a builtin's value and version", async () => {
    const changed: readonly World[] = [
      { ...world, code: world.code.replace("length", "length + 1") },
      { ...world, feature: 2 },
      { ...world, files: { ...world.files, "a.csv": "two" } },
      { ...world, builtinsVersion: "2" },
      { ...world, width: 320 },
    ];
    const fingerprints = await Promise.all([world, ...changed].map((of) => fingerprintOf(of)));
    expect(new Set(fingerprints).size).toBe(1 + changed.length);
    expect(await fingerprintOf(world)).toBe(fingerprints[0]);
  });

  test("counts the files that were read, by their paths, and no others", async () => {
    const other = { ...world, files: { ...world.files, "b.csv": "two" } };
    expect(await fingerprintOf(other)).toBe(await fingerprintOf(world));
    const moved = { ...world, code: world.code.replace("a.csv", "b.csv") };
    expect(await fingerprintOf(moved)).not.toBe(await fingerprintOf(world));
  });

  test("counts a file however it is read: in another cell, under another name, late, by SQL", async () => {
    const read = async (text: string): Promise<readonly unknown[]> => {
      const cells = [
        cell(1, "const attach = FileAttachment, path = 'a.csv'"),
        cell(2, "const attachment = FileAttachment('a.csv')"),
        cell(3, "const renamed = await attach(path).text()"),
        cell(4, "const handed = (await attachment.text()).length"),
        cell(5, "const late = (async () => FileAttachment('a.csv').text())()"),
        modeCell(6, "sql", "select * from 'a.csv'", { output: "rows" }),
        cell(7, "const alone = handed"),
      ];
      const { workbook } = open(cells, files({ "a.csv": text }));
      await workbook.settled();
      expect(workbook.statuses().map(({ error }) => error)).toEqual(cells.map(() => undefined));
      const found = cells.map(({ id }) => workbook.status(id)?.fingerprint);
      workbook.dispose();
      return found;
    };
    const [one, two, again] = await Promise.all([read("one"), read("two"), read("one")]);
    expect(again).toEqual(one);
    const differs = one.map((fingerprint, i) => fingerprint !== two[i]);
    // cell 7 reads a value that is equal
    expect(differs).toEqual([true, true, true, true, true, true, false]);
  });

  test("does not count the builtins' version where the cell uses none", async () => {
    const plain = { ...world, code: "features.map(String)" };
    expect(await fingerprintOf({ ...plain, builtinsVersion: "2" })).toBe(
      await fingerprintOf(plain),
    );
  });

  test.each(["md", "html", "sql"] as const)("counts the builtin behind a %s cell", async (mode) => {
    const of = async (version: string): Promise<string | undefined> => {
      const tag = (): string => "";
      const { workbook } = open([modeCell(1, mode, "select 1")], {
        ...files({}, { md: () => tag, html: () => tag }),
        builtinsVersion: version,
      });
      await workbook.settled();
      const fingerprint = workbook.status(1)?.fingerprint;
      workbook.dispose();
      return fingerprint;
    };
    expect(await of("1")).not.toBe(await of("2"));
  });

  test("of a cell that reads an element goes by the cell that made it, not by the session", async () => {
    const of = async (code: string): Promise<string | undefined> => {
      const { workbook } = open([cell(1, code), cell(2, "typeof made")]);
      await workbook.settled();
      const fingerprint = workbook.status(2)?.fingerprint;
      workbook.dispose();
      return fingerprint;
    };
    expect(await of("const made = new Map([[1, 2]])")).toBe(
      await of("const made = new Map([[1, 2]]) // the same"),
    );
    expect(await of("const made = new Map([[1, 2]])")).not.toBe(
      await of("const made = new Map([[1, 3]])"),
    );
  });

  test("of a cell that reads a generator's values without a digest is new with each of them", async () => {
    const step = "new Promise(resolve => setTimeout(resolve, 5))";
    const { workbook, statuses } = open([
      cell(
        1,
        `const map = (async function* () { yield new Map(); await ${step}; yield new Map(); })()`,
      ),
      cell(2, "map.size"),
    ]);
    const seen = new Set<string | undefined>();
    while (workbook.status(2)?.runs !== 2 || workbook.status(2)?.state !== "fresh") {
      if (workbook.status(2)?.state === "fresh") seen.add(workbook.status(2)?.fingerprint);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    seen.add(workbook.status(2)?.fingerprint);
    expect(seen.size).toBe(2);
    expect(statuses.length).toBeGreaterThan(0);
    workbook.dispose();
  });

  test("is equal for equal parts, and for no others", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(cellFingerprint(a) === cellFingerprint(b)).toBe(sortedJson(a) === sortedJson(b));
        expect(cellFingerprint(a)).toBe(cellFingerprint(structuredClone(a)));
      }),
    );
  });
});

/** Programs as tokens that may stand on lines of their own. */
const program = fc
  .array(
    fc.tuple(
      fc.constantFrom("1", "2", "'a'", "[3]", "features", "features.length"),
      fc.constantFrom("+", "-", "===", ","),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((pairs) => ["String", "(", ...pairs.flat().slice(0, -1), ")"]);

const gaps = fc.array(fc.constantFrom("", " ", "\n", "\t\n", "/* a */", "// b ' `\n"), {
  minLength: 1,
  maxLength: 9,
});

const few = fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2"), { maxKeys: 2 });
const parts: fc.Arbitrary<FingerprintParts> = fc.record(
  {
    mode: fc.constantFrom<CellMode>("js", "sql"),
    code: fc.constantFrom("c", "d"),
    inputs: few,
    files: few,
    builtins: fc.constantFrom("1", "2"),
    serial: fc.constantFrom(1, 2),
  },
  { requiredKeys: ["mode", "code", "inputs", "files"] },
);

function sortedJson({ mode, code, inputs, files: read, builtins, serial }: FingerprintParts) {
  const entries = (named: object): unknown => Object.entries(named).sort();
  return JSON.stringify([mode, code, entries(inputs), entries(read), builtins ?? 0, serial ?? 0]);
}
