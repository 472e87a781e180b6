import type { QueryOptions } from "../../data/query-client.ts";
import type { Row, Table } from "../../data/table.ts";

/** Rows by number, for a view that shows a few of very many. */
export interface TableRows {
  /** the row where it is here already */
  at(index: number): Row | undefined;
  /** rows from all over what is or was here, to see what values look like */
  sample(): readonly Row[];
  /**
   * Brings rows [first, end) here. Resolves to whether that brought them: they may have been here
   * before, or other rows were asked for before these had their turn.
   */
  load(first: number, end: number): Promise<boolean>;
}

/** Asks the database that holds a table. */
export type AskTable = (sql: string, options: QueryOptions) => Promise<Table>;

/** Rows of a page. To give its first row, a view runs from its own first row on; so few large ones. */
const pageSize = 2048;
const pagesKept = 16;
/** Rows that are sampled of a table that is here, and at most of one that comes in pages. */
const sampleSize = 200;
const pagedSampleSize = 1000;
const sampledOfPage = 100;

/** The rows of a table: its own where it has them, else pages that the database gives. */
export function tableRows(table: Table, ask: AskTable, release: (page: Table) => void): TableRows {
  return table.isLocal ? new LocalRows(table) : new PagedRows(table, ask, release);
}

class LocalRows implements TableRows {
  constructor(private readonly table: Table) {}

  at(index: number): Row | undefined {
    return this.table.at(index);
  }

  sample(): readonly Row[] {
    return spread(this.table.numRows, sampleSize, (index) => this.table.at(index));
  }

  load(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/**
 * Pages of a table that is too large to be copied out; the oldest are forgotten. One page is asked
 * for at a time, and only what was wanted last: who drags through millions of rows passes by many.
 */
class PagedRows implements TableRows {
  private readonly pages = new Map<number, readonly Row[]>();
  private readonly sampled: Row[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private lastCall = 0;

  constructor(
    private readonly table: Table,
    private readonly ask: AskTable,
    private readonly release: (page: Table) => void,
  ) {}

  at(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  sample(): readonly Row[] {
    return this.sampled;
  }

  async load(first: number, end: number): Promise<boolean> {
    const call = ++this.lastCall;
    const missing: number[] = [];
    for (let page = Math.floor(first / pageSize); page * pageSize < end; ++page)
      if (!this.pages.has(page)) missing.push(page);
    if (missing.length === 0) return false;
    const asked = this.turn.then(async () => {
      for (const page of missing)
        if (call === this.lastCall && !this.pages.has(page)) await this.askPage(page);
    });
    this.turn = asked.catch(() => undefined);
    await asked;
    return missing.every((page) => this.pages.has(page));
  }

  private async askPage(page: number): Promise<void> {
    const table = await this.ask(
      `select * from tierbook_page limit ${pageSize} offset ${page * pageSize}`,
      { tables: { tierbook_page: this.table } },
    );
    const rows = [...table];
    this.release(table);
    this.pages.set(page, rows);
    if (this.sampled.length < pagedSampleSize)
      this.sampled.push(...spread(rows.length, sampledOfPage, (index) => rows[index]));
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= pagesKept) break;
      this.pages.delete(oldest);
    }
  }
}

/** Some rows from the whole length of a list: its head alone often looks unlike the rest. */
function spread(length: number, most: number, at: (index: number) => Row | undefined): Row[] {
  const step = Math.max(1, length / most);
  const rows: Row[] = [];
  for (let index = 0; index < length; index += step) {
    const row = at(Math.floor(index));
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
