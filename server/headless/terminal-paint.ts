import type { Paint } from "../../cells/print-card.ts";

const codes: Readonly<Record<Parameters<Paint>[1], readonly [on: number, off: number]>> = {
  pass: [32, 39],
  warn: [33, 39],
  stale: [33, 39],
  fail: [31, 39],
  abort: [31, 39],
  lost: [31, 39],
  running: [36, 39],
  waiting: [36, 39],
  cancelled: [90, 39],
  quiet: [90, 39],
  strong: [1, 22],
};

/** The colours of a terminal (ECMA-48). */
export const terminalPaint: Paint = (text, tone) => {
  const [on, off] = codes[tone];
  return `\u001B[${on}m${text}\u001B[${off}m`;
};

/** No colours, for what is not a terminal. */
export const plainPaint: Paint = (text) => text;

/** Whether what is printed has colours: at a terminal, unless the person wants none (no-color.org). */
export function isColored(): boolean {
  return process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
}

/** How what is printed is painted. */
export function outputPaint(): Paint {
  return isColored() ? terminalPaint : plainPaint;
}
