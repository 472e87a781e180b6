import type { Column, Row, Table } from "../../data/table.ts";
import { columnFormat, isMissing, type ColumnFormat } from "../../cells/column-format.ts";
import { tableLabel } from "../../cells/report/static-table.ts";
import { element } from "./element.ts";
import { rowWindow } from "./row-window.ts";
import type { TableRows } from "./table-rows.ts";

const rowHeight = 26;
const headerHeight = 44;
const mostRowsInSight = 12;
const overscan = 8;
/** Columns past this are drawn only near the sight; a table may have thousands. */
const columnOverscan = 4;
const maxHeight = 8_000_000;
const characterWidth = 7.9;
const cellPadding = 24;

/**
 * A table that scrolls through any number of rows: only those in sight stand in the page. The
 * numbers in its foot are the table's true ones.
 */
export function tableView(table: Table, rows: TableRows): HTMLElement {
  return new TableView(table, rows).root;
}

class TableView {
  readonly root: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly head: HTMLTableSectionElement;
  private readonly body: HTMLTableSectionElement;
  private readonly grid: HTMLTableElement;
  private columns: readonly ShownColumn[] = [];
  private width = 0;
  private drawn = "";
  private scheduled = false;

  constructor(
    private readonly table: Table,
    private readonly rows: TableRows,
  ) {
    this.head = element("thead");
    this.body = element("tbody");
    this.grid = element(
      "table",
      {
        attributes: {
          "aria-rowcount": String(table.numRows + 1),
          "aria-colcount": String(table.columns.length),
          "aria-label": tableLabel(table),
        },
      },
      this.head,
      this.body,
    );
    const inSight = Math.min(Math.max(table.numRows, 1), mostRowsInSight);
    this.scroller = element(
      "div",
      {
        class: "table-scroller",
        attributes: {
          tabindex: "0",
          role: "region",
          "aria-label": `${tableLabel(table)}, scrolls`,
          style: `height:${headerHeight + inSight * rowHeight + 1}px`,
        },
        on: { scroll: () => this.schedule() },
      },
      this.grid,
    );
    this.root = element(
      "figure",
      { class: "table-view" },
      this.scroller,
      element("figcaption", { text: tableLabel(table) }),
    );
    new ResizeObserver(() => this.schedule()).observe(this.scroller);
    this.chooseColumns();
    this.draw();
  }

  /** Formats and widths follow the rows that are here; they change as rows come from the database. */
  private chooseColumns(): void {
    this.columns = showColumns(this.table, this.rows.sample());
    this.width = this.columns.reduce((sum, column) => sum + column.width, 0);
    this.grid.style.width = `${this.width}px`;
    this.drawn = "";
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  private draw(): void {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.scroller;
    const viewHeight = Math.max(rowHeight, (clientHeight || 400) - headerHeight);
    const window = rowWindow({
      numRows: this.table.numRows,
      rowHeight,
      scrollTop,
      viewHeight,
      overscan,
      maxHeight,
    });
    const across = this.columnWindow(scrollLeft, clientWidth || 800);
    const key = `${window.first} ${window.end} ${window.above} ${across.first} ${across.end}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.head.replaceChildren(this.headerRow(across));
    this.drawRows(window, across);
    void this.rows.load(window.first, window.end).then(
      (changed) => {
        if (!changed) return;
        this.chooseColumns();
        this.draw();
      },
      (error: unknown) => this.showError(error),
    );
  }

  private drawRows(window: ReturnType<typeof rowWindow>, across: ColumnWindow): void {
    const lines: Node[] = [spacerRow(window.above)];
    for (let index = window.first; index < window.end; ++index) lines.push(this.row(index, across));
    const below = window.height - window.above - (window.end - window.first) * rowHeight;
    lines.push(spacerRow(below));
    this.body.replaceChildren(...lines);
  }

  private headerRow(across: ColumnWindow): HTMLTableRowElement {
    const row = element("tr", { attributes: { "aria-rowindex": "1" } });
    for (const [index, { column, format, width }] of this.inSight(across))
      row.append(
        element(
          "th",
          {
            class: format.align,
            attributes: {
              scope: "col",
              "aria-colindex": String(index + 1),
              style: `width:${width}px`,
              title: `${column.name} ${column.sqlType}`,
            },
          },
          element("span", { class: "column-name", text: column.name }),
          element("span", { class: "column-type", text: column.sqlType.toLowerCase() }),
        ),
      );
    return padded(row, "th", across);
  }

  private row(index: number, across: ColumnWindow): HTMLTableRowElement {
    const values = this.rows.at(index);
    const row = element("tr", { attributes: { "aria-rowindex": String(index + 2) } });
    for (const [, { column, format }] of this.inSight(across))
      row.append(
        values === undefined
          ? element("td", { class: "pending", text: "…" })
          : tableCell(values[column.name], format),
      );
    return padded(row, "td", across);
  }

  private *inSight(across: ColumnWindow): Generator<[number, ShownColumn]> {
    for (let index = across.first; index < across.end; ++index) {
      const column = this.columns[index];
      if (column !== undefined) yield [index, column];
    }
  }

  private columnWindow(left: number, viewWidth: number): ColumnWindow {
    const right = left + viewWidth;
    let first = this.columns.findIndex((column) => column.left + column.width > left);
    let end = this.columns.findIndex((column) => column.left >= right);
    first = Math.max(0, first - columnOverscan);
    end = end === -1 ? this.columns.length : Math.min(this.columns.length, end + columnOverscan);
    const before = this.columns[first]?.left ?? 0;
    const after = this.width - (this.columns[end]?.left ?? this.width);
    return { first, end, before, after };
  }

  private showError(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.root.querySelector("figcaption")?.replaceChildren(`${tableLabel(this.table)}: ${message}`);
  }
}

interface ShownColumn {
  readonly column: Column;
  readonly format: ColumnFormat;
  /** CSS pixels from the left edge of the table */
  readonly left: number;
  readonly width: number;
}

interface ColumnWindow {
  readonly first: number;
  readonly end: number;
  /** CSS pixels of columns that are not drawn, before and after */
  readonly before: number;
  readonly after: number;
}

function showColumns(table: Table, sample: readonly Row[]): readonly ShownColumn[] {
  let left = 0;
  return table.columns.map((column) => {
    const format = columnFormat(
      column,
      sample.map((row) => row[column.name]),
    );
    const width = Math.ceil(format.width * characterWidth + cellPadding);
    const shown = { column, format, left, width };
    left += width;
    return shown;
  });
}

function tableCell(value: unknown, format: ColumnFormat): HTMLTableCellElement {
  if (isMissing(value)) return element("td", { class: `${format.align} missing`, text: "null" });
  const text = format.text(value);
  const cell = element("td", { class: format.align, text });
  if (text.length > format.width) cell.title = text.slice(0, 2000);
  return cell;
}

function padded(row: HTMLTableRowElement, name: "td" | "th", across: ColumnWindow) {
  if (across.before > 0) row.prepend(gap(name, across.before));
  if (across.after > 0) row.append(gap(name, across.after));
  return row;
}

function gap(name: "td" | "th", width: number): HTMLElement {
  return element(name, {
    class: "gap",
    attributes: { "aria-hidden": "true", style: `width:${width}px` },
  });
}

function spacerRow(height: number): HTMLTableRowElement {
  return element("tr", {
    class: "spacer",
    attributes: { "aria-hidden": "true", style: `height:${Math.max(0, height)}px` },
  });
}
