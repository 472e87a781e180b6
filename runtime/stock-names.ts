/** Packages that Observable's notebooks have by name, from a CDN. */
const packages = "_ aq Arrow duckdb echarts L mapboxgl mermaid React ReactDOM topojson vl";

/** Data sets that Observable's notebooks have by name, from a CDN. */
const dataSets =
  "aapl alphabet cars citywages diamonds flare industries miserables olympians penguins pizza weather";

const others: Readonly<Record<string, string>> = {
  DatabaseClient: "Databases are asked by a server of Observable's; use a SQL cell, and files",
  DuckDBClient: "Use a SQL cell: it asks DuckDB, and names files and other cells as tables",
  Interpreter: "Cells of other languages are shown, not run",
  Promises: "Observable's `Promises` is deprecated: await a `new Promise(…)` with `setTimeout`",
  Files: "Observable's `Files` is deprecated: a file has `text()` and `arrayBuffer()` of its own",
  DOM: "Observable's `DOM` is deprecated: use `html`, `svg`, `Inputs` or `document.createElement`",
};

const hints = new Map<string, string>([
  ...Object.entries(others),
  ...packages
    .split(" ")
    .map((name): [string, string] => [
      name,
      `Observable loads the package \`${name}\` from the internet, and a workbook must work without`,
    ]),
  ...dataSets
    .split(" ")
    .map((name): [string, string] => [
      name,
      `Observable loads the data set \`${name}\` from the internet; put its file beside the workbook`,
    ]),
]);

/** What to do about a name that every notebook of Observable's has, and a workbook has not. */
export function stockNameHint(name: string): string | undefined {
  return hints.get(name);
}
