import type { Cell, CellMode, CellStatus } from "../../runtime/cell.ts";
import { addButtons, emptyMessage } from "./add-cell.ts";
import {
  CellToolbar,
  openInsertMenu,
  openPolicyMenu,
  plainCommands,
  type CellCommands,
} from "./cell-toolbar.ts";
import type { Shown } from "./cell-output.ts";
import { CellView, type CellHost } from "./cell-view.ts";
import { dragCells } from "./cell-drag.ts";
import { CommandKeys } from "./command-keys.ts";
import { Contents } from "./contents.ts";
import { element } from "./element.ts";
import { obeyCommand, type CommandTarget } from "./obey-command.ts";
import { StaleCount, staleCounts } from "./stale-count.ts";

/** What the view asks of the session that holds document and graph. */
export interface NotebookHost
  extends
    Omit<CellCommands, "insert" | "below" | "run">,
    Pick<
      CellHost,
      "edited" | "named" | "explain" | "definerOf" | "completions" | "tables" | "draw"
    > {
  run(id: number): void;
  /** runs what is stale, and what was edited and not run */
  runStale(): void;
  runAll(): void;
  /** puts a new cell before another one, or at the end, and gives its id */
  insert(before: number | undefined, mode: CellMode): number;
  undo(): void;
  redo(): void;
  isEdited(id: number): boolean;
}

/** The cells on the page, which of them is selected, and what keys do to them. */
export class NotebookView {
  readonly root = element("main", { class: "notebook", attributes: { "aria-label": "Workbook" } });
  private readonly list = element("div", { class: "cells" });
  private readonly views = new Map<number, CellView>();
  private readonly keys = new CommandKeys();
  private readonly toolbar: CellToolbar;
  private readonly contents = new Contents((id) => this.reveal(id));
  private readonly staleCount: StaleCount;
  private readonly empty = emptyMessage();
  private readonly changed = new Set<number>();
  private readonly approaching: IntersectionObserver;
  private readonly commandTarget: CommandTarget;
  private order: readonly number[] = [];
  private selected: number | undefined;
  private frame: number | undefined;
  private ticking: number | undefined;

  constructor(private readonly host: NotebookHost) {
    this.staleCount = new StaleCount(() => host.runStale());
    this.toolbar = new CellToolbar({
      ...plainCommands(host),
      statusOf: (id) => this.shownStatus(id),
      insert: (before, mode) => this.insert(before, mode),
      below: (id) => this.below(id),
    });
    this.approaching = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting) this.viewOf(target)?.approach();
      },
      { rootMargin: "600px 0px" },
    );
    this.commandTarget = {
      order: () => this.order,
      selected: () => this.selected,
      select: (id) => this.select(id),
      edit: (id) => this.views.get(id)?.edit(),
      insert: (before, mode) => this.insert(before, mode),
      runAndAdvance: (id) => this.runAndAdvance(id),
      host,
    };
    this.root.append(
      this.empty,
      this.list,
      addButtons((mode) => this.insert(undefined, mode)),
      this.staleCount.root,
    );
    dragCells(this.list, (id, before) => this.moveBefore(id, before));
    this.list.addEventListener("pointerover", (event) => this.hovered(event));
    this.list.addEventListener("focusin", (event) => this.focused(event));
    document.addEventListener("keydown", this.pressed);
  }

  /** Puts the contents beside the notebook. */
  mount(parent: HTMLElement): void {
    parent.append(this.contents.root, this.root);
  }

  /** Where a cell stands on the page, if it is there. */
  rootOf(id: number): HTMLElement | undefined {
    return this.views.get(id)?.root;
  }

  /** What a cell shows now. */
  shownBy(id: number): readonly Shown[] {
    return this.views.get(id)?.output.shown() ?? [];
  }

  /** Takes everything off the page. */
  destroy(): void {
    document.removeEventListener("keydown", this.pressed);
    this.approaching.disconnect();
    window.clearTimeout(this.ticking);
    for (const view of this.views.values()) view.destroy();
    this.contents.root.remove();
    this.root.remove();
  }

  /** Shows these cells in this order; views of cells that stay are kept as they are. */
  show(cells: readonly Cell[]): void {
    const ids = new Set(cells.map((cell) => cell.id));
    for (const [id, view] of this.views) if (!ids.has(id)) this.drop(id, view);
    for (const cell of cells) {
      const view = this.views.get(cell.id);
      if (view === undefined) this.views.set(cell.id, this.create(cell));
      else view.update(cell);
    }
    this.order = cells.map((cell) => cell.id);
    this.arrange();
    this.empty.hidden = cells.length > 0;
    if (this.selected !== undefined && !ids.has(this.selected)) this.selected = undefined;
    this.toolbar.refresh();
    this.contents.refresh(this.order, this.list);
  }

  /** A cell's state has changed; drawn with the next frame, once for however many changes. */
  setStatus(status: CellStatus): void {
    this.changed.add(status.id);
    this.drawSoon();
  }

  private drawSoon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.drawStates();
    });
  }

  setEdited(id: number): void {
    this.views.get(id)?.setEdited(this.host.isEdited(id));
    this.drawSoon();
  }

  /** A run of a cell's body begins. */
  begin(id: number): void {
    this.views.get(id)?.output.begin();
  }

  display(id: number, slot: number, value: unknown): void {
    this.views.get(id)?.output.show(slot, value);
    this.contents.refresh(this.order, this.list);
  }

  /** Brings a cell into sight and selects it. */
  reveal(id: number): void {
    this.views.get(id)?.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
    this.select(id);
  }

  /** Makes a new cell and goes into it. */
  insert(before: number | undefined, mode: CellMode): void {
    const id = this.host.insert(before, mode);
    this.select(id);
    this.views.get(id)?.edit();
  }

  private create(cell: Cell): CellView {
    const { host } = this;
    const view = new CellView(cell, {
      edited: (id, source) => host.edited(id, source),
      named: (id, name) => host.named(id, name),
      run: (id, advance) => (advance ? this.runAndAdvance(id) : host.run(id)),
      runTo: (id) => host.runTo(id),
      policyMenu: (anchor, id) => {
        const now = host.cellOf(id);
        if (now !== undefined) openPolicyMenu(anchor, host, now);
      },
      leave: (id) => this.select(id),
      reveal: (id) => this.reveal(id),
      enable: (id) => host.setDisabled(id, false),
      insertMenu: (anchor, before) =>
        openInsertMenu(anchor, { insert: (at, mode) => this.insert(at, mode) }, before),
      statusOf: (id) => this.shownStatus(id),
      explain: (id) => host.explain(id),
      definerOf: (name) => host.definerOf(name),
      completions: () => host.completions(),
      tables: () => host.tables(),
      draw: (value, before) => host.draw(value, before),
    });
    this.approaching.observe(view.root);
    return view;
  }

  private drop(id: number, view: CellView): void {
    this.toolbar.detach(id);
    this.approaching.unobserve(view.root);
    view.destroy();
    this.views.delete(id);
  }

  /** Puts the views in order, moving only those that stand elsewhere: a moved input loses focus. */
  private arrange(): void {
    let next = this.list.firstElementChild;
    for (const id of this.order) {
      const root = this.views.get(id)?.root;
      if (root === undefined) continue;
      if (root === next) next = next.nextElementSibling;
      else this.list.insertBefore(root, next);
    }
  }

  private drawStates(): void {
    for (const id of this.changed) {
      const status = this.host.statusOf(id);
      if (status !== undefined) this.views.get(id)?.setStatus(status);
    }
    this.changed.clear();
    this.drawMessages();
    this.tick();
  }

  private drawMessages(): void {
    for (const view of this.views.values()) view.drawMessages();
    this.staleCount.draw(
      staleCounts(this.order, {
        statusOf: (id) => this.shownStatus(id),
        definerOf: (name) => this.host.definerOf(name),
        explain: (id) => this.host.explain(id),
        isEdited: (id) => this.host.isEdited(id),
      }),
    );
    this.toolbar.refresh();
  }

  /** Shows what time alone changes: the seconds of what runs, and that something has begun to. */
  private tick(): void {
    const ticking = [...this.views.values()].filter((view) => view.isTicking);
    if (ticking.filter((view) => view.drawStatus()).length > 0) this.drawMessages();
    window.clearTimeout(this.ticking);
    if (ticking.length > 0) this.ticking = window.setTimeout(() => this.tick(), 100);
  }

  private shownStatus(id: number): CellStatus | undefined {
    return this.views.get(id)?.shownStatus ?? this.host.statusOf(id);
  }

  private select(id: number): void {
    const view = this.views.get(id);
    if (view === undefined) return;
    this.mark(id);
    view.root.focus({ preventScroll: true });
    view.root.scrollIntoView({ block: "nearest" });
  }

  private mark(id: number): void {
    const before = this.selected === undefined ? undefined : this.views.get(this.selected);
    before?.root.classList.remove("selected");
    before?.root.setAttribute("tabindex", "-1");
    this.selected = id;
    const view = this.views.get(id);
    view?.root.classList.add("selected");
    view?.root.setAttribute("tabindex", "0");
    if (view !== undefined) this.toolbar.attach(id, view.root);
  }

  private runAndAdvance(id: number): void {
    this.host.run(id);
    const next = this.below(id);
    this.select(next ?? id);
  }

  private below(id: number): number | undefined {
    return this.order[this.order.indexOf(id) + 1];
  }

  private hovered(event: Event): void {
    const cell = cellOf(event.target);
    if (cell !== undefined) this.toolbar.attach(Number(cell.dataset["id"]), cell);
  }

  private focused(event: Event): void {
    const cell = cellOf(event.target);
    if (cell !== undefined) this.mark(Number(cell.dataset["id"]));
  }

  private viewOf(node: Element): CellView | undefined {
    return node instanceof HTMLElement ? this.views.get(Number(node.dataset["id"])) : undefined;
  }

  /** Keys are commands only while a cell itself, or nothing, has the focus. */
  private readonly pressed = (event: KeyboardEvent): void => {
    const { target } = event;
    const isCell = target instanceof HTMLElement && target.classList.contains("cell");
    if (!(isCell || target === document.body) || event.defaultPrevented) return;
    const command = this.keys.read(
      {
        key: event.key,
        shiftKey: event.shiftKey,
        altKey: event.altKey,
        modKey: event.metaKey || event.ctrlKey,
      },
      event.timeStamp,
    );
    if (command !== undefined && obeyCommand(command, this.commandTarget)) event.preventDefault();
  };

  private moveBefore(id: number, before: number | undefined): void {
    const from = this.order.indexOf(id);
    const to = before === undefined ? this.order.length : this.order.indexOf(before);
    this.host.move(id, (to > from ? to - 1 : to) - from);
    this.select(id);
  }
}

function cellOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element
    ? (target.closest<HTMLElement>(".cell") ?? undefined)
    : undefined;
}
