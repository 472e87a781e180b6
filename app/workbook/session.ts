import type { Completion } from "@codemirror/autocomplete";
import type { SQLNamespace } from "@codemirror/lang-sql";
import type { CardAction } from "../../cells/card.ts";
import { count } from "../../cells/number-format.ts";
import type { FrameReport } from "../../cells/report/frame-report.ts";
import type { StaticTools } from "../../cells/report/static-output.ts";
import type { OpenDocument, ShellApi } from "../../cells/shell-api.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import type { Table } from "../../data/table.ts";
import type { Cell, CellMode, CellPolicy, CellStatus } from "../../runtime/cell.ts";
import type { Explanation } from "../../runtime/fingerprint-explanation.ts";
import { parseNotebook, serializeNotebook } from "../../runtime/notebook.ts";
import type { Workbook } from "../../runtime/workbook.ts";
import type { WorkbookObserver } from "../../runtime/workbook-options.ts";
import { policyOf } from "./cell-policy.ts";
import { Completions } from "./completions.ts";
import { Definitions } from "./definitions.ts";
import {
  openDocument,
  redo,
  undo,
  withAttributes,
  withMovedCell,
  withNewCell,
  withoutCell,
  withSource,
  type NotebookDocument,
} from "./document.ts";
import { Drafts } from "./drafts.ts";
import { KnownStatuses } from "./known-statuses.ts";
import { NotebookView, type NotebookHost } from "./notebook-view.ts";
import { frameReport } from "./report/frame-report.ts";
import { RunningCell } from "./running-cell.ts";
import { toast } from "./toast.ts";
import { waitingText, type WaitingContext } from "./waiting-text.ts";

/** What an open workbook is made of besides its text. */
export interface SessionParts {
  readonly shell: ShellApi;
  /** names that cells have without defining them */
  readonly builtinNames: readonly string[];
  /** makes the graph that runs the cells */
  graph(observer: WorkbookObserver): Workbook;
  /** empties the result cache of the workbook; gives how many results there were */
  forgetResults(): Promise<number>;
  draw: NotebookHost["draw"];
  /** what draws values for a report */
  readonly staticTools: StaticTools;
}

/** One workbook, open: its text under edit, the graph that runs it, and its page. */
export class Session implements NotebookHost {
  readonly view: NotebookView;
  private readonly graph: Workbook;
  private readonly definitions = new Definitions();
  private readonly statuses = new KnownStatuses();
  private readonly completed: Completions;
  private readonly drafts: Drafts;
  private document: NotebookDocument;
  /** whether nothing runs but what the person runs */
  private isHeld: boolean;

  constructor(
    private readonly parts: SessionParts,
    opened: OpenDocument,
  ) {
    this.document = openDocument(parseNotebook(opened.text));
    this.isHeld = opened.held;
    this.completed = new Completions(parts.builtinNames);
    this.drafts = new Drafts(
      () => this.text(),
      (text) => parts.shell.draft(text),
    );
    this.view = new NotebookView(this);
    this.graph = parts.graph(this.observer());
    for (const id of opened.disabled) this.graph.setDisabled(id, true);
  }

  /** Shows the cells and lets them run; once, when the view stands on the page. */
  start(): void {
    this.show();
  }

  /** The text as it would be saved. */
  text(): string {
    return serializeNotebook(this.document.notebook);
  }

  /** Runs what is stale, and what was edited and not run. */
  runStale(): void {
    this.define(this.cells.filter((cell) => this.definitions.isEdited(cell)));
    this.graph.runStale();
  }

  /** Runs every cell as it is written now. */
  runAll(): void {
    this.define(this.cells);
    this.graph.runAll();
  }

  /** Runs a cell and, before it, what it depends on that is stale or was edited and not run. */
  runTo(id: number): void {
    const needed = this.statuses.needed(id);
    this.define(this.cells.filter((cell) => needed.has(cell.id)));
    this.graph.runTo(id);
  }

  /** Forgets all results that are kept, and says under the page how many they were. */
  async forgetResults(): Promise<void> {
    this.graph.forgetResults();
    const forgotten = await this.parts.forgetResults();
    if (forgotten === 0) toast("There were no cached results");
    else toast(`Forgot ${count(forgotten, "cached result")}`);
  }

  /** The workbook as it stands, for a report. */
  async report(): Promise<FrameReport> {
    const ran = this.definitions.graphCells(this.cells);
    const context: WaitingContext = {
      statusOf: (id) => this.statusOf(id),
      definerOf: (name) => this.definerOf(name),
      explain: (id) => this.explain(id),
    };
    const cells = this.cells.map((cell, i) => ({
      ran: ran[i] ?? cell,
      status: this.statuses.get(cell.id),
      isEdited: this.definitions.isEdited(cell),
      waitsFor: waitingText(cell.id, context)?.replaceAll("`", ""),
      shown: this.view.shownBy(cell.id),
    }));
    return await frameReport(this.text(), cells, this.parts.staticTools);
  }

  /** The workbook as it stands, to be published. */
  async share(): Promise<SharedWorkbook> {
    const report = await this.report();
    const kept = [...(await this.graph.keptResults())];
    // what was edited and not run may hold what the person has just taken out
    const results = kept.flatMap(([id, key]) => (this.dependsOnEdited(id) ? [] : [key]));
    return { report, results: [...new Set(results)] };
  }

  /** Lets a workbook run that was opened held, as it was when its cells last ran. */
  release(): void {
    this.isHeld = false;
    this.graph.release();
  }

  /** Writes the text to disk; says so under the page when that fails. */
  async save(): Promise<void> {
    try {
      await this.parts.shell.save(this.text());
    } catch (error) {
      toast(
        error instanceof Error ? error.message : "The workbook could not be saved",
        undefined,
        "error",
      );
      throw error;
    }
  }

  draw: NotebookHost["draw"] = (value, before) => this.parts.draw(value, before);

  statusOf(id: number): CellStatus | undefined {
    return this.statuses.get(id);
  }

  explain(id: number): Explanation | undefined {
    return this.graph.explain(id);
  }

  definerOf(name: string): number | undefined {
    return this.statuses.definerOf(name);
  }

  cellOf(id: number): Cell | undefined {
    return this.cells.find((cell) => cell.id === id);
  }

  isEdited(id: number): boolean {
    const cell = this.cellOf(id);
    return cell !== undefined && this.definitions.isEdited(cell);
  }

  edited(id: number, source: string): void {
    this.document = withSource(this.document, id, source);
    this.view.setEdited(id);
    this.drafts.note();
  }

  named(id: number, name: string): void {
    this.change(withAttributes(this.document, id, { output: name === "" ? undefined : name }));
    if (!this.isHeld) this.run(id);
  }

  run(id: number): void {
    const cell = this.cellOf(id);
    if (cell === undefined) return;
    const isEdited = this.definitions.isEdited(cell);
    this.define([cell]);
    const { error, volatile = false } = this.statuses.get(id) ?? {};
    // The graph runs an edited cell by itself, unless it knows what the text comes to.
    const isFree = policyOf(cell) === "auto" && !this.isHeld;
    const runsByItself = isEdited && isFree && !volatile && error === undefined;
    if (!runsByItself) this.graph.run(id);
  }

  /** Has a cell run, or wait to, whose cached result is not all there was. */
  doubt(id: number): void {
    this.graph.doubt(id);
  }

  cancel(id: number): void {
    this.graph.cancel(id);
  }

  insert(before: number | undefined, mode: CellMode): number {
    const { document, id } = withNewCell(this.document, before, mode);
    this.change(document);
    return id;
  }

  move(id: number, step: number): void {
    this.change(withMovedCell(this.document, id, step));
  }

  setMode(id: number, mode: CellMode): void {
    this.change(withAttributes(this.document, id, { mode }));
  }

  setPinned(id: number, pinned: boolean): void {
    this.change(withAttributes(this.document, id, { pinned }));
  }

  setPolicy(id: number, policy: CellPolicy): void {
    const stored = policy === "auto" ? undefined : policy;
    this.change(withAttributes(this.document, id, { policy: stored }));
  }

  setDisabled(id: number, disabled: boolean): void {
    this.graph.setDisabled(id, disabled);
  }

  remove(id: number): void {
    this.change(withoutCell(this.document, id));
    toast("Cell deleted", { label: "Undo", choose: () => this.undo() });
  }

  undo(): void {
    this.change(undo(this.document));
  }

  redo(): void {
    this.change(redo(this.document));
  }

  completions(): readonly Completion[] {
    const defined = this.cells.flatMap(({ id }) => this.statuses.get(id)?.defines ?? []);
    return this.completed.names(defined);
  }

  tables(): SQLNamespace {
    return this.completed.tables();
  }

  tableShown(table: Table): void {
    this.completed.tableShown(table);
  }

  /** A card's button was pressed. A card can only ask. */
  act({ action, key }: CardAction): void {
    const { shell } = this.parts;
    void (action === "ask" ? shell.ask(key) : shell.cancel(key)).catch((error: unknown) =>
      toast(error instanceof Error ? error.message : String(error), undefined, "error"),
    );
  }

  /** Takes the workbook off the page and stops its cells. */
  close(): void {
    this.graph.dispose();
    this.view.destroy();
  }

  private get cells(): readonly Cell[] {
    return this.document.notebook.cells;
  }

  /** Takes cells into the graph as they are written; those that changed run, or become stale. */
  private define(cells: readonly Cell[]): void {
    this.drafts.flush();
    for (const cell of cells) this.definitions.run(cell);
    this.graph.setCells(this.definitions.graphCells(this.cells));
    for (const { id } of cells) this.view.setEdited(id);
  }

  private dependsOnEdited(id: number): boolean {
    return [...this.statuses.needed(id)].some((each) => this.isEdited(each));
  }

  private change(document: NotebookDocument): void {
    if (document === this.document) return;
    this.document = document;
    this.drafts.note();
    this.show();
  }

  private show(): void {
    const cells = this.definitions.graphCells(this.cells);
    this.statuses.keepOnly((id) => this.cellOf(id) !== undefined);
    this.view.show(this.cells);
    this.graph.setCells(cells);
    for (const cell of this.cells) this.view.setEdited(cell.id);
    document.title = this.document.notebook.title;
  }

  private observer(): WorkbookObserver {
    const running = new RunningCell((cell) => {
      this.parts.shell.running(cell).catch(() => undefined);
    });
    return {
      status: (status) => {
        this.statuses.set(status);
        this.view.setStatus(status);
      },
      clear: (cell) => this.view.begin(cell),
      display: (cell, slot, value) => this.view.display(cell, slot, value),
      running: (cell) => running.set(cell),
    };
  }
}
