import * as fc from "fast-check";
import { expect, test } from "vitest";
import { momentFromInput, secondsFromSpan } from "../../cells/time-input.ts";
import { spanText } from "../../engines/time-text.ts";

test("a span is a number of seconds, or a count of a unit", () => {
  const spans = [90, "1 day", "36 hours", "2 weeks", "1.5 hours", "90 minutes", " 1second ", 0];
  expect(spans.map((span) => secondsFromSpan("split.gap", span))).toEqual([
    90, 86_400, 129_600, 1_209_600, 5400, 5400, 1, 0,
  ]);
});

test("a span that is told reads as the same one", () => {
  fc.assert(
    fc.property(fc.nat(999), fc.constantFrom(1, 60, 3600, 86_400), (count, unit) => {
      expect(secondsFromSpan("split.gap", spanText(count * unit))).toBe(count * unit);
    }),
  );
});

test.each(["a day", "1", "day", "-1 day", "1 month", "1 day 2 hours", "", null, {}, true])(
  "%j is no span, and the error says what is",
  (span) => {
    expect(() => secondsFromSpan("split.gap", span)).toThrow(
      expect.objectContaining({
        code: "argument",
        message: expect.stringMatching(/^plan\(\{\.\.\.\}\): split\.gap is .*no span of time$/),
        hint: expect.stringContaining('"1 day", "36 hours" or "2 weeks"'),
      }),
    );
  },
);

test("a moment is written in one way, however it was given", () => {
  for (const noon of [
    new Date(Date.UTC(2001, 5, 1, 12)),
    "2001-06-01T12:00:00Z",
    "2001-06-01T12:00:00.000Z",
  ])
    expect(momentFromInput("split.from", noon)).toBe("2001-06-01T12:00:00Z");
  for (const day of [new Date("2001-06-01"), "2001-06-01", "2001-06-01T00:00:00Z"])
    expect(momentFromInput("split.from", day)).toBe("2001-06-01");
});

test("what is no moment stays for the checks, but for a Date without a time", () => {
  expect(momentFromInput("split.from", "1 June")).toBe("1 June");
  expect(momentFromInput("split.from", 2001)).toBe(2001);
  expect(() => momentFromInput("split.from", new Date(Number.NaN))).toThrow(
    "plan({...}): split.from is a Date without a time",
  );
});
