import { isTable } from "../data/index.ts";

/** Observable Inputs, taught that a SQL cell's table has rows and column names. */
export async function inputs(): Promise<Readonly<Record<string, unknown>>> {
  const Inputs = await import("@observablehq/inputs");
  return {
    ...Inputs,
    table: (data: unknown, options?: object) => Inputs.table(...withRows(data, options)),
    search: (data: unknown, options?: object) => Inputs.search(...withRows(data, options)),
  };
}

function withRows(data: unknown, options: object | undefined): [unknown, object?] {
  if (!isTable(data)) return options === undefined ? [data] : [data, options];
  return [Array.from(data), { columns: data.columns.map(({ name }) => name), ...options }];
}
