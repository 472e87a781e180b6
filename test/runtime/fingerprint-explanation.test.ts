import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Explanation } from "../../runtime/fingerprint-explanation.ts";
import { liveKey, type Live } from "../../runtime/live.ts";
import { files, type FakeFiles } from "./fake-files.ts";
import { cell, cells, modeCell, open } from "./open-workbook.ts";

function said(explanation: Explanation | undefined): readonly string[] | undefined {
  return explanation?.changes.map(({ part, name = "" }) => `${part} ${name}`.trim());
}

describe("the explanation of a run", () => {
  test("names exactly the parts that changed", async () => {
    const asked = fc.subarray(["code", "features", "scale", "a.csv", "b.csv"]);
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 4 }), async (edits) => {
        const texts: FakeFiles = { "a.csv": "0", "b.csv": "0" };
        const version = { code: 0, features: 0, scale: 0 };
        const current = () => [
          cell(1, `const features = [${version.features}]`),
          cell(2, `const scale = ${version.scale}`),
          cell(
            3,
            `const read = [await FileAttachment('a.csv').text(), await FileAttachment('b.csv').text(),
              features, scale, ${version.code}]`,
          ),
        ];
        const { workbook } = open(current(), files(texts));
        await workbook.settled();
        expect(workbook.explain(3)).toBeUndefined();
        for (const [i, edit] of edits.entries()) {
          const before = workbook.status(3)?.fingerprint;
          for (const part of edit) {
            if (part in texts) texts[part] = String(i + 1);
            else version[part as keyof typeof version] = i + 1;
          }
          workbook.setCells(current());
          // nothing tells the graph that a file is another
          workbook.run(3);
          await workbook.settled();
          const expected = [
            ...edit.filter((part) => part === "code"),
            ...edit
              .filter((part) => part === "features" || part === "scale")
              .map((n) => `cell ${n}`),
            ...edit.filter((part) => part in texts).map((path) => `file ${path}`),
          ];
          expect(said(workbook.explain(3))).toEqual(expected);
          expect(workbook.status(3)?.fingerprint === before).toBe(edit.length === 0);
        }
        workbook.dispose();
      }),
      { numRuns: 30 },
    );
  });

  test("says it in a sentence, with the cell to go to", async () => {
    const texts = { "flights.csv": "1" };
    const sql = modeCell(2, "sql", "select ${ n } from 'flights.csv'", { output: "rows" });
    const { workbook } = open([cell(1, "const n = 1"), sql], files(texts));
    await workbook.settled();
    texts["flights.csv"] = "2";
    workbook.setCells([cell(1, "const n = 2"), sql]);
    await workbook.settled();
    expect(workbook.explain(2)).toEqual({
      kind: "ran",
      changes: [
        { part: "cell", name: "n", cell: 1, how: "changed" },
        { part: "file", name: "flights.csv", how: "changed" },
      ],
      text: "Ran again because `n` and the file `flights.csv` changed",
    });
    workbook.dispose();
  });

  test("says what a cell reads now and what it reads no longer", async () => {
    const { workbook } = open(cells("const a = 1, b = 2", "[a]"));
    await workbook.settled();
    workbook.setCells(cells("const a = 1, b = 2", "[b, Math.random() < 2]"));
    await workbook.settled();
    expect(workbook.explain(2)?.text).toBe(
      "Ran again because the code changed, it now reads `b`, it no longer reads `a` " +
        "and it reads the clock, randomness or the network",
    );
    workbook.dispose();
  });

  test("tells an input that a person sets from a value that a cell computes", async () => {
    const input = Object.assign(new EventTarget(), { value: 3 });
    const { workbook } = open(
      cells("const units = view(input)", "const twice = units * 2", "twice + units + width"),
      { builtins: { input: () => input, width: () => 640 } },
    );
    await workbook.settled();
    input.value = 4;
    input.dispatchEvent(new Event("input"));
    await workbook.settled();
    expect(workbook.explain(2)?.text).toBe("Ran again because the input `units` changed");
    expect(workbook.explain(3)?.text).toBe(
      "Ran again because `twice` and the input `units` changed",
    );
    workbook.dispose();
  });

  test("is that nothing changed where a person ran the cell again", async () => {
    const { workbook } = open(cells("[1]"));
    await workbook.settled();
    expect(workbook.explain(1)).toBeUndefined();
    workbook.run(1);
    await workbook.settled();
    expect(workbook.explain(1)).toEqual({
      kind: "ran",
      changes: [],
      text: "Ran again, though nothing that it is made of changed",
    });
    expect(workbook.explain(99)).toBeUndefined();
    workbook.dispose();
  });

  test("compares with the last run that gave a result, not with one that failed", async () => {
    const { workbook } = open(cells("const a = 1", "[a]"));
    await workbook.settled();
    workbook.setCells(cells("const a = 1", "[a, (() => { throw new Error('no'); })()]"));
    await workbook.settled();
    expect(workbook.explain(2)?.text).toBe("Ran again because the code changed");
    workbook.setCells(cells("const a = 2", "[a]"));
    await workbook.settled();
    expect(workbook.explain(2)?.text).toBe("Ran again because `a` changed");
    workbook.dispose();
  });

  test("says why a stage that waits for a person is stale, and what reads it", async () => {
    let asked = 0;
    const stage = (): Live<string> => {
      const isFirst = asked++ === 0;
      return {
        [liveKey]: true,
        async *[Symbol.asyncIterator]() {
          yield isFirst ? { card: null, value: "done" } : { card: null, waitsFor: "a click" };
          if (!isFirst) await new Promise(() => undefined);
        },
      };
    };
    const options = { builtins: { stage: () => stage } };
    const sources = ["const run = view(stage(plan))", "run + '!'"] as const;
    const { workbook } = open(cells("const plan = [1]", ...sources), options);
    await workbook.settled();
    expect(workbook.explain(2)).toBeUndefined();
    workbook.setCells(cells("const plan = [2]", ...sources));
    await workbook.settled();
    expect([2, 3].map((id) => workbook.status(id)?.state)).toEqual(["stale", "stale"]);
    expect(workbook.explain(2)?.text).toBe("Stale because `plan` changed");
    expect(workbook.explain(3)?.text).toBe("Stale because `run` changed");
    workbook.dispose();
  });
});
