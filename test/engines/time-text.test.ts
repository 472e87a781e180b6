import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isMoment, momentText, spanText } from "../../engines/time-text.ts";

test("a span is told in the longest unit that tells it in whole", () => {
  expect([86_400, 129_600, 1_209_600, 5400, 90, 1, 0, 0.5].map(spanText)).toEqual([
    "1 day",
    "36 hours",
    "14 days",
    "90 minutes",
    "90 seconds",
    "1 second",
    "0 seconds",
    "0.5 seconds",
  ]);
});

test("a moment at midnight is a day, another one has its time", () => {
  expect(momentText(Date.UTC(2001, 5, 1))).toBe("2001-06-01");
  expect(momentText(Date.UTC(2001, 5, 1, 12))).toBe("2001-06-01T12:00:00Z");
  expect(momentText(Date.UTC(2001, 5, 1, 12, 0, 0, 5))).toBe("2001-06-01T12:00:00.005Z");
});

test("what momentText writes is a moment, and reads as the same one", () => {
  const noYearsOfFiveDigits = { min: new Date("0000-01-01"), max: new Date("9999-12-31") };
  fc.assert(
    fc.property(fc.date({ ...noYearsOfFiveDigits, noInvalidDate: true }), (date) => {
      const text = momentText(date.getTime());
      expect(isMoment(text)).toBe(true);
      expect(Date.parse(text)).toBe(date.getTime());
    }),
  );
});

test.each([
  "1 June 2001",
  "2001-06",
  "2001-6-1",
  "2001-02-30",
  "2001-06-01T12:00",
  "2001-06-01T12:00:00",
  "2001-06-01T12:00:00+02:00",
  "2001-06-01T24:00:00Z",
  "",
])("%j names no moment: a day that there is, or a time in UTC", (text) => {
  expect(isMoment(text)).toBe(false);
});
