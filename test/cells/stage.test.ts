import { expect, test } from "vitest";
import type { Card } from "../../cells/card.ts";
import { stage, type StageReport } from "../../cells/stage.ts";
import { readState } from "./fake-host.ts";

const opening: Card = {
  kind: "tierbook.card",
  stage: "test",
  title: "Test",
  status: "running",
  summary: "opening",
  parts: [],
  actions: [],
};

function saying(summary: string): Card {
  return { ...opening, summary };
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

test("a stage does nothing until somebody watches", async () => {
  let started = 0;
  const live = stage(opening, async () => void started++);
  await Promise.resolve();
  expect(started).toBe(0);
  for await (const _ of live);
  expect(started).toBe(1);
});

test("all who watch share one execution, and who comes late sees the newest state first", async () => {
  let started = 0;
  const { opened, open } = gate();
  const live = stage<number>(opening, async ({ show }) => {
    started++;
    show({ card: saying("first"), value: 1 });
    await opened;
    show({ card: saying("second"), value: 2 });
  });
  const early = live[Symbol.asyncIterator]();
  const late = live[Symbol.asyncIterator]();
  expect((await early.next()).value).toMatchObject({ value: 1 });
  expect((await late.next()).value).toMatchObject({ value: 1 });
  open();
  expect((await early.next()).value).toMatchObject({ value: 2 });
  expect((await late.next()).value).toMatchObject({ value: 2 });
  expect([(await early.next()).done, (await late.next()).done]).toEqual([true, true]);
  expect(started).toBe(1);
});

test("what has ended stays: watching again shows the end without running", async () => {
  let started = 0;
  const live = stage<number>(opening, async ({ show }) => {
    started++;
    show({ card: saying("done"), value: 7 });
  });
  for await (const _ of live);
  const states = [];
  for await (const state of live) states.push(state.value);
  expect({ states, started }).toEqual({ states: [7], started: 1 });
});

test("the last to leave detaches, also while the body waits; the next one starts it anew", async () => {
  const reports: StageReport<number>[] = [];
  const live = stage<number>(opening, (report) => {
    reports.push(report);
    return new Promise(() => undefined);
  });
  const [one, two] = [live[Symbol.asyncIterator](), live[Symbol.asyncIterator]()];
  await one.next();
  await two.next();
  const waiting = two.next();
  await one.return?.();
  expect(reports[0]?.signal.aborted).toBe(false);
  await two.return?.();
  expect(reports[0]?.signal.aborted).toBe(true);
  expect((await waiting).done).toBe(true);
  await live[Symbol.asyncIterator]().next();
  expect(reports.length).toBe(2);
});

test("a reader that is slow sees the newest state, and always the last", async () => {
  const live = stage<number>(opening, async ({ show }) => {
    for (let i = 1; i <= 1000; i++) show({ card: saying(`${i}`), value: i });
  });
  const seen: (number | undefined)[] = [];
  for await (const { value } of live) seen.push(value);
  expect(seen.length).toBeLessThan(10);
  expect(seen.at(-1)).toBe(1000);
});

test("a body that throws ends the stage with that error, on a card that says so", async () => {
  const error = new Error("the disk is full");
  const live = stage<number>(opening, async ({ show }) => {
    show({ card: saying("on the way"), value: 1, waitsFor: "somebody" });
    throw error;
  });
  const states = [];
  for await (const state of live) states.push(readState(state));
  expect(states.at(-1)).toMatchObject({
    error,
    card: { status: "fail", summary: "the disk is full" },
  });
  expect(states.at(-1)?.waitsFor).toBeUndefined();
});

test("a failing body's own card is kept", async () => {
  const live = stage<number>(opening, async ({ show }) => {
    show({ card: { ...saying("three faults"), status: "fail" } });
    throw new Error("a long text");
  });
  let last;
  for await (const state of live) last = readState(state);
  expect(last?.card.summary).toBe("three faults");
});
