import type { Cell, CellMode, CellStatus } from "../../runtime/cell.ts";
import { CellToolbar, openInsertMenu, type CellCommands } from "./cell-toolbar.ts";
import { CellView, type CellHost } from "./cell-view.ts";
import { CommandKeys, type Command } from "./command-keys.ts";
import { Contents } from "./contents.ts";
import { element } from "./element.ts";
import { icon } from "./icon.ts";
import { showKeysHelp } from "./keys-help.ts";
import { editableModes, modeNames } from "./language.ts";

/** What the view asks of the session that holds document and graph. */
export interface NotebookHost
  extends
    Omit<CellCommands, "insert" | "below" | "run">,
    Pick<CellHost, "edited" | "named" | "completions" | "tables" | "draw"> {
  run(id: number): void;
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
  private readonly empty = emptyMessage();
  private readonly changed = new Set<number>();
  private readonly approaching: IntersectionObserver;
  private order: readonly number[] = [];
  private selected: number | undefined;
  private frame: number | undefined;
  private ticking: number | undefined;

  constructor(private readonly host: NotebookHost) {
    this.toolbar = new CellToolbar({
      ...bound(host),
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
    this.root.append(this.empty, this.list, this.addButtons());
    this.list.addEventListener("pointerover", (event) => this.hovered(event));
    this.list.addEventListener("focusin", (event) => this.focused(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** Puts the contents beside the notebook. */
  mount(parent: HTMLElement): void {
    parent.append(this.contents.root, this.root);
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
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.drawStates();
    });
  }

  setEdited(id: number): void {
    this.views.get(id)?.setEdited(this.host.isEdited(id));
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
      leave: (id) => this.select(id),
      reveal: (id) => this.reveal(id),
      enable: (id) => host.setDisabled(id, false),
      insertMenu: (anchor, before) =>
        openInsertMenu(anchor, { insert: (at, mode) => this.insert(at, mode) }, before),
      statusOf: (id) => host.statusOf(id),
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
    for (const view of this.views.values()) view.refreshMessage();
    this.toolbar.refresh();
    this.tick();
  }

  /** Counts the seconds of what runs, as long as something does. */
  private tick(): void {
    const running = [...this.views.values()].filter((view) => view.isRunning);
    for (const view of running) view.drawTime();
    window.clearTimeout(this.ticking);
    if (running.length > 0) this.ticking = window.setTimeout(() => this.tick(), 100);
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
  private pressed(event: KeyboardEvent): void {
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
    if (command !== undefined && this.obey(command)) event.preventDefault();
  }

  private obey(command: Command): boolean {
    if (command === "help") showKeysHelp();
    else if (command === "undo") this.host.undo();
    else if (command === "redo") this.host.redo();
    else if (this.selected === undefined) return this.enter(command);
    else this.obeyFor(command, this.selected);
    return true;
  }

  /** Nothing is selected yet: the first step selects an end. */
  private enter(command: Command): boolean {
    const end = command === "previous" || command === "last" ? this.order.at(-1) : this.order[0];
    const isStep = ["next", "previous", "first", "last"].includes(command);
    if (!isStep || end === undefined) return false;
    this.select(end);
    return true;
  }

  private obeyFor(command: Command, id: number): void {
    const at = this.order.indexOf(id);
    const { host } = this;
    const step: Partial<Record<Command, () => void>> = {
      next: () => this.select(this.order[at + 1] ?? id),
      previous: () => this.select(this.order[at - 1] ?? id),
      first: () => this.select(this.order[0] ?? id),
      last: () => this.select(this.order.at(-1) ?? id),
      edit: () => this.views.get(id)?.edit(),
      run: () => host.run(id),
      runAndAdvance: () => this.runAndAdvance(id),
      insertAbove: () => this.insert(id, "js"),
      insertBelow: () => this.insert(this.below(id), "js"),
      moveUp: () => this.move(id, -1),
      moveDown: () => this.move(id, 1),
      toggleSource: () => host.setPinned(id, !(host.cellOf(id)?.pinned ?? false)),
      toJavaScript: () => host.setMode(id, "js"),
      toMarkdown: () => host.setMode(id, "md"),
      toSql: () => host.setMode(id, "sql"),
      remove: () => {
        const next = this.order[at + 1] ?? this.order[at - 1];
        host.remove(id);
        if (next !== undefined) this.select(next);
      },
    };
    step[command]?.();
  }

  private move(id: number, step: -1 | 1): void {
    this.host.move(id, step);
    this.select(id);
  }

  private addButtons(): HTMLElement {
    return element(
      "div",
      { class: "add-cell" },
      ...editableModes.map((mode) =>
        element(
          "button",
          {
            attributes: { type: "button", "aria-label": `Add a ${modeNames[mode]} cell` },
            on: { click: () => this.insert(undefined, mode) },
          },
          icon("plus"),
          modeNames[mode],
        ),
      ),
    );
  }
}

function cellOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element
    ? (target.closest<HTMLElement>(".cell") ?? undefined)
    : undefined;
}

/** The host's commands as plain functions that can be mixed with others. */
function bound(host: NotebookHost): Omit<CellCommands, "insert" | "below"> {
  return {
    run: (id) => host.run(id),
    cancel: (id) => host.cancel(id),
    move: (id, step) => host.move(id, step),
    setMode: (id, mode) => host.setMode(id, mode),
    setPinned: (id, pinned) => host.setPinned(id, pinned),
    setDisabled: (id, disabled) => host.setDisabled(id, disabled),
    remove: (id) => host.remove(id),
    statusOf: (id) => host.statusOf(id),
    cellOf: (id) => host.cellOf(id),
  };
}

function emptyMessage(): HTMLElement {
  return element(
    "div",
    { class: "empty-workbook" },
    element("h1", { text: "An empty workbook" }),
    element("p", {
      text: "Add a first cell below: SQL to read a file of the workspace, Markdown to say what you are after, JavaScript for everything else.",
    }),
  );
}
