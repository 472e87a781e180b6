import { transpile, toCell } from "@observablehq/notebook-kit";
import { Runtime, type Module, type Variable } from "@observablehq/runtime";
import { onTestFinished } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import { Workbook } from "../../runtime/workbook.ts";
import { cell } from "./open-workbook.ts";
// its cells without its page, which the package does not export
import { define } from "../../node_modules/@observablehq/notebook-kit/dist/src/runtime/define.js";
import {
  clear,
  observe,
} from "../../node_modules/@observablehq/notebook-kit/dist/src/runtime/display.js";

/** A notebook that runs, as far as stock and ours can be asked the same. */
export interface Notebook {
  /** the value of a name once it has one; of a generator the newest */
  value(name: string): Promise<unknown>;
  /** puts other cells in the place of those there are; those that are equal are left alone */
  edit(...cells: readonly Written[]): void;
  /** the message of the error that a cell shows */
  failure(id: number): string | undefined;
  /** what a cell shows, as text */
  shown(id: number): readonly string[];
  /** ends everything */
  dispose(): void;
}

/** A cell, or the source of a JavaScript cell, whose id is its place counted from 1. */
export type Written = Cell | string;

/** One of the two runtimes that a test has side by side. Stock's needs a document. */
export interface Side {
  readonly name: "stock" | "ours";
  /** opens a notebook for the test that runs now */
  open(cells: readonly Written[], builtins?: Readonly<Record<string, () => unknown>>): Notebook;
}

/** Observable's: `@observablehq/runtime`, with cells compiled and defined by notebook-kit. */
export const stock: Side = {
  name: "stock",
  open(cells, builtins = {}) {
    const notebook = new StockNotebook(builtins);
    onTestFinished(() => notebook.dispose());
    notebook.edit(...cells);
    return notebook;
  },
};

/** Tierbook's. */
export const ours: Side = {
  name: "ours",
  open(written, builtins = {}) {
    const shown = new Map<number, unknown[]>();
    const workbook = new Workbook(written.map(cellOf), {
      builtins,
      observer: {
        clear: (id) => shown.set(id, []),
        display(id, slot, value) {
          const slots = shown.get(id) ?? [];
          slots[slot] = value;
          shown.set(id, slots);
        },
      },
    });
    onTestFinished(() => workbook.dispose());
    return {
      value: (name) => workbook.value(name),
      edit: (...cells) => workbook.setCells(cells.map(cellOf)),
      failure: (id) => workbook.status(id)?.error?.message,
      shown: (id) => (shown.get(id) ?? []).map((value) => JSON.stringify(value)),
      dispose: () => workbook.dispose(),
    };
  },
};

/** Both, for tests of what we keep. */
export const sides: readonly Side[] = [stock, ours];

function cellOf(written: Written, index: number): Cell {
  return typeof written === "string" ? cell(index + 1, written) : written;
}

interface StockCell {
  readonly cell: Cell;
  readonly state: Parameters<typeof define>[1];
  failure?: string | undefined;
}

/** Cells as notebook-kit's page defines them, edited by the recipe that its authors give. */
class StockNotebook implements Notebook {
  private readonly runtime: Runtime;
  private readonly main: Module;
  private cells = new Map<number, StockCell>();

  constructor(builtins: Readonly<Record<string, () => unknown>>) {
    this.runtime = new Runtime(builtins);
    this.main = this.runtime.module();
  }

  edit(...written: readonly Written[]): void {
    const cells = written.map(cellOf);
    const before = this.cells;
    this.cells = new Map();
    for (const [id, entry] of before) {
      if (cells.some((next) => isSame(next, entry.cell))) this.cells.set(id, entry);
      else {
        for (const variable of entry.state.variables as readonly Variable[]) {
          variable.delete();
          variable.dispose();
        }
        entry.state.variables.length = 0;
        clear(entry.state);
      }
    }
    for (const next of cells)
      if (!this.cells.has(next.id)) this.define(next, before.get(next.id)?.state);
  }

  value(name: string): Promise<unknown> {
    return this.main.value(name);
  }

  failure(id: number): string | undefined {
    return this.cells.get(id)?.failure;
  }

  shown(id: number): readonly string[] {
    const root: HTMLElement | undefined = this.cells.get(id)?.state.root;
    return Array.from(root?.childNodes ?? [], (node) => node.textContent ?? "");
  }

  dispose(): void {
    this.runtime.dispose();
  }

  private define(cell: Cell, before: StockCell["state"] | undefined): void {
    const { id, mode, source: value, hidden, output } = cell;
    const compiled = transpile(
      toCell({ id, mode, value, hidden, ...(output === undefined ? {} : { output }) }),
    );
    // oxlint-disable-next-line no-implied-eval -- what the page of a stock notebook does too
    const body: unknown = new Function(`"use strict"; return (${compiled.body})`)();
    const state = before ?? { root: document.createElement("div"), expanded: [], variables: [] };
    const entry: StockCell = { cell, state };
    this.cells.set(id, entry);
    const definition = { id, ...compiled, body } as Parameters<typeof define>[2];
    define(this.main as never, state, definition, (shown, each) => {
      const observer = observe(shown, each);
      const fulfilled = observer.fulfilled.bind(observer);
      return Object.assign(observer, {
        // instead of writing it to the console too
        rejected: (error: unknown) =>
          void (entry.failure = String(Reflect.get(Object(error), "message"))),
        fulfilled(value: unknown) {
          entry.failure = undefined;
          fulfilled(value);
        },
      });
    });
  }
}

function isSame(a: Cell, b: Cell): boolean {
  return a.id === b.id && a.mode === b.mode && a.source === b.source;
}
