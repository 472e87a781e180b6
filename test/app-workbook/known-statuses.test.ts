import { expect, test } from "vitest";
import { KnownStatuses } from "../../app/workbook/known-statuses.ts";

function known(cells: readonly { readonly reads?: string[]; readonly defines?: string[] }[]) {
  const statuses = new KnownStatuses();
  cells.forEach(({ reads = [], defines = [] }, i) =>
    statuses.set({
      id: i + 1,
      state: "fresh",
      reads,
      defines,
      runs: 1,
      volatile: false,
      disabled: false,
    }),
  );
  return statuses;
}

test("a cell needs itself and all that it reads, near or far, each once", () => {
  const statuses = known([
    { defines: ["a"] },
    { reads: ["a"], defines: ["b"] },
    { reads: ["b", "a", "Plot"], defines: ["c"] },
    { defines: ["d"] },
    // a circle does not go on for ever
    { reads: ["f"], defines: ["e"] },
    { reads: ["e"], defines: ["f"] },
  ]);
  expect([...statuses.needed(3)].toSorted()).toEqual([1, 2, 3]);
  expect([...statuses.needed(4)]).toEqual([4]);
  expect([...statuses.needed(5)].toSorted()).toEqual([5, 6]);
});

test("who defines a name is what was said last, by the first cell that does", () => {
  const statuses = known([{ defines: ["a"] }, { defines: ["a", "b"] }]);
  expect(statuses.definerOf("a")).toBe(1);
  statuses.keepOnly((id) => id !== 1);
  expect(statuses.definerOf("a")).toBe(2);
  expect(statuses.get(1)).toBeUndefined();
  expect(statuses.definerOf("c")).toBeUndefined();
});
