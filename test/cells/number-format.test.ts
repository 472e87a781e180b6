import { expect, test } from "vitest";
import { formatSeconds } from "../../cells/number-format.ts";

test.each([
  [0.44, "0.4 s"],
  [59.4, "59 s"],
  [59.6, "1 min 0 s"],
  [100, "1 min 40 s"],
  [3599.6, "1 h 0 min"],
  [11_520, "3 h 12 min"],
])("%d seconds are said as people say them", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
