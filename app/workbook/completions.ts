import type { Completion } from "@codemirror/autocomplete";
import type { SQLNamespace } from "@codemirror/lang-sql";
import type { Table } from "../../data/table.ts";

/** What editors complete: names that cells and builtins give, and columns of tables that were shown. */
export class Completions {
  private readonly columns = new Map<string, readonly string[]>();

  constructor(private readonly builtinNames: readonly string[]) {}

  /** A table is shown: its columns are worth completing. */
  tableShown(table: Table): void {
    this.columns.set(
      table.name,
      table.columns.map((column) => column.name),
    );
  }

  tables(): SQLNamespace {
    return Object.fromEntries(this.columns);
  }

  /** @param defined what cells define now, in reading order */
  names(defined: readonly string[]): readonly Completion[] {
    const ofCells = defined.map((label) => ({ label, type: "variable", detail: "cell", boost: 1 }));
    const builtin = this.builtinNames.map((label) => ({
      label,
      type: "function",
      detail: "builtin",
    }));
    return [...ofCells, ...builtin];
  }
}
