import { element } from "./element.ts";

/** How names in a message lead to cells. */
export interface CellLinks {
  /** brings another cell into sight */
  reveal(id: number): void;
  /** the cell that defines a name, if one does */
  definerOf(name: string): number | undefined;
}

/** A paragraph in which names between backticks lead to the cells that define them. */
export function linkedText(text: string, links: CellLinks): HTMLElement {
  const parts = text.split(/`([^`\n]+)`/).map((part, index) => {
    const definer = index % 2 === 1 ? links.definerOf(part) : undefined;
    if (definer !== undefined) return cellLink(part, definer, links);
    return index % 2 === 1 ? element("code", { text: part }) : part;
  });
  return element("p", {}, ...parts);
}

/** A name that leads to a cell. */
export function cellLink(name: string, id: number, links: Pick<CellLinks, "reveal">): HTMLElement {
  return element("button", {
    class: "cell-link",
    text: name,
    attributes: { type: "button", "data-cell": String(id) },
    on: { click: () => links.reveal(id) },
  });
}

/** Text in which what stands between backticks is code. */
export function withCode(text: string): readonly (Node | string)[] {
  return text
    .split(/`([^`\n]+)`/)
    .map((part, index) => (index % 2 === 1 ? element("code", { text: part }) : part));
}
