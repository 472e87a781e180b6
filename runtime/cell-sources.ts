import type { Cell } from "./cell.ts";
import type { GraphCell } from "./cell-graph.ts";
import { compileCell } from "./compile.ts";

/** The cells as they were last given, and those of them that are still being compiled. */
export class CellSources {
  private readonly cells = new Map<number, Cell>();
  /** by cell, whether a person wants it to run once it is compiled */
  private readonly compiling = new Map<number, { isAsked: boolean }>();

  /** @param late called with what took time to compile, and whether a person wants it to run */
  constructor(private readonly late: (compiled: GraphCell, isAsked: boolean) => void) {}

  /** Whether any cell is being compiled, so that nobody knows what it will define. */
  get isCompiling(): boolean {
    return this.compiling.size > 0;
  }

  /** Takes a cell; gives what it compiles to, `later`, or nothing where it is what it was. */
  take(cell: Cell): GraphCell | "later" | undefined {
    const { id } = cell;
    const known = this.cells.get(id);
    if (known === cell) return undefined;
    this.cells.set(id, cell);
    if (known !== undefined && isSameCell(cell, known)) return undefined;
    const compiled = compileCell(cell);
    if (!(compiled instanceof Promise)) {
      this.compiling.delete(id);
      return compiled;
    }
    this.compiling.set(id, { isAsked: false });
    void compiled.then((late) => this.arrive(cell, late));
    return "later";
  }

  /** Takes a cell that was compiled elsewhere. */
  takeCompiled({ cell }: GraphCell): void {
    this.cells.set(cell.id, cell);
    this.compiling.delete(cell.id);
  }

  /** Forgets all cells but some, and gives the ids of those that are gone. */
  keepOnly(cells: readonly Cell[]): readonly number[] {
    if (this.cells.size === 0) return [];
    const ids = new Set(cells.map(({ id }) => id));
    const gone = [...this.cells.keys()].filter((id) => !ids.has(id));
    for (const id of gone) {
      this.cells.delete(id);
      this.compiling.delete(id);
    }
    return gone;
  }

  /** Has a cell run once it is compiled; gives whether it is being compiled. */
  ask(cell: number): boolean {
    const compiling = this.compiling.get(cell);
    if (compiling !== undefined) compiling.isAsked = true;
    return compiling !== undefined;
  }

  /** The same for all that are being compiled. */
  askAll(): void {
    for (const compiling of this.compiling.values()) compiling.isAsked = true;
  }

  /** Gives what took time to compile, unless the cell was edited or removed meanwhile. */
  private arrive(cell: Cell, compiled: GraphCell): void {
    const now = this.cells.get(cell.id);
    if (now === undefined || !isSameCell(now, cell)) return;
    const isAsked = this.compiling.get(cell.id)?.isAsked === true;
    this.compiling.delete(cell.id);
    this.late(compiled, isAsked);
  }
}

function isSameCell(a: Cell, b: Cell): boolean {
  return (
    a.source === b.source &&
    a.mode === b.mode &&
    a.output === b.output &&
    a.hidden === b.hidden &&
    a.database === b.database &&
    a.policy === b.policy
  );
}
