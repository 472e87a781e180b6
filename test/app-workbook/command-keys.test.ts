import { expect, test } from "vitest";
import { CommandKeys, type KeyPress } from "../../app/workbook/command-keys.ts";

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, shiftKey: false, modKey: false, altKey: false, ...held };
}

test("a cell is deleted by d twice, and by no slower or interrupted pair", () => {
  const keys = new CommandKeys();
  expect(keys.read(press("d"), 0)).toBeUndefined();
  expect(keys.read(press("d"), 300)).toBe("remove");
  expect(keys.read(press("d"), 400)).toBeUndefined();
  expect(keys.read(press("j"), 500)).toBe("next");
  expect(keys.read(press("d"), 600)).toBeUndefined();
  expect(keys.read(press("d"), 2000)).toBeUndefined();
});

test("the browser keeps its own shortcuts", () => {
  const keys = new CommandKeys();
  expect(keys.read(press("a", { modKey: true }), 0)).toBeUndefined();
  expect(keys.read(press("1", { modKey: true }), 0)).toBeUndefined();
  expect(keys.read(press("d", { altKey: true }), 0)).toBeUndefined();
});

test("Enter edits, Shift+Enter runs and goes on, Mod+Enter runs and stays", () => {
  const keys = new CommandKeys();
  expect(keys.read(press("Enter"), 0)).toBe("edit");
  expect(keys.read(press("Enter", { shiftKey: true }), 0)).toBe("runAndAdvance");
  expect(keys.read(press("Enter", { modKey: true }), 0)).toBe("run");
});

test("single keys run what is stale, everything or up to here, and choose when a cell runs", () => {
  const keys = new CommandKeys();
  expect(keys.read(press("r"), 0)).toBe("runStale");
  expect(keys.read(press("R", { shiftKey: true }), 0)).toBe("runAll");
  expect(keys.read(press("t"), 0)).toBe("runTo");
  expect(keys.read(press("w"), 0)).toBe("nextPolicy");
  expect(keys.read(press("r", { modKey: true }), 0)).toBeUndefined();
});
