import { Runtime, type Module } from "@observablehq/runtime";
import type { Cell, CellStatus } from "./cell.ts";
import { CellFault } from "./cell-fault.ts";
import { definedNames, placeCells, type GraphCell, type KnownNames } from "./cell-graph.ts";
import { CellNode } from "./cell-node.ts";
import { compileCell } from "./compile.ts";
import type { Explanation } from "./fingerprint-explanation.ts";
import { defaultGlobals } from "./globals.ts";
import { isGenerator, streamFromGenerator } from "./stream.ts";
import type { WorkbookOptions } from "./workbook-options.ts";

/**
 * A workbook that runs: cells in, values and states out. Cells run on `@observablehq/runtime` with
 * Observable's semantics, and these deliberate differences:
 *
 * - A rerun starts at once; the run that it replaces is aborted and never heard of again.
 * - A cell whose inputs are equal to those of its last run does not run again.
 * - Nothing waits for an animation frame.
 * - An undefined name is an error with its place, unless it is on a list of globals.
 * - A cell whose input failed is blocked, and says by which cell.
 *
 * @example
 * const workbook = new Workbook(parseNotebook(text).cells, { builtins });
 * const accuracy = await workbook.value("accuracy");
 * workbook.dispose();
 */
export class Workbook {
  private readonly runtime: Runtime;
  private readonly module: Module;
  private readonly nodes = new Map<number, CellNode>();
  private readonly known: KnownNames;
  private definers = new Map<string, CellNode>();
  private readonly disabled = new Set<number>();
  private readonly wasWaiting = new Set<CellNode>();
  /** the cells as they were last given, compiled or not yet */
  private readonly sources = new Map<number, Cell>();
  private readonly listeners = new Set<() => void>();

  constructor(
    cells: readonly Cell[] = [],
    private readonly options: WorkbookOptions = {},
  ) {
    const builtins = options.builtins ?? {};
    const globals = options.globals ?? defaultGlobals;
    const isGlobal = (name: string): boolean => globals.has(name) && name in globalThis;
    this.known = { builtins: new Set(Object.keys(builtins)), isGlobal, globals: () => globals };
    this.runtime = new Runtime(paced(builtins), (name) => {
      if (!isGlobal(name)) throw new CellFault(lostName(name));
      return Reflect.get(globalThis, name);
    });
    // a batch ends with the task at hand, not with an animation frame that a hidden tab never gets
    this.runtime._computeSoon = () =>
      Promise.resolve().then(() =>
        this.runtime._disposed ? undefined : this.runtime._computeNow(),
      );
    this.module = this.runtime.module();
    this.setCells(cells);
  }

  /**
   * Takes the cells as they are now. Only cells whose code changed run again, and what depends on a
   * value that changed; cells that are gone are disposed. Reading order has no meaning here.
   */
  setCells(cells: readonly Cell[]): void {
    const ids = new Set(cells.map((cell) => cell.id));
    let moved = false;
    for (const [id, node] of this.nodes)
      if (!ids.has(id)) {
        node.remove();
        this.nodes.delete(id);
        moved = true;
      }
    for (const cell of cells) {
      if (isSameCell(cell, this.sources.get(cell.id))) continue;
      this.sources.set(cell.id, cell);
      const compiled = compileCell(cell);
      if (!(compiled instanceof Promise)) moved = this.put(compiled) || moved;
      else void compiled.then((late) => this.putLate(late));
    }
    for (const id of this.sources.keys()) if (!ids.has(id)) this.sources.delete(id);
    if (moved) this.place();
  }

  /** Runs a cell again, whether or not anything changed. Unknown cells are ignored. */
  run(cell: number): void {
    this.nodes.get(cell)?.rerun();
  }

  /** Runs each cell that is stale or waits for a person to run it, and what those need of each other. */
  runStale(): void {
    for (const [id, node] of this.nodes) if (node.state === "stale") this.run(id);
  }

  /** Runs every cell again, whether or not anything changed and whatever is known. */
  runAll(): void {
    for (const id of this.nodes.keys()) this.run(id);
  }

  /** Runs a cell and, before it, the stale cells that it depends on. */
  runTo(cell: number): void {
    this.run(cell);
  }

  /** Stops a cell's run: its abort signal fires, and it is an error with the code `cancelled`. */
  cancel(cell: number): void {
    this.nodes.get(cell)?.cancel();
  }

  /** Keeps a cell from running, or lets it run again. What depends on it is blocked meanwhile. */
  setDisabled(cell: number, disabled: boolean): void {
    if (disabled) this.disabled.add(cell);
    else this.disabled.delete(cell);
    this.place();
  }

  /**
   * The value of a name, once it has one; of a generator the newest. Rejects as the cell does. A
   * name that nothing defines rejects too.
   */
  async value(name: string): Promise<unknown> {
    return await this.module.value(name);
  }

  /** What is known about a cell; undefined if there is no such cell. */
  status(cell: number): CellStatus | undefined {
    return this.nodes.get(cell)?.status();
  }

  /**
   * Why a cell ran again, or why it is stale: the parts of its fingerprint that differ between its
   * last run and the finished one before, such as its code, a value that it reads, or a file.
   *
   * @returns undefined for an unknown cell, and where there is no finished run to compare with
   */
  explain(cell: number): Explanation | undefined {
    return this.nodes.get(cell)?.explain();
  }

  /** What is known about each cell. */
  statuses(): readonly CellStatus[] {
    return Array.from(this.nodes.values(), (node) => node.status());
  }

  /**
   * Resolves when nothing is queued or running. Cells that wait for a person, and generators that
   * have given a value and may give more, do not count.
   */
  async settled(): Promise<void> {
    for (;;) {
      await macrotask();
      if (this.isBusy()) {
        await new Promise<void>((resolve) => this.listeners.add(resolve));
        continue;
      }
      await macrotask();
      if (!this.isBusy()) return;
    }
  }

  /** Ends everything: signals fire, streams close, no observer is called any more. */
  dispose(): void {
    for (const node of this.nodes.values()) node.remove();
    this.nodes.clear();
    this.runtime.dispose();
    this.wake();
  }

  /** Takes a compiled cell in; gives whether the graph must be placed anew. */
  private put(compiled: GraphCell): boolean {
    const { cell } = compiled;
    const node = this.nodes.get(cell.id);
    if (node !== undefined) {
      const moved = node.recompile(cell, compiled);
      if (!moved) node.replace();
      return moved;
    }
    const context = {
      module: this.module,
      options: this.options,
      definer: (name: string) => this.definers.get(name),
      changed: (changed: CellNode) => this.changed(changed),
    };
    this.nodes.set(cell.id, new CellNode(cell, compiled, context));
    return true;
  }

  /** Takes in what took time to compile, unless the cell was edited or removed meanwhile. */
  private putLate(compiled: GraphCell): void {
    if (this.runtime._disposed || this.sources.get(compiled.cell.id) !== compiled.cell) return;
    if (this.put(compiled)) this.place();
  }

  private place(): void {
    const nodes = [...this.nodes.values()];
    for (const node of nodes) node.disabled = this.disabled.has(node.cell.id);
    const placements = placeCells(
      nodes.map((node) => node.compiled),
      this.known,
    );
    this.definers = new Map();
    for (const node of nodes)
      for (const name of definedNames(node.compiled))
        if (!this.definers.has(name)) this.definers.set(name, node);
    // a name may move from one cell to another, so all give up before any takes
    for (const node of nodes) node.release(placements.get(node.cell.id)?.defines ?? []);
    for (const node of nodes) {
      const placement = placements.get(node.cell.id);
      if (placement !== undefined) node.place(placement);
    }
  }

  private changed(node: CellNode): void {
    this.options.observer?.status?.(node.status());
    const waits = node.waitsFor !== undefined;
    if (waits !== this.wasWaiting.has(node)) {
      if (waits) this.wasWaiting.add(node);
      else this.wasWaiting.delete(node);
      this.tellReaders(node);
    }
    this.wake();
  }

  /** What reads a cell that began or ceased to wait waits or not with it. */
  private tellReaders(node: CellNode): void {
    for (const reader of this.nodes.values())
      if (reader !== node && reader.inputs.some((name) => this.definers.get(name) === node))
        reader.refresh();
  }

  private isBusy(): boolean {
    if (this.runtime._computing !== null) return !this.runtime._disposed;
    for (const node of this.nodes.values())
      if (node.state === "running" || node.state === "queued") return true;
    return false;
  }

  private wake(): void {
    if (this.listeners.size === 0) return;
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }
}

/** Builtins whose generators are driven as those of cells are, and do not burn the machine. */
function paced(
  builtins: Readonly<Record<string, () => unknown>>,
): Readonly<Record<string, () => unknown>> {
  return Object.fromEntries(
    Object.entries(builtins).map(([name, make]) => [
      name,
      () => {
        const value = make();
        return isGenerator(value) ? streamFromGenerator(value).attach() : value;
      },
    ]),
  );
}

function lostName(name: string): { name: string; code: string; message: string } {
  return { name: "ReferenceError", code: "undefined-name", message: `\`${name}\` is not defined` };
}

function isSameCell(a: Cell, b: Cell | undefined): boolean {
  return (
    b !== undefined &&
    a.source === b.source &&
    a.mode === b.mode &&
    a.output === b.output &&
    a.hidden === b.hidden &&
    a.database === b.database
  );
}

/** After all microtasks and what they start. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
