const kind = "application/x-tierbook-cell";

/**
 * Lets cells be dragged by their gutter to another place in a list.
 *
 * @param list holds the cells, elements of class `cell` with a `data-id`
 * @param drop moves a cell before another one, or to the end
 */
export function dragCells(
  list: HTMLElement,
  drop: (id: number, before: number | undefined) => void,
): void {
  let dragged: HTMLElement | undefined;
  const mark = (target: HTMLElement | undefined, isEnd: boolean): void => {
    for (const marked of list.querySelectorAll(".drop-before, .drop-after"))
      marked.classList.remove("drop-before", "drop-after");
    target?.classList.add(isEnd ? "drop-after" : "drop-before");
  };
  list.addEventListener("dragstart", (event) => {
    const gutter = event.target instanceof Element ? event.target.closest(".cell-gutter") : null;
    const cell = gutter?.parentElement;
    if (cell === null || cell === undefined || event.dataTransfer === null) return;
    dragged = cell;
    event.dataTransfer.setData(kind, cell.dataset["id"] ?? "");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(cell, 12, 12);
  });
  list.addEventListener("dragover", (event) => {
    if (dragged === undefined) return;
    event.preventDefault();
    const { cell, isEnd } = placeAt(list, event.clientY);
    mark(cell, isEnd);
  });
  list.addEventListener("drop", (event) => {
    if (dragged === undefined) return;
    event.preventDefault();
    const { cell, isEnd } = placeAt(list, event.clientY);
    if (cell !== dragged) drop(idOf(dragged), isEnd || cell === undefined ? undefined : idOf(cell));
  });
  list.addEventListener("dragend", () => {
    dragged = undefined;
    mark(undefined, false);
  });
}

/** The cell before which something at a height would go; the last one where it goes to the end. */
function placeAt(
  list: HTMLElement,
  clientY: number,
): { readonly cell: HTMLElement | undefined; readonly isEnd: boolean } {
  let last: HTMLElement | undefined;
  for (const child of list.children) {
    if (!(child instanceof HTMLElement)) continue;
    const { top, height } = child.getBoundingClientRect();
    if (clientY < top + height / 2) return { cell: child, isEnd: false };
    last = child;
  }
  return { cell: last, isEnd: true };
}

function idOf(cell: HTMLElement): number {
  return Number(cell.dataset["id"]);
}
