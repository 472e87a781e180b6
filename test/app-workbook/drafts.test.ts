import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Drafts } from "../../app/workbook/drafts.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a burst of typing sends the last text within 300 ms, and once", () => {
  const sent: string[] = [];
  let text = "";
  const drafts = new Drafts(
    () => text,
    (draft) => Promise.resolve(void sent.push(draft)),
  );
  for (const letter of "abc") {
    text += letter;
    drafts.note();
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(150);
  expect(sent).toEqual(["abc"]);
});

test("a flush sends at once and leaves nothing for later", () => {
  const sent: string[] = [];
  const drafts = new Drafts(
    () => "x",
    (draft) => Promise.resolve(void sent.push(draft)),
  );
  drafts.note();
  drafts.flush();
  expect(sent).toEqual(["x"]);
  vi.advanceTimersByTime(1000);
  drafts.flush();
  expect(sent).toEqual(["x"]);
});

test("a draft that did not arrive is sent again", async () => {
  const sent: string[] = [];
  const drafts = new Drafts(
    () => "x",
    (draft) => (sent.push(draft) === 1 ? Promise.reject(new Error("gone")) : Promise.resolve()),
  );
  drafts.flush();
  await vi.advanceTimersByTimeAsync(0);
  drafts.flush();
  expect(sent).toEqual(["x", "x"]);
});
