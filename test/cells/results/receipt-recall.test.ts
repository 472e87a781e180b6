import { expect, test } from "vitest";
import { withReceiptRecall } from "../../../cells/results/receipt-recall.ts";
import type { Card } from "../../../cells/card.ts";
import type { CellStatus } from "../../../runtime/cell.ts";

const id = "a".repeat(64);
const other = "b".repeat(64);

function card(receipt?: string): Card {
  return {
    kind: "tierbook.card",
    stage: "plan",
    title: "Plan",
    status: "pass",
    summary: "",
    parts: [],
    actions: [],
    ...(receipt !== undefined && { receipt }),
  };
}

function begin(recall: (receipt: string) => Promise<boolean> = async () => true) {
  const recalled: string[] = [];
  const lost: number[] = [];
  const heard: string[] = [];
  const observer = withReceiptRecall(
    {
      status: ({ id: cell }) => heard.push(`status ${cell}`),
      clear: (cell) => heard.push(`clear ${cell}`),
      display: (cell, slot) => heard.push(`display ${cell} ${slot}`),
      running: (cell) => heard.push(`running ${cell}`),
    },
    {
      recall: (receipt) => {
        recalled.push(receipt);
        return recall(receipt);
      },
      lost: (cell) => lost.push(cell),
    },
  );
  const status = (cell: number, cached: boolean): void => {
    const plain: CellStatus = {
      id: cell,
      state: "fresh",
      defines: [],
      reads: [],
      runs: 1,
      volatile: false,
      disabled: false,
    };
    observer.status?.(cached ? { ...plain, cached } : plain);
  };
  return { observer, status, recalled, lost, heard };
}

test("the receipt of a card that came back is recalled once, for each time that it comes back", () => {
  const { observer, status, recalled } = begin();
  for (let times = 1; times <= 2; times++) {
    observer.clear?.(1);
    observer.display?.(1, 0, card(id));
    status(1, true);
    status(1, true);
    expect(recalled).toEqual(Array(times).fill(id));
  }
});

test("what a stage has just shown is not recalled, also when the same card is cached later", () => {
  const { observer, status, recalled } = begin();
  observer.clear?.(1);
  observer.display?.(1, 0, card());
  observer.display?.(1, 0, card(id));
  status(1, false);
  status(1, true);
  expect(recalled).toEqual([]);
});

test("of what a cell shows only cards that name a receipt count, each slot's last", () => {
  const { observer, status, recalled } = begin();
  observer.clear?.(1);
  for (const value of [card(other), card(id)]) observer.display?.(1, 0, value);
  for (const value of [card(other), "a text"]) observer.display?.(1, 1, value);
  observer.display?.(1, 2, card());
  observer.display?.(1, 3, { ...card(), receipt: 7 });
  observer.display?.(1, 4, { receipt: other });
  observer.display?.(1, 5, card(id));
  observer.display?.(2, 0, card(other));
  status(1, true);
  expect(recalled).toEqual([id]);
});

test("a cell is told of when the ledger lacks a receipt of it, not when nobody can say", async () => {
  const { observer, status, recalled, lost } = begin((receipt) =>
    receipt === id ? Promise.resolve(false) : Promise.reject(new Error("the server is gone")),
  );
  observer.display?.(1, 0, card(other));
  observer.display?.(2, 0, card(id));
  observer.display?.(2, 1, card(other));
  status(1, true);
  status(2, true);
  await expect.poll(() => lost).toEqual([2]);
  expect(recalled).toEqual([other, id, other]);
});

test("who observes hears everything as before", () => {
  const { observer, status, heard } = begin();
  observer.running?.(1);
  observer.clear?.(1);
  observer.display?.(1, 0, card(id));
  status(1, true);
  expect(heard).toEqual(["running 1", "clear 1", "display 1 0", "status 1"]);
});
