import { expect, test } from "vitest";
import { normalQuantile } from "../../engines/normal-quantile.ts";

test("normalQuantile gives Wichura's published values, and the usual table's", () => {
  // the first three from the paper (AS 241, table of PPND16), the others from R's qnorm
  expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 15);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14);
  expect(normalQuantile(1e-20)).toBeCloseTo(-9.26234008979841, 12);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  expect(normalQuantile(0.5)).toBe(0);
});

test("normalQuantile is odd about one half and grows", () => {
  let before = -Infinity;
  for (let i = 1; i < 1000; i++) {
    const z = normalQuantile(i / 1000);
    expect(z).toBeGreaterThan(before);
    expect(z).toBeCloseTo(-normalQuantile(1 - i / 1000), 12);
    before = z;
  }
});
