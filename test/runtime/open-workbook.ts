import type { Cell, CellMode, CellStatus } from "../../runtime/cell.ts";
import { Workbook } from "../../runtime/workbook.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";

/** A cell with the parts that a test cares about. */
export function cell(id: number, source: string, rest: Partial<Cell> = {}): Cell {
  return { id, mode: "js", source, pinned: true, hidden: false, ...rest };
}

/** JavaScript cells numbered from 1. */
export function cells(...sources: readonly string[]): Cell[] {
  return sources.map((source, i) => cell(i + 1, source));
}

/** A workbook under test, with what its observer heard. */
export interface Opened {
  readonly workbook: Workbook;
  /** what each cell shows now, by slot */
  readonly shown: Map<number, unknown[]>;
  /** names that bodies passed to the builtin `ran`, in order */
  readonly ran: string[];
  /** every status that was told */
  readonly statuses: CellStatus[];
}

/** Opens cells with the builtin `ran(name, value)`, which notes that a body ran and gives `value`. */
export function open(cellsNow: readonly Cell[], options: WorkbookOptions = {}): Opened {
  const ran: string[] = [];
  const shown = new Map<number, unknown[]>();
  const statuses: CellStatus[] = [];
  const workbook = new Workbook(cellsNow, {
    ...options,
    builtins: {
      ran: () => (name: string, value: unknown) => {
        ran.push(name);
        return value;
      },
      ...options.builtins,
    },
    observer: {
      status: (status) => statuses.push(status),
      clear: (id) => shown.set(id, []),
      display: (id, slot, value) => {
        const slots = shown.get(id) ?? [];
        slots[slot] = value;
        shown.set(id, slots);
      },
      ...options.observer,
    },
  });
  return { workbook, shown, ran, statuses };
}

/** A cell of another mode. */
export function modeCell(
  id: number,
  mode: CellMode,
  source: string,
  rest: Partial<Cell> = {},
): Cell {
  return cell(id, source, { mode, ...rest });
}

/** A promise with its ends outside. */
export function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
} {
  let resolve = (_value: Value): void => undefined;
  let reject = (_error: unknown): void => undefined;
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Waits until a condition holds, and fails by the test's time limit if it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
