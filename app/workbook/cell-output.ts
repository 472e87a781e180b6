import { element } from "./element.ts";

/** Draws a value that a cell displays. */
export type DrawValue = (value: unknown, before: Drawn | undefined) => Node;

/** What a slot showed last, so that the same kind of value can be redrawn in place. */
export interface Drawn {
  readonly value: unknown;
  readonly node: Node;
}

/** A value that is shown, and the element that it stands in. */
export interface Shown {
  readonly value: unknown;
  readonly root: HTMLElement;
}

/**
 * What one cell shows: a row of slots. A slot that is shown again is replaced where it stands, and
 * what an earlier run showed stays, faded, until the new run shows something in its place or ends.
 */
export class CellOutput {
  readonly root = element("div", { class: "cell-output" });
  private readonly slots = new Map<number, Slot>();
  private hasShown = true;

  constructor(private readonly draw: DrawValue) {}

  /** A run of the body begins: what is there belongs to an earlier one. */
  begin(): void {
    this.hasShown = false;
    for (const slot of this.slots.values()) slot.isOld = true;
  }

  show(index: number, value: unknown): void {
    if (!this.hasShown) this.fadeOld();
    this.hasShown = true;
    const slot = this.slots.get(index) ?? this.add(index);
    const node = this.draw(value, slot.drawn);
    slot.isOld = false;
    slot.root.classList.remove("old");
    if (slot.drawn?.node !== node || node.parentNode !== slot.root) slot.root.replaceChildren(node);
    slot.drawn = { value, node };
  }

  /** The run is over: what no display has replaced goes. */
  settle(): void {
    this.hasShown = true;
    for (const [index, slot] of this.slots) {
      if (!slot.isOld) continue;
      slot.root.remove();
      this.slots.delete(index);
    }
  }

  /** What is shown now, in the order of the slots. */
  shown(): readonly Shown[] {
    return [...this.slots]
      .sort(([a], [b]) => a - b)
      .flatMap(([, { root, drawn }]) =>
        drawn === undefined ? [] : [{ root, value: drawn.value }],
      );
  }

  get isEmpty(): boolean {
    return this.slots.size === 0;
  }

  private fadeOld(): void {
    for (const slot of this.slots.values()) slot.root.classList.toggle("old", slot.isOld);
  }

  private add(index: number): Slot {
    const root = element("div", { class: "slot" });
    const next = [...this.slots].filter(([other]) => other > index).sort(([a], [b]) => a - b)[0];
    this.root.insertBefore(root, next?.[1].root ?? null);
    const slot: Slot = { root, isOld: false, drawn: undefined };
    this.slots.set(index, slot);
    return slot;
  }
}

interface Slot {
  readonly root: HTMLElement;
  isOld: boolean;
  drawn: Drawn | undefined;
}
