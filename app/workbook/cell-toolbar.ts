import type { Cell, CellMode, CellPolicy, CellStatus } from "../../runtime/cell.ts";
import { isNotRun } from "../../runtime/cell-fault.ts";
import { modeNames } from "../mode-names.ts";
import { policies, policyNames, policyOf, policyTexts } from "./cell-policy.ts";
import { element } from "./element.ts";
import { icon, type IconName } from "./icon.ts";
import { editableModes } from "./language.ts";
import { openMenu, type MenuItem } from "./menu.ts";

/** What a person can do to a cell from its toolbar. */
export interface CellCommands {
  run(id: number): void;
  /** runs a cell and, before it, the stale ones that it depends on */
  runTo(id: number): void;
  cancel(id: number): void;
  insert(before: number | undefined, mode: CellMode): void;
  below(id: number): number | undefined;
  /** some places up (negative) or down */
  move(id: number, step: number): void;
  setMode(id: number, mode: CellMode): void;
  setPinned(id: number, pinned: boolean): void;
  setPolicy(id: number, policy: CellPolicy): void;
  setDisabled(id: number, disabled: boolean): void;
  remove(id: number): void;
  statusOf(id: number): CellStatus | undefined;
  cellOf(id: number): Cell | undefined;
}

/**
 * The one toolbar, which goes to the cell under the pointer or with the focus: three hundred cells
 * do not each need eight buttons.
 */
export class CellToolbar {
  readonly root = element("div", {
    class: "cell-toolbar",
    attributes: { role: "toolbar", "aria-label": "Cell" },
  });
  private id: number | undefined;
  private readonly runButton = this.button("run", "Run", () => this.runOrCancel());
  private readonly modeButton = this.button(undefined, "Change the mode", (anchor) =>
    this.openModes(anchor),
  );
  private readonly codeButton = this.button("code", "Show or hide the source", () =>
    this.togglePinned(),
  );

  constructor(private readonly commands: CellCommands) {
    this.modeButton.classList.add("mode-button");
    this.root.append(
      this.runButton,
      this.modeButton,
      this.codeButton,
      this.button("plus", "Insert a cell below", (anchor) =>
        this.withCell((id) => openInsertMenu(anchor, this.commands, this.commands.below(id))),
      ),
      this.button("more", "More", (anchor) => this.openMore(anchor)),
    );
  }

  /** Goes to a cell, unless a person is in the toolbar with the keyboard. */
  attach(id: number, cell: HTMLElement): void {
    if (this.root.contains(document.activeElement) || this.id === id) return;
    this.id = id;
    cell.append(this.root);
    this.refresh();
  }

  /** The cell is gone. */
  detach(id: number): void {
    if (this.id !== id) return;
    this.id = undefined;
    this.root.remove();
  }

  /** Draws what the state of its cell decides. */
  refresh(): void {
    this.withCell((id, cell) => {
      const isRunning = this.commands.statusOf(id)?.state === "running";
      this.runButton.replaceChildren(icon(isRunning ? "cancel" : "run"));
      relabel(this.runButton, isRunning ? "Cancel" : "Run (Shift+Enter)");
      this.modeButton.textContent = cell.mode;
      relabel(this.modeButton, `${modeNames[cell.mode]}: change the mode`);
      this.codeButton.setAttribute("aria-pressed", String(cell.pinned));
      relabel(this.codeButton, cell.pinned ? "Hide the source" : "Keep the source in sight");
    });
  }

  private withCell(use: (id: number, cell: Cell) => void): void {
    const cell = this.id === undefined ? undefined : this.commands.cellOf(this.id);
    if (cell !== undefined) use(cell.id, cell);
  }

  private runOrCancel(): void {
    this.withCell((id) => {
      if (this.commands.statusOf(id)?.state === "running") this.commands.cancel(id);
      else this.commands.run(id);
    });
  }

  private togglePinned(): void {
    this.withCell((id, cell) => this.commands.setPinned(id, !cell.pinned));
  }

  private openModes(anchor: HTMLElement): void {
    this.withCell((id, cell) => {
      const modes = new Set<CellMode>([...editableModes, cell.mode]);
      openMenu(
        anchor,
        "Mode",
        [...modes].map((mode) => ({
          label: modeNames[mode],
          checked: mode === cell.mode,
          choose: () => this.commands.setMode(id, mode),
        })),
      );
    });
  }

  private openMore(anchor: HTMLElement): void {
    this.withCell((id, cell) => {
      const isDisabled = this.commands.statusOf(id)?.disabled ?? false;
      const isRunnable = !isNotRun(this.commands.statusOf(id)?.error);
      const items: readonly MenuItem[] = [
        ...(isRunnable ? [this.runToItem(id), ...policyItems(cell, this.commands)] : []),
        {
          label: "Move up",
          keys: "⇧K",
          apart: isRunnable,
          choose: () => this.commands.move(id, -1),
        },
        { label: "Move down", keys: "⇧J", choose: () => this.commands.move(id, 1) },
        {
          label: isDisabled ? "Enable" : "Disable",
          apart: true,
          choose: () => this.commands.setDisabled(id, !isDisabled),
        },
        { label: "Delete", keys: "d d", danger: true, choose: () => this.commands.remove(id) },
      ];
      openMenu(anchor, "Cell", items);
    });
  }

  private runToItem(id: number): MenuItem {
    return {
      label: "Run to here",
      keys: "t",
      title: "Run this cell and, before it, the stale cells that it depends on",
      choose: () => this.commands.runTo(id),
    };
  }

  private button(
    sign: IconName | undefined,
    label: string,
    press: (anchor: HTMLElement) => void,
  ): HTMLButtonElement {
    const button = element("button", {
      attributes: { type: "button" },
      on: { click: () => press(button) },
    });
    if (sign !== undefined) button.append(icon(sign));
    relabel(button, label);
    return button;
  }
}

/** Offers when a cell runs. */
export function openPolicyMenu(
  anchor: HTMLElement,
  commands: Pick<CellCommands, "setPolicy">,
  cell: Cell,
): void {
  openMenu(anchor, "When the cell runs", policyItems(cell, commands));
}

function policyItems(cell: Cell, commands: Pick<CellCommands, "setPolicy">): readonly MenuItem[] {
  return policies.map((policy, index) => ({
    label: policyNames[policy],
    title: policyTexts[policy],
    checked: policy === policyOf(cell),
    ...(index === 0 ? { group: "Run" } : {}),
    choose: () => commands.setPolicy(cell.id, policy),
  }));
}

/** A host's commands as plain functions that can be mixed with others. */
export function plainCommands(
  host: Omit<CellCommands, "insert" | "below">,
): Omit<CellCommands, "insert" | "below"> {
  return {
    run: (id) => host.run(id),
    runTo: (id) => host.runTo(id),
    cancel: (id) => host.cancel(id),
    move: (id, step) => host.move(id, step),
    setMode: (id, mode) => host.setMode(id, mode),
    setPinned: (id, pinned) => host.setPinned(id, pinned),
    setPolicy: (id, policy) => host.setPolicy(id, policy),
    setDisabled: (id, disabled) => host.setDisabled(id, disabled),
    remove: (id) => host.remove(id),
    statusOf: (id) => host.statusOf(id),
    cellOf: (id) => host.cellOf(id),
  };
}

/** Offers the modes of a new cell, which goes before another one or to the end. */
export function openInsertMenu(
  anchor: HTMLElement,
  commands: Pick<CellCommands, "insert">,
  before: number | undefined,
): void {
  openMenu(
    anchor,
    "Insert a cell",
    editableModes.map((mode) => ({
      label: modeNames[mode],
      choose: () => commands.insert(before, mode),
    })),
  );
}

function relabel(button: HTMLElement, label: string): void {
  button.setAttribute("aria-label", label);
  button.dataset["tip"] = label;
}
