import type { Cell } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { MemoryStore } from "./memory-store.ts";
import { cell, open, until, type Opened } from "./open-workbook.ts";

/** Opens cells on a store and waits until they are settled. */
export async function openOn(
  store: MemoryStore,
  cellsNow: readonly Cell[],
  options: WorkbookOptions = {},
): Promise<Opened> {
  const opened = open(cellsNow, { results: store, ...options });
  await opened.workbook.settled();
  return opened;
}

/** Waits until all that can be written of what cells came to so far is written. */
export async function written(
  { workbook }: Pick<Opened, "workbook">,
  store: MemoryStore,
): Promise<void> {
  await workbook.settled();
  // what is noted last is written last
  const mark = `written ${store.puts.length}`;
  workbook.setCell(cell(9999, `const allIsWritten = ${JSON.stringify(mark)}`));
  await until(() => [...store.entries.values()].some((bytes) => Buffer.from(bytes).includes(mark)));
  store.puts.pop();
}

/** Opens cells on an empty store, lets them be written, and opens them again on it. */
export async function reopened(
  cellsNow: readonly Cell[],
  options: WorkbookOptions = {},
  later: { readonly cells?: readonly Cell[]; readonly options?: WorkbookOptions } = {},
): Promise<{ readonly store: MemoryStore; readonly first: Opened; readonly second: Opened }> {
  const store = new MemoryStore();
  const first = await openOn(store, cellsNow, options);
  await written(first, store);
  const second = await openOn(store, later.cells ?? cellsNow, later.options ?? options);
  return { store, first, second };
}
