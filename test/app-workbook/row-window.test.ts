import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rowWindow, type Viewport } from "../../app/workbook/row-window.ts";

const viewport = fc.record<Viewport>({
  numRows: fc.integer({ min: 0, max: 50_000_000 }),
  rowHeight: fc.integer({ min: 16, max: 40 }),
  scrollTop: fc.double({ min: -100, max: 9_000_000, noNaN: true }),
  viewHeight: fc.integer({ min: 50, max: 1200 }),
  overscan: fc.integer({ min: 0, max: 20 }),
  maxHeight: fc.constant(8_000_000),
});

test("the drawn rows are in range and few, however many rows there are", () => {
  fc.assert(
    fc.property(viewport, (view) => {
      const { first, end } = rowWindow(view);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(view.numRows);
      expect(end).toBeGreaterThanOrEqual(first);
      expect(end - first).toBeLessThanOrEqual(
        Math.ceil(view.viewHeight / view.rowHeight) + 1 + 2 * view.overscan,
      );
    }),
  );
});

test("the drawn rows cover the whole of what is in sight", () => {
  fc.assert(
    fc.property(viewport, (view) => {
      const { first, end, above, height } = rowWindow(view);
      const top = Math.min(Math.max(0, view.scrollTop), Math.max(0, height - view.viewHeight));
      const bottom = Math.min(height, top + view.viewHeight);
      expect(above).toBeLessThanOrEqual(top + 1e-6);
      expect(above + (end - first) * view.rowHeight).toBeGreaterThanOrEqual(bottom - 1e-6);
      expect(above + (end - first) * view.rowHeight).toBeLessThanOrEqual(height + 1e-6);
    }),
  );
});

test("the first and the last row can be reached past the height that a browser can scroll", () => {
  const view = { numRows: 40_000_000, rowHeight: 24, viewHeight: 320, overscan: 4, maxHeight: 8e6 };
  expect(rowWindow({ ...view, scrollTop: 0 })).toMatchObject({ first: 0, above: 0 });
  const bottom = rowWindow({ ...view, scrollTop: 8e6 - 320 });
  expect(bottom.end).toBe(40_000_000);
  expect(bottom.above + (bottom.end - bottom.first) * 24).toBe(8e6);
});

test("a pixel is a pixel as long as all rows fit", () => {
  const view = { numRows: 200_000, rowHeight: 24, viewHeight: 240, overscan: 0, maxHeight: 8e6 };
  expect(rowWindow({ ...view, scrollTop: 24_000 })).toEqual({
    first: 1000,
    end: 1010,
    above: 24_000,
    height: 4_800_000,
  });
});
