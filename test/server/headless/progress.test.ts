import { expect, onTestFinished, test, vi } from "vitest";
import type { CellOutcome } from "../../../server/headless/child-api.ts";
import { Progress } from "../../../server/headless/progress.ts";
import { plainPaint } from "../../../server/headless/terminal-paint.ts";

function written(tell: (progress: Progress) => void, isTTY = false): string {
  let text = "";
  const output = { isTTY, columns: 24, write: (more: string) => (text += more) };
  tell(new Progress(output, plainPaint));
  return text.replaceAll(/ \d+ ms/g, " T");
}

function cell(rest: Partial<CellOutcome>): CellOutcome {
  return { id: 1, title: "penguins", isText: false, state: "running", ...rest };
}

test("a cell is told of once, when it came to its end", () => {
  let seconds = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => 1000 * seconds++);
  onTestFinished(() => clock.mockRestore());
  const text = written((progress) => {
    for (const state of ["queued", "running", "fresh", "fresh"] as const)
      progress.report({ type: "cell", cell: cell({ state }) });
  });
  expect(text).toBe("✓ penguins 1.0 s\n");
});

test("a cell whose result was known says so, and once more when it runs nevertheless", () => {
  const text = written((progress) => {
    for (const cached of [true, true, false, false])
      progress.report({ type: "cell", cell: cell({ state: "fresh", cached, duration: 5 }) });
  });
  expect(text).toBe("✓ penguins cached\n✓ penguins\n");
});

test("text that went well is not worth a line; text that failed is", () => {
  const error = { name: "Error", message: "gone", line: 3, hint: "find it" };
  const text = written((progress) => {
    progress.report({ type: "cell", cell: cell({ state: "fresh", isText: true }) });
    progress.report({ type: "cell", cell: cell({ state: "error", isText: true, error }) });
  });
  expect(text).toBe("✕ penguins\n    line 3: gone\n    find it\n");
});

test("a cell that is not run is told of in words, and is no failure", () => {
  const message = "This cell needs a machine with R and is not run by Tierbook";
  const error = { name: "Error", code: "not-run", message };
  const text = written((progress) => {
    progress.report({ type: "cell", cell: cell({ state: "queued" }) });
    progress.report({ type: "cell", cell: cell({ state: "idle", error }) });
    progress.report({ type: "cell", cell: cell({ id: 2, state: "idle" }) });
  });
  expect(text).toBe(`· penguins\n    ${message}\n`);
});

test("a card stands below its cell, each state of it once", () => {
  const text = written((progress) => {
    const report = { type: "card", cell: 1, isFinal: true, text: "Schema\n  fine" } as const;
    progress.report(report);
    progress.report(report);
  });
  expect(text).toBe("  Schema\n    fine\n");
});

test("what goes on now is one line, on a terminal only, and gives way to what is done", () => {
  const tell = (progress: Progress): void => {
    progress.report({
      type: "card",
      cell: 1,
      isFinal: false,
      text: "Small run: epoch 3 of 40 and so on",
    });
    progress.report({ type: "cell", cell: cell({ state: "fresh" }) });
    progress.end();
  };
  expect(written(tell)).toBe("✓ penguins\n");
  expect(written(tell, true)).toBe("◔ Small run: epoch 3 o\r\u001B[2K✓ penguins\n");
});
