import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import type { Card, CardAction, CardPart } from "../../cells/card.ts";
import { renderCard, updateCard } from "../../cells/render-card.ts";

const { document } = new JSDOM().window;

function card(parts: readonly CardPart[], rest: Partial<Card> = {}): Card {
  return {
    kind: "tierbook.card",
    stage: "smallRun",
    title: "Small run",
    status: "running",
    summary: "Training",
    parts,
    actions: [],
    ...rest,
  };
}

function shown(root: Element, selector: string): string {
  return root.querySelector(selector)?.textContent ?? "";
}

test("a card says its title, its status in words, and its summary", () => {
  const root = renderCard(document, card([], { status: "warn", summary: "120 rows" }));
  expect(root.getAttribute("role")).toBe("group");
  expect(root.getAttribute("aria-label")).toBe("Small run");
  expect(shown(root, "[role=status]")).toBe("passed with warnings");
  expect(shown(root, ".tb-card-summary")).toBe("120 rows");
});

test("nothing in a card is read as markup", () => {
  const evil = `<img src=x onerror="alert(1)">`;
  const root = renderCard(
    document,
    card(
      [
        { type: "facts", facts: [{ label: evil, value: evil }] },
        {
          type: "checks",
          checks: [{ name: evil, verdict: "fail", message: evil, where: evil, hint: evil }],
        },
        { type: "table", caption: evil, columns: [{ name: evil, align: "left" }], rows: [[evil]] },
        { type: "curve", title: evil, x: evil, series: [{ name: evil, points: [[0, 1]] }] },
        { type: "confusion", labels: [evil], counts: [[1]] },
        { type: "note", verdict: "warn", text: evil },
        { type: "progress", done: 1, total: 2, label: evil },
      ],
      {
        title: evil,
        summary: evil,
        stage: evil,
        actions: [{ label: evil, action: "ask", key: evil }],
      },
    ),
    () => undefined,
  );
  expect(root.querySelector("img")).toBeNull();
  expect(root.querySelectorAll("script, iframe, [onerror]").length).toBe(0);
  expect(root.textContent).toContain(evil);
});

test("buttons tell what was pressed, and there are none where nobody listens", () => {
  const action: CardAction = { label: "Cancel", action: "cancel", key: "k" };
  const heard: CardAction[] = [];
  const root = renderCard(document, card([], { actions: [action] }), (one) => heard.push(one));
  root.querySelector("button")?.click();
  expect(heard).toEqual([action]);
  expect(renderCard(document, card([], { actions: [action] })).querySelector("button")).toBeNull();
});

test("an update keeps the elements of what did not change, and the button that has the focus", () => {
  const facts: CardPart = { type: "facts", facts: [{ label: "Seed", value: "17" }] };
  const at = (done: number): Card =>
    card([facts, { type: "progress", done, total: 10, label: `epoch ${done}` }], {
      actions: [{ label: "Cancel", action: "cancel", key: "k" }],
    });
  const root = renderCard(document, at(1), () => undefined);
  document.body.append(root);
  root.querySelector("button")?.focus();
  const [before, button] = [
    [...root.querySelectorAll(".tb-facts, .tb-progress-bar")],
    document.activeElement,
  ];
  updateCard(root, at(7));
  expect([...root.querySelectorAll(".tb-facts, .tb-progress-bar")]).toEqual(before);
  expect(document.activeElement).toBe(button);
  expect(root.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("7");
  expect(shown(root, ".tb-progress-label")).toBe("epoch 7 · 70 %");
  updateCard(root, card([facts], { status: "pass" }));
  expect(root.querySelector("[role=progressbar]")).toBeNull();
  expect(root.querySelector("button")).toBeNull();
  expect(shown(root, "[role=status]")).toBe("passed");
});

test("faults are open to the eye, and what passed is folded away but stays open once opened", () => {
  const checks = (extra: string): CardPart => ({
    type: "checks",
    checks: [
      { name: "labels", verdict: "fail", message: "`x` is unknown", hint: "use `y`" },
      { name: "rows", verdict: "pass", message: `enough${extra}` },
    ],
  });
  const root = renderCard(document, card([checks("")]));
  expect(shown(root, ".tb-checks-part > ul")).toContain("x is unknown");
  expect(root.querySelector(".tb-check-message code")?.textContent).toBe("x");
  const details = root.querySelector("details");
  expect(details?.open).toBe(false);
  if (details !== null) details.open = true;
  updateCard(root, card([checks("!")]));
  expect(root.querySelector("details")?.open).toBe(true);
  expect(shown(root, "details")).toContain("enough!");
});

test("a table has headers that name its columns and rows", () => {
  const root = renderCard(
    document,
    card([
      {
        type: "table",
        columns: [
          { name: "Class", align: "left" },
          { name: "Rows", align: "right" },
        ],
        rows: [["owl", "3"]],
        total: 20,
      },
    ]),
  );
  expect([...root.querySelectorAll("th[scope=col]")].map((th) => th.textContent)).toEqual([
    "Class",
    "Rows",
  ]);
  expect(shown(root, "th[scope=row]")).toBe("owl");
  expect(root.querySelector("td")?.className).toBe("tb-number");
  expect(root.textContent).toContain("1 of 20 rows");
});

test("a curve says in words where each line stands, and draws within its frame", () => {
  const points = Array.from({ length: 100 }, (_, i): [number, number] => [i + 1, 2 / (i + 1)]);
  const root = renderCard(
    document,
    card([{ type: "curve", title: "Loss", x: "step", series: [{ name: "training", points }] }]),
  );
  const svg = root.querySelector("svg");
  expect(svg?.getAttribute("aria-label")).toBe("Loss by step: training 0.02");
  const numbers = (root.querySelector("path")?.getAttribute("d") ?? "").match(/-?[\d.]+/g) ?? [];
  const xs = numbers.filter((_, i) => i % 2 === 0).map(Number);
  const ys = numbers.filter((_, i) => i % 2 === 1).map(Number);
  expect(xs.length).toBe(100);
  expect(Math.min(...xs)).toBeGreaterThanOrEqual(46);
  expect(Math.max(...xs)).toBeLessThanOrEqual(640);
  expect(Math.min(...ys)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...ys)).toBeLessThanOrEqual(190);
});

test("a curve of one point, or of equal values, is drawn too", () => {
  for (const points of [
    [[1, 0.5]],
    [
      [1, 3],
      [2, 3],
    ],
    [[5, 0]],
  ] as [number, number][][]) {
    const root = renderCard(
      document,
      card([{ type: "curve", title: "Loss", x: "step", series: [{ name: "a", points }] }]),
    );
    expect(root.querySelector("svg")?.outerHTML).not.toMatch(/NaN|Infinity/);
  }
});

test("a curve over shares is a square with named axes, in which the diagonal is y = x", () => {
  const root = renderCard(
    document,
    card([
      {
        type: "curve",
        title: "Calibration",
        x: "predicted",
        y: "observed",
        domain: [0, 1],
        diagonal: true,
        series: [
          {
            name: "observed",
            points: [
              [0, 0],
              [0.5, 0.25],
              [1, 1],
            ],
          },
        ],
      },
    ]),
  );
  expect(root.querySelector("svg")?.getAttribute("aria-label")).toBe(
    "Calibration, predicted → observed: 0 → 0, 0.5 → 0.25, 1 → 1",
  );
  const texts = [...root.querySelectorAll("svg text")].map((text) => text.textContent);
  expect(texts).toEqual(expect.arrayContaining(["predicted", "observed", "0", "1"]));
  const diagonal = root.querySelector(".tb-diagonal");
  const at = (name: string): number => Number(diagonal?.getAttribute(name));
  expect(at("x2") - at("x1")).toBeCloseTo(at("y1") - at("y2"));
  const circles = [...root.querySelectorAll("circle")];
  expect(circles.map((one) => Number(one.getAttribute("cx")))).toEqual([
    at("x1"),
    (at("x1") + at("x2")) / 2,
    at("x2"),
  ]);
  expect(Number(circles[1]?.getAttribute("cy"))).toBeCloseTo(at("y1") - (at("y1") - at("y2")) / 4);
});

test("a point with more rows behind it has the larger mark, by area", () => {
  const points = [
    [0.1, 0.1],
    [0.5, 0.6],
    [0.9, 0.4],
  ] as const;
  const series = [{ name: "observed", points, rows: [400, 100, 0] }];
  const root = renderCard(
    document,
    card([{ type: "curve", title: "Calibration", x: "predicted", domain: [0, 1], series }]),
  );
  const radii = [...root.querySelectorAll("circle")].map((mark) => Number(mark.getAttribute("r")));
  expect((radii[0] ?? 0) / (radii[1] ?? 1)).toBeCloseTo(2);
  expect(radii[2]).toBeGreaterThan(0);
});

test("a confusion matrix has the counts by class and the recall of each", () => {
  const root = renderCard(
    document,
    card([
      {
        type: "confusion",
        labels: ["a", "b"],
        counts: [
          [3, 1],
          [0, 0],
        ],
      },
    ]),
  );
  const rows = [...root.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  expect(rows).toEqual([
    ["a", "3", "1", "75.0 %"],
    ["b", "0", "0", "–"],
  ]);
});
