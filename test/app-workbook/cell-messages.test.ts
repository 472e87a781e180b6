// @vitest-environment jsdom
import { expect, test } from "vitest";
import { CellMessages, type CellMessageLinks } from "../../app/workbook/cell-messages.ts";
import { waitingText } from "../../app/workbook/waiting-text.ts";
import type { CellPolicy, CellStatus } from "../../runtime/cell.ts";

interface Given {
  readonly cells: readonly (Partial<CellStatus> & { readonly policy?: CellPolicy })[];
}

function messages({ cells }: Given) {
  const statuses = cells.map(({ policy: _policy, ...fields }, index): CellStatus => {
    const known = { id: index + 1, state: "fresh", defines: [], reads: [], runs: 1 } as const;
    return { ...known, volatile: false, disabled: false, ...fields };
  });
  const done: string[] = [];
  const output = document.createElement("div");
  const links: CellMessageLinks = {
    statusOf: (id) => statuses[id - 1],
    definerOf: (name) => statuses.find(({ defines }) => defines.includes(name))?.id,
    explain: () => undefined,
    reveal: (id) => done.push(`reveal ${id}`),
    goToLine: (line) => done.push(`line ${line}`),
    enable: (id) => done.push(`enable ${id}`),
    run: () => done.push("run"),
    runTo: () => done.push("run to here"),
  };
  const drawn = new CellMessages(output, links, () => done.push("focus"));
  document.body.replaceChildren(drawn.above, output, drawn.below);
  return {
    done,
    output,
    draw: (fields: Partial<CellStatus> = {}) => {
      const last = { ...(statuses.at(-1) as CellStatus), ...fields };
      statuses[statuses.length - 1] = last;
      drawn.draw(last, waitingText(last.id, links));
    },
    above: () => drawn.above.textContent,
    below: () => drawn.below.textContent,
    press: (label: string) => {
      const all = Array.from(document.querySelectorAll("button"));
      const button = all.find(({ textContent }) => textContent === label);
      if (button === undefined) throw new Error(`there is no button ${label}`);
      button.focus();
      button.click();
    },
  };
}

const features = {
  defines: ["features"],
  held: true,
  state: "stale",
  waitsFor: "x",
} as const;

test("a cell that waits for its policy offers to run, one below it to run to here", () => {
  const own = messages({ cells: [features] });
  own.draw();
  expect(own.above()).toBe("Stale: it runs when you say soRun");
  own.press("Run");
  const below = messages({
    cells: [features, { reads: ["features"], state: "stale", waitsFor: "x" }],
  });
  below.draw();
  expect(below.above()).toBe("Stale because features is staleRun to here");
  below.press("features");
  below.press("Run to here");
  expect([own.done, below.done]).toEqual([["run"], ["reveal 1", "run to here"]]);
});

test("a card says by itself what a stage waits for, but not that its cell is stale", () => {
  const waiting = '<div class="tb-card" data-status="waiting">Waiting</div>';
  const stage = messages({ cells: [{ state: "idle", waitsFor: "a person to start it" }] });
  stage.output.innerHTML = waiting;
  stage.draw();
  expect(stage.above()).toBe("");
  const held = messages({ cells: [features] });
  held.output.innerHTML = waiting;
  held.draw();
  expect(held.above()).toBe("Stale: it runs when you say soRun");
});

test("a message that stays keeps its buttons, and one that goes gives the focus to its cell", () => {
  const cell = messages({ cells: [features] });
  cell.draw();
  cell.press("Run");
  const button = document.activeElement;
  cell.draw({ duration: 5 });
  expect(document.activeElement).toBe(button);
  cell.draw({ state: "fresh" });
  expect([cell.above(), cell.done]).toEqual(["", ["run", "focus"]]);
});

test("what a disabled cell blocks says so however far below, and can enable it", () => {
  const blocked = (name: string, id: number) =>
    ({ state: "blocked", error: { name: "", message: "", blockedBy: { id, name } } }) as const;
  const cell = messages({
    cells: [
      { defines: ["raw"], disabled: true, state: "idle" },
      { defines: ["features"], ...blocked("raw", 1) },
      { ...blocked("features", 2) },
    ],
  });
  cell.draw();
  expect(cell.below()).toBe("Waits for features, which waits for raw, which is disabledEnable raw");
  cell.press("Enable raw");
  expect(cell.done).toEqual(["enable 1"]);
});
