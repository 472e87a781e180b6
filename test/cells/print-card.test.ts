import { expect, test } from "vitest";
import type { Card } from "../../cells/card.ts";
import { printCard } from "../../cells/print-card.ts";

const card: Card = {
  kind: "tierbook.card",
  stage: "smallRun",
  title: "Small run",
  status: "fail",
  summary: "Failed at step 3",
  actions: [],
  parts: [
    { type: "note", verdict: "fail", text: "the loss is NaN" },
    {
      type: "checks",
      checks: [
        { name: "loss", verdict: "fail", where: "step 3", message: "NaN", hint: "lower lr" },
      ],
    },
    {
      type: "table",
      columns: [
        { name: "Class", align: "left" },
        { name: "Rows", align: "right" },
      ],
      rows: [
        ["owl", "3"],
        ["finch", "12"],
      ],
      total: 5,
    },
    {
      type: "curve",
      title: "Loss",
      x: "step",
      series: [
        {
          name: "training",
          points: [
            [1, 1],
            [2, 0],
          ],
        },
      ],
    },
    {
      type: "confusion",
      labels: ["a", "b"],
      counts: [
        [3, 1],
        [0, 2],
      ],
    },
    {
      type: "facts",
      facts: [
        { label: "seed", value: "17" },
        { label: "backend", value: "wasm" },
      ],
    },
    { type: "progress", done: 3, total: 9, label: "epoch 1 of 3" },
  ],
};

test("a card reads well as plain text", () => {
  expect(printCard(card)).toBe(`Small run  ✕ failed  Failed at step 3
  ✕ the loss is NaN
  ✕ loss: step 3: NaN
      lower lr
  Class  Rows
  owl       3
  finch    12
  2 of 5 rows
  Loss, training: █▁  1 → 0
  actual \\ predicted  a  b
  a                   3  1
  b                   0  2
  seed     17
  backend  wasm
  epoch 1 of 3 (3 of 9 steps)`);
});

test("a curve over shares is printed at each tenth, however many points it has", () => {
  const points = Array.from({ length: 101 }, (_, i) => [i / 100, 1 - i / 100] as const);
  const text = printCard({
    ...card,
    parts: [
      {
        type: "curve",
        title: "Precision over recall",
        x: "recall",
        y: "precision",
        domain: [0, 1],
        series: [{ name: "precision", points }],
      },
    ],
  });
  expect(text.split("\n").slice(1)).toEqual([
    "  Precision over recall, recall → precision:",
    "    0.00 → 1.00   0.10 → 0.90   0.20 → 0.80   0.30 → 0.70",
    "    0.40 → 0.60   0.50 → 0.50   0.60 → 0.40   0.70 → 0.30",
    "    0.80 → 0.20   0.90 → 0.10   1.00 → 0.00",
  ]);
});

test("colours are the caller's", () => {
  const painted = printCard({ ...card, parts: [] }, (text, tone) => `<${tone}>${text}</>`);
  expect(painted).toBe("<strong>Small run</>  <fail>✕ failed</>  Failed at step 3");
});
