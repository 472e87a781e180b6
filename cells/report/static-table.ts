import type { QueryClient } from "../../data/query-client.ts";
import type { Row, Table } from "../../data/table.ts";
import { columnFormat, isMissing, type ColumnFormat } from "../column-format.ts";
import { htmlElement } from "../element.ts";
import { count } from "../number-format.ts";

/** Rows of a table that a report shows. */
export const reportRows = 20;

/** The first rows of a table, and how many there are in all. */
export async function staticTable(
  document: Document,
  table: Table,
  client: Pick<QueryClient, "query" | "release">,
): Promise<HTMLElement> {
  const make = htmlElement.bind(undefined, document) as Make;
  const label = tableLabel(table);
  const rows = await firstRows(table, client).catch((error: unknown) => String(error));
  if (typeof rows === "string")
    return make("figure", { class: "report-table" }, make("figcaption", {}, `${label}: ${rows}`));
  const columns = table.columns.map((column) => ({
    column,
    format: columnFormat(
      column,
      rows.map((row) => row[column.name]),
    ),
  }));
  const head = columns.map(({ column: { name, sqlType }, format }) =>
    make(
      "th",
      { scope: "col", class: format.align },
      make("span", { class: "column-name" }, name),
      " ",
      make("span", { class: "column-type" }, sqlType.toLowerCase()),
    ),
  );
  const lines = rows.map((row) =>
    make("tr", {}, ...columns.map(({ column, format }) => cell(make, row[column.name], format))),
  );
  const caption = rows.length < table.numRows ? `${label}; the first ${rows.length} rows` : label;
  return make(
    "figure",
    { class: "report-table" },
    make(
      "table",
      { "aria-label": label },
      make("thead", {}, make("tr", {}, ...head)),
      make("tbody", {}, ...lines),
    ),
    make("figcaption", {}, caption),
  );
}

type Make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes?: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
) => HTMLElementTagNameMap[Name];

function cell(make: Make, value: unknown, format: ColumnFormat): HTMLElement {
  return isMissing(value)
    ? make("td", { class: `${format.align} missing` }, "null")
    : make("td", { class: format.align }, format.text(value));
}

async function firstRows(
  table: Table,
  client: Pick<QueryClient, "query" | "release">,
): Promise<readonly Row[]> {
  if (table.isLocal)
    return Array.from({ length: Math.min(reportRows, table.numRows) }, (_, i) => table.at(i) ?? {});
  const first = await client.query(`select * from tierbook_page limit ${reportRows}`, {
    tables: { tierbook_page: table },
  });
  const rows = [...first];
  await client.release(first);
  return rows;
}

/** A table's name and its true size. */
export function tableLabel({ name, numRows, columns, isLocal }: Table): string {
  const size = `${count(numRows, "row")} × ${count(columns.length, "column")}`;
  return `${name === "" ? "" : `${name}: `}${size}${isLocal ? "" : ", kept in the database"}`;
}
