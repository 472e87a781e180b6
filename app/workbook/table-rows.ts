import type { QueryOptions } from "../../data/query-client.ts";
import type { Row, Table } from "../../data/table.ts";

/** Rows by number, for a view that shows a few of very many. */
export interface TableRows {
  /** the row where it is here already */
  at(index: number): Row | undefined;
  /** brings rows [first, end) here; resolves to false when all were here before */
  load(first: number, end: number): Promise<boolean>;
}

/** Asks the database that holds a table. */
export type AskTable = (sql: string, options: QueryOptions) => Promise<Table>;

const pageSize = 256;
const pagesKept = 64;

/** The rows of a table: its own where it has them, else pages that the database gives. */
export function tableRows(table: Table, ask: AskTable, release: (page: Table) => void): TableRows {
  return table.isLocal ? new LocalRows(table) : new PagedRows(table, ask, release);
}

class LocalRows implements TableRows {
  constructor(private readonly table: Table) {}

  at(index: number): Row | undefined {
    return this.table.at(index);
  }

  load(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Pages of a table that is too large to be copied out; the oldest are forgotten. */
class PagedRows implements TableRows {
  private readonly pages = new Map<number, readonly Row[]>();
  private readonly asked = new Map<number, Promise<void>>();

  constructor(
    private readonly table: Table,
    private readonly ask: AskTable,
    private readonly release: (page: Table) => void,
  ) {}

  at(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  async load(first: number, end: number): Promise<boolean> {
    const missing: number[] = [];
    for (let page = Math.floor(first / pageSize); page * pageSize < end; ++page)
      if (!this.pages.has(page)) missing.push(page);
    await Promise.all(missing.map((page) => this.loadPage(page)));
    return missing.length > 0;
  }

  private loadPage(page: number): Promise<void> {
    const known = this.asked.get(page);
    if (known !== undefined) return known;
    const asked = this.askPage(page).finally(() => this.asked.delete(page));
    this.asked.set(page, asked);
    return asked;
  }

  private async askPage(page: number): Promise<void> {
    const rows = await this.ask(
      `select * from tierbook_page limit ${pageSize} offset ${page * pageSize}`,
      { tables: { tierbook_page: this.table } },
    );
    this.pages.set(page, [...rows]);
    this.release(rows);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= pagesKept) break;
      this.pages.delete(oldest);
    }
  }
}
