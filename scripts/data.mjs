// Makes the example workbooks' data, in workbooks/data/, from the packages that hold it.
//
// penguins.csv: Palmer Archipelago penguins (Horst, Hill, Gorman 2020; CC0), from vega-datasets.
// flights-3m.parquet: three million flights of January to June 2001 (US Bureau of Transportation
// Statistics, on-time performance, public under 14 CFR 234), from vega-datasets.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../workbooks/data/", import.meta.url));
const source = fileURLToPath(new URL("../node_modules/vega-datasets/data/", import.meta.url));

mkdirSync(folder, { recursive: true });
make("penguins.csv", () =>
  csvFromRows(JSON.parse(readFileSync(join(source, "penguins.json"), "utf8"))),
);
make("flights-3m.parquet", () => readFileSync(join(source, "flights-3m.parquet")));

function make(name, content) {
  const path = join(folder, name);
  if (existsSync(path)) return;
  writeFileSync(`${path}.part`, content());
  renameSync(`${path}.part`, path);
}

function csvFromRows(rows) {
  const columns = Object.keys(rows[0]);
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((values) => values.map(csvField).join(",") + "\n")
    .join("");
}

function csvField(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
