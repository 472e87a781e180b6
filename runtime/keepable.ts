import type { Cell } from "./cell.ts";
import type { CellRun } from "./cell-run.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";

/**
 * Globals that give the same whenever they are read, and that nothing can be changed by. A cell that
 * reads another one may do what a result that comes back would not: write to the page, the console
 * or a timer.
 */
const harmlessGlobals = new Set(
  `structuredClone atob btoa URL URLSearchParams TextDecoder TextEncoder Blob DOMException
  DOMRect DOMPoint DOMMatrix BigInt64Array BigUint64Array Float16Array AggregateError
  WebAssembly escape unescape`.split(/\s+/),
);

/**
 * Globals that the compiler takes for the language's own, so that no record names them, and that
 * reach the page, timers or code which nobody has read, or pass for plain data as a proxy does.
 * Also `\u`, which may spell one; a name in a comment or a text costs no more than a run.
 */
const farReaching =
  /\b(?:console|document|window|navigator|devicePixelRatio|eval|Function|observable|(?:set|clear)(?:Timeout|Interval)|(?:request|cancel)AnimationFrame|AudioContext|FileReader|Image|Proxy|WebSocket|Worker)\b|\\u/;

/** Whether what a run came to may be given again in place of running the same once more. */
export function isKeepable(run: CellRun): boolean {
  return run.isComplete && isFunctionOfInputs(run.compiled, run.record);
}

/** Whether running a cell has no effect besides its result, as far as its source tells. */
export function isFunctionOfInputs(
  { cell, volatile, kind, inputs }: CompiledCell,
  record: FingerprintRecord,
): boolean {
  if (volatile || kind === "view" || kind === "mutable") return false;
  if (hasCode(cell) && farReaching.test(cell.source)) return false;
  // an input element and a mutable are there to be changed
  if (inputs.some((name) => name.startsWith("viewof$") || name.startsWith("mutable$")))
    return false;
  return record.globals.every((name) => harmlessGlobals.has(name));
}

/** Whether there is code in a cell's source; text has some between `${` and `}`. */
function hasCode({ mode, source }: Cell): boolean {
  return mode === "js" || mode === "ts" || mode === "ojs" || source.includes("${");
}
