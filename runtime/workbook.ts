import { Calm } from "./calm.ts";
import type { Cell, CellStatus } from "./cell.ts";
import { CellFault } from "./cell-fault.ts";
import type { GraphCell } from "./cell-graph.ts";
import type { CellNode, NodeContext } from "./cell-node.ts";
import { CellSources } from "./cell-sources.ts";
import type { Explanation } from "./fingerprint-explanation.ts";
import { GivenVariables } from "./given-variables.ts";
import { defaultGlobals } from "./globals.ts";
import { keptResults } from "./kept-results.ts";
import { PlacedGraph } from "./placed-graph.ts";
import { ResultKeeper } from "./result-keeper.ts";
import { RunMemory } from "./run-memory.ts";
import { ValueWaiters } from "./value-waiters.ts";
import { Wave } from "./wave.ts";
import type { WorkbookOptions } from "./workbook-options.ts";

/**
 * A workbook that runs: cells in, values and states out, with the semantics of Observable's notebooks
 * and these deliberate differences:
 *
 * - A rerun starts at once; the run that it replaces is aborted and never heard of again.
 * - A cell whose inputs are equal to those of its last run does not run again, and one whose inputs
 *   and code are those of an earlier run gets that run's result back.
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
  private readonly wave: Wave<CellNode>;
  private readonly graph: PlacedGraph;
  private readonly given: GivenVariables;
  private readonly memory: RunMemory;
  private readonly context: NodeContext;
  private readonly disabled = new Set<number>();
  private readonly sources = new CellSources((compiled, isAsked) =>
    this.takeLate(compiled, isAsked),
  );
  private news: CellNode[] = [];
  private readonly waiters = new ValueWaiters();
  private readonly calm = new Calm(() => this.isBusy());
  private isHeld: boolean;
  private isDisposed = false;

  constructor(
    cells: readonly Cell[] = [],
    private readonly options: WorkbookOptions = {},
  ) {
    const { builtins = {}, builtinsVersion = "0", globals = defaultGlobals } = options;
    const { results, codecs } = options;
    const isGlobal = (name: string): boolean => globals.has(name) && name in globalThis;
    const names = new Set(Object.keys(builtins));
    this.wave = new Wave(() => this.tell());
    this.given = new GivenVariables({ builtins, isGlobal });
    this.graph = new PlacedGraph(
      { builtins: names, isGlobal, globals: () => globals },
      this.given,
      this.wave,
    );
    this.memory = new RunMemory(options.memory);
    this.isHeld = options.held === true;
    this.context = {
      options,
      isHeld: () => this.isHeld,
      builtins: { names, version: builtinsVersion },
      wave: this.wave,
      memory: this.memory,
      keeper: results === undefined ? undefined : new ResultKeeper(results, codecs),
      definer: (name) => this.graph.definer(name),
      changed: (node) => this.news.push(node),
    };
    this.setCells(cells);
  }

  /**
   * Takes the cells as they are now. Only cells whose code changed run again, and what depends on a
   * value that changed; cells that are gone are disposed. Reading order has no meaning here.
   */
  setCells(cells: readonly Cell[]): void {
    let moved = this.removeOthers(cells);
    for (const cell of cells) moved = this.take(cell) || moved;
    if (moved) this.place();
  }

  /** Takes one cell as it is now: one of those that are there, by its id, or a new one. */
  setCell(cell: Cell): void {
    if (this.take(cell)) this.place();
  }

  /**
   * The same for a cell that was compiled before, with `compileCell`: what costs most of an edit can
   * so be done elsewhere or once.
   */
  setCompiledCell(compiled: GraphCell): void {
    if (this.takeCompiled(compiled)) this.place();
  }

  /** Takes cells that were compiled before, in place of all that are there. */
  setCompiledCells(cells: readonly GraphCell[]): void {
    let moved = this.removeOthers(cells.map(({ cell }) => cell));
    for (const compiled of cells) moved = this.takeCompiled(compiled) || moved;
    if (moved) this.place();
  }

  /** Runs a cell again, whether or not anything changed. Unknown cells are ignored. */
  run(cell: number): void {
    if (!this.sources.ask(cell)) this.graph.node(cell)?.rerun();
  }

  /** Runs each cell that is stale or waits for a person to run it, or will because of the others. */
  runStale(): void {
    for (const node of this.graph.nodes())
      if (node.waitsBySelf) node.rerun();
      else node.allow();
  }

  /** Runs every cell again, whether or not anything changed and whatever is known. */
  runAll(): void {
    for (const node of this.graph.nodes()) node.rerun();
    this.sources.askAll();
  }

  /**
   * Runs a cell, and before it those of the cells that it depends on which wait for a person to run
   * them, or will once what they read has changed.
   */
  runTo(cell: number): void {
    const node = this.graph.node(cell);
    if (node !== undefined) for (const above of this.graph.above(node)) above.allow();
    this.run(cell);
  }

  /** Lets a workbook that was opened `held` go on as if it had not been: what is known stays. */
  release(): void {
    this.isHeld = false;
    for (const node of this.graph.nodes()) node.touch();
  }

  /** Has a cell whose result came back run, or wait for a person, as if nobody knew its result. */
  doubt(cell: number): void {
    this.graph.node(cell)?.doubt();
  }

  /** Stops a cell's run: its abort signal fires, and it is an error with the code `cancelled`. */
  cancel(cell: number): void {
    this.graph.node(cell)?.cancel();
  }

  /** Keeps a cell from running, or lets it run again. What depends on it is blocked meanwhile. */
  setDisabled(cell: number, disabled: boolean): void {
    if (disabled) this.disabled.add(cell);
    else this.disabled.delete(cell);
    const node = this.graph.node(cell);
    if (node === undefined || node.isDisabled === disabled) return;
    node.isDisabled = disabled;
    this.place();
  }

  /**
   * The value of a name, once it has one; of a generator the newest. Rejects as the cell does. A
   * name that nothing defines rejects too.
   */
  value(name: string): Promise<unknown> {
    if (this.isDisposed) return Promise.reject(new CellFault(closedFault));
    this.wave.schedule();
    return this.waiters.wait(name);
  }

  /** What is known about a cell; undefined if there is no such cell. */
  status(cell: number): CellStatus | undefined {
    return this.graph.node(cell)?.status();
  }

  /**
   * Why a cell ran again, or why it is stale: the parts of its fingerprint that differ between its
   * last run and the finished one before, such as its code, a value that it reads, or a file.
   *
   * @returns undefined for an unknown cell, and where there is no finished run to compare with
   */
  explain(cell: number): Explanation | undefined {
    return this.graph.node(cell)?.explain();
  }

  /** What is known about each cell. */
  statuses(): readonly CellStatus[] {
    return Array.from(this.graph.nodes(), (node) => node.status());
  }

  /**
   * Resolves when nothing is queued or running. Cells that wait for a person, and generators that
   * have given a value and may give more, do not count.
   */
  async settled(): Promise<void> {
    await this.calm.settled();
  }

  /**
   * By cell, the key under which `results` has what the cell came to: of each that is fresh and whose
   * result is kept. Resolves once all of them are written. What cells came to before is not named.
   */
  keptResults(): Promise<ReadonlyMap<number, string>> {
    return keptResults(() => this.graph.nodes(), this.context.keeper);
  }

  /** Forgets what cells came to before; what they show now stays. A store is its owner's to empty. */
  forgetResults(): void {
    this.memory.clear();
  }

  /** Ends everything: signals fire, streams close, no observer is called any more. */
  dispose(): void {
    this.isDisposed = true;
    this.wave.stop();
    this.news = [];
    this.graph.clear();
    this.given.close();
    this.memory.clear();
    this.waiters.reject(new CellFault(closedFault));
    this.calm.look();
  }

  /** Takes a cell in, unless it is what it was; gives whether the graph must be placed anew. */
  private take(cell: Cell): boolean {
    const compiled = this.sources.take(cell);
    if (compiled === undefined) return false;
    if (compiled !== "later") return this.put(compiled);
    this.graph.node(cell.id)?.awaitCode();
    return true;
  }

  private takeLate(compiled: GraphCell, isAsked: boolean): void {
    if (this.isDisposed) return;
    this.put(compiled);
    // what it defines was not known
    this.place();
    if (isAsked) this.run(compiled.cell.id);
  }

  private takeCompiled(compiled: GraphCell): boolean {
    this.sources.takeCompiled(compiled);
    return this.put(compiled);
  }

  private put(compiled: GraphCell): boolean {
    const moved = this.graph.put(compiled, this.context);
    const node = this.graph.node(compiled.cell.id);
    if (node !== undefined) node.isDisabled = this.disabled.has(compiled.cell.id);
    return moved;
  }

  private removeOthers(cells: readonly Cell[]): boolean {
    const gone = this.sources.keepOnly(cells);
    for (const id of gone) this.graph.remove(id);
    return gone.length > 0;
  }

  private place(): void {
    this.graph.place(this.sources.isCompiling);
  }

  /** At the end of each wave: what changed, in the order in which it did. */
  private tell(): void {
    const { observer } = this.options;
    const { news } = this;
    if (news.length > 0) this.news = [];
    const failures: unknown[] = [];
    for (const node of news) {
      // an observer may change the cells, and end it all
      if (this.graph.node(node.id) !== node) continue;
      try {
        observer?.status?.(node.tell());
      } catch (error) {
        failures.push(error);
      }
    }
    this.waiters.answer((name) =>
      // a cell that is being compiled may define it
      this.sources.isCompiling && this.graph.definer(name) === undefined
        ? undefined
        : this.graph.variable(name),
    );
    this.calm.look();
    if (failures.length > 0) throw failures[0];
  }

  private isBusy(): boolean {
    if (this.isDisposed) return false;
    if (this.wave.isBusy || this.sources.isCompiling) return true;
    for (const { state } of this.graph.nodes())
      if (state === "running" || state === "queued") return true;
    return false;
  }
}

const closedFault = { name: "Error", code: "disposed", message: "The workbook was closed" };
