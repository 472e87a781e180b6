import type { Completion } from "@codemirror/autocomplete";
import type { SQLNamespace } from "@codemirror/lang-sql";
import type { Cell, CellStatus } from "../../runtime/cell.ts";
import type { Explanation } from "../../runtime/fingerprint-explanation.ts";
import { isNotRun } from "../../runtime/cell-fault.ts";
import { modeNames } from "../mode-names.ts";
import { CalmStatus } from "./calm-status.ts";
import { CellMessages, type CellMessageLinks } from "./cell-messages.ts";
import { CellOutput, type DrawValue } from "./cell-output.ts";
import { CellSource } from "./cell-source.ts";
import { CellTags } from "./cell-tags.ts";
import { durationText } from "./duration.ts";
import { element } from "./element.ts";
import { icon } from "./icon.ts";
import { isProse } from "./language.ts";
import { makeNameField } from "./name-field.ts";
import { disabledAbove, statusIcon, statusText } from "./status-text.ts";
import { waitingText } from "./waiting-text.ts";

/** What a cell's view tells and asks of the workbook around it. */
export interface CellHost {
  edited(id: number, source: string): void;
  named(id: number, name: string): void;
  run(id: number, advance: boolean): void;
  runTo(id: number): void;
  /** offers when the cell runs */
  policyMenu(anchor: HTMLElement, id: number): void;
  /** the person leaves the editor for the cell */
  leave(id: number): void;
  reveal(id: number): void;
  enable(id: number): void;
  insertMenu(anchor: HTMLElement, before: number): void;
  statusOf(id: number): CellStatus | undefined;
  /** why a cell ran again or is stale */
  explain(id: number): Explanation | undefined;
  /** the cell that defines a name */
  definerOf(name: string): number | undefined;
  completions(): readonly Completion[];
  tables(): SQLNamespace;
  draw: DrawValue;
}

/** One cell on the page: its state in the margin, its output, and below it its source. */
export class CellView {
  readonly root: HTMLElement;
  readonly output: CellOutput;
  private readonly source: CellSource;
  private readonly state = element("span", { class: "cell-state", attributes: { role: "img" } });
  private readonly names = element("span", { class: "cell-names" });
  private readonly time = element("span", { class: "cell-time" });
  private readonly edited = element("span", { class: "cell-edited", text: "edited, not run" });
  private readonly messages: CellMessages;
  private readonly nameField: HTMLInputElement;
  private readonly tags: CellTags;
  private readonly links: CellMessageLinks;
  private readonly calm = new CalmStatus();
  private status: CellStatus | undefined;
  /** why the cell waits, if it does */
  private waits: string | undefined;
  private isEditing = false;
  private startedAt: number | undefined;

  constructor(
    private cell: Cell,
    private readonly host: CellHost,
  ) {
    const { id } = cell;
    this.output = new CellOutput(host.draw);
    this.source = new CellSource(cell, `Cell ${id}`, {
      changed: (source) => host.edited(id, source),
      run: (advance) => host.run(id, advance),
      leave: () => host.leave(id),
      completions: () => host.completions(),
      tables: () => host.tables(),
    });
    this.nameField = makeNameField({
      named: (name) => host.named(id, name),
      leave: () => host.leave(id),
      goOn: () => this.source.edit(),
    });
    this.tags = new CellTags((anchor) => host.policyMenu(anchor, id));
    this.links = {
      statusOf: (other) => host.statusOf(other),
      definerOf: (name) => host.definerOf(name),
      explain: (other) => host.explain(other),
      reveal: (other) => host.reveal(other),
      run: () => host.run(id, false),
      runTo: () => host.runTo(id),
      goToLine: (line) => this.edit({ line }),
      enable: (other) => host.enable(other),
    };
    this.messages = new CellMessages(this.output.root, this.links, () =>
      this.root.focus({ preventScroll: true }),
    );
    this.root = element(
      "section",
      { class: "cell", attributes: { id: `cell-${id}`, tabindex: "-1", "data-id": String(id) } },
      this.insertButton(),
      element("div", { class: "cell-gutter", attributes: { draggable: "true" } }, this.state),
      element(
        "div",
        { class: "cell-main" },
        this.tags.root,
        this.messages.above,
        this.output.root,
        element(
          "div",
          { class: "cell-code" },
          this.nameField,
          this.source.root,
          element("div", { class: "cell-meta" }, this.names, this.time, this.edited),
        ),
        this.messages.below,
      ),
    );
    this.root.addEventListener("focusin", () => this.setEditing(this.hasEditorFocus()));
    this.root.addEventListener("focusout", (event) => {
      const to = event.relatedTarget;
      if (!(to instanceof Node && this.root.contains(to))) this.setEditing(false);
    });
    this.editOnClick();
    this.state.addEventListener("pointerenter", () => this.drawTime());
    this.edited.hidden = true;
    this.update(cell);
  }

  /** Shows a cell whose source, mode or attributes changed. */
  update(cell: Cell): void {
    this.cell = cell;
    this.source.update(cell);
    this.root.dataset["mode"] = cell.mode;
    this.root.dataset["pinned"] = String(cell.pinned);
    this.nameField.hidden = cell.mode !== "sql";
    if (document.activeElement !== this.nameField) this.nameField.value = cell.output ?? "";
    this.tags.draw(cell, this.status);
    this.label();
    this.drawVisibility();
    this.drawMessages();
  }

  /** Marks a cell whose text is not what ran last. */
  setEdited(isEdited: boolean): void {
    this.edited.hidden = !isEdited;
    this.root.classList.toggle("edited", isEdited);
  }

  setStatus(status: CellStatus): void {
    if (status.state === "running") this.startedAt ??= performance.now();
    else this.startedAt = undefined;
    if (status.state !== "running" && status.state !== "queued") this.output.settle();
    this.calm.set(status, performance.now());
    this.drawStatus();
  }

  /**
   * Draws the state that there is to show, which time alone may change, but not what names other
   * cells; {@link drawMessages} must follow.
   *
   * @returns whether another state is shown than before
   */
  drawStatus(): boolean {
    const status = this.calm.at(performance.now());
    const isNew = status !== undefined && status !== this.status;
    if (isNew) this.show(status);
    else this.drawTime();
    return isNew;
  }

  /** The status that the page shows. */
  get shownStatus(): CellStatus | undefined {
    return this.status;
  }

  /** Draws what names other cells, once all show their states. */
  drawMessages(): void {
    const { status } = this;
    if (status === undefined) return;
    this.waits = waitingText(status.id, this.links);
    this.messages.draw(status, this.waits);
    this.drawSign(status);
    if (this.waits !== undefined) this.drawTime();
  }

  /** Draws the time that counts while the body runs. */
  drawTime(): void {
    const { status } = this;
    if (status === undefined) return;
    const elapsed =
      this.startedAt === undefined || status.state !== "running"
        ? undefined
        : performance.now() - this.startedAt;
    const waits = this.waits?.replaceAll("`", "");
    this.state.setAttribute("aria-label", statusText(status, elapsed, undefined, waits));
    // why it ran costs digests, so it is asked for only where a person looks
    const why = this.state.matches(":hover") ? this.host.explain(status.id) : undefined;
    this.state.dataset["tip"] = statusText(status, elapsed, why, waits);
    const shown = elapsed ?? status.duration;
    this.time.textContent = shown === undefined || status.disabled ? "" : durationText(shown);
  }

  /** Whether time alone changes what is to be seen. */
  get isTicking(): boolean {
    return this.startedAt !== undefined || this.calm.isHolding;
  }

  /** Comes near the sight. */
  approach(): void {
    this.source.colour();
  }

  edit(at?: Parameters<CellSource["edit"]>[0]): void {
    this.isEditing = true;
    this.drawVisibility();
    this.source.edit(at);
  }

  destroy(): void {
    this.source.destroy();
    this.root.remove();
  }

  /** Text opens for editing by a second click: the first may be to read, to copy or to select. */
  private editOnClick(): void {
    let wasSelected = false;
    this.output.root.addEventListener("pointerdown", () => {
      wasSelected = this.root.classList.contains("selected");
    });
    this.output.root.addEventListener("click", ({ target, detail }) => {
      const isControl = target instanceof Element && target.closest("a, button, input, summary");
      const isReading = detail < 2 && !(getSelection()?.isCollapsed ?? true);
      if (isProse(this.cell.mode) && wasSelected && isControl === null && !isReading) this.edit();
    });
  }

  private hasEditorFocus(): boolean {
    const code = this.root.querySelector(".cell-code");
    return code?.contains(document.activeElement) ?? false;
  }

  private setEditing(isEditing: boolean): void {
    if (this.isEditing === isEditing) return;
    this.isEditing = isEditing;
    this.drawVisibility();
  }

  /** Source hides only where there is something else to see. */
  private drawVisibility(): void {
    this.root.classList.toggle("editing", this.isEditing);
    const isValueless = this.status?.state === "error" || isNotRun(this.status?.error);
    const isBlank = this.cell.source.trim() === "";
    const shown = this.cell.pinned || this.isEditing || isValueless || isBlank;
    this.root.classList.toggle("source-hidden", !shown);
  }

  private show(status: CellStatus): void {
    this.status = status;
    this.waits = undefined;
    this.root.dataset["state"] = status.disabled ? "disabled" : status.state;
    this.names.replaceChildren(
      ...status.defines.map((name) => element("span", { class: "cell-name", text: name })),
    );
    this.names.title = status.defines.join(", ");
    this.source.showError(status.state === "error" ? status.error : undefined);
    this.tags.draw(this.cell, status);
    this.drawTime();
    this.drawVisibility();
  }

  private drawSign(status: CellStatus): void {
    const isOutOfUse = disabledAbove(status, (id) => this.host.statusOf(id)) !== undefined;
    this.root.classList.toggle("out-of-use", isOutOfUse);
    const sign = statusIcon(status, isOutOfUse);
    if (this.state.dataset["sign"] === sign) return;
    this.state.dataset["sign"] = sign;
    this.state.replaceChildren(icon(sign));
  }

  private label(): void {
    const defines = this.status?.defines.join(", ") ?? "";
    const name = defines === "" ? "" : `, defines ${defines}`;
    this.root.setAttribute("aria-label", `${modeNames[this.cell.mode]} cell${name}`);
  }

  private insertButton(): HTMLElement {
    const button = element(
      "button",
      {
        class: "insert-here",
        attributes: { type: "button", tabindex: "-1", "aria-label": "Insert a cell here" },
        on: { click: () => this.host.insertMenu(button, this.cell.id) },
      },
      icon("plus"),
    );
    return button;
  }
}
