import { createNativeClient } from "../../data/native-client.ts";
import { engineVersion, lineageDigest, lineageFrom } from "../../data/index.ts";
import type { Lineage } from "../../data/lineage.ts";
import type { Table } from "../../data/table.ts";
import type { Plan } from "../../engines/plan.ts";
import { runKey, type RunRequest } from "../../engines/run.ts";
import type { RunDirectory } from "../../server/run-directory.ts";
import type { Workspace } from "../../server/workspace.ts";
import { tableReferences } from "../../runtime/sql.ts";

/** SQL by the name of its result, in order; each may read those before it and files. */
export type NamedSql = Readonly<Record<string, string>>;

/** The lineage of the last result. */
export async function lineageOf(workspace: Workspace, sqls: NamedSql): Promise<Lineage> {
  const known = new Map<string, Lineage>();
  let last: Lineage | undefined;
  for (const [name, sql] of Object.entries(sqls)) {
    const references = tableReferences(sql);
    const files: Record<string, string> = {};
    for (const { kind, name: path } of references)
      if (kind === "file") files[path] = await workspace.files.digest(path);
    last = lineageFrom(sql, {
      engine: engineVersion,
      tables: Object.fromEntries(
        references.flatMap(({ name: read }) => {
          const lineage = known.get(read);
          return lineage === undefined ? [] : [[read, { lineage }] as const];
        }),
      ),
      files,
    });
    known.set(name, last);
  }
  if (last === undefined) throw new Error("there is no statement");
  return last;
}

/** A full run of rows that are named by lineage, as a request. */
export function lineageRequest(
  lineage: Lineage,
  plan: Plan,
  numRows = 1,
): { readonly key: string; readonly request: RunRequest } {
  const request: RunRequest = {
    tier: "full",
    plan,
    rows: { digest: lineageDigest(lineage), numRows, lineage },
    engine: "tfjs",
    device: "wasm",
    workbook: "test.html",
  };
  return { key: runKey(request), request };
}

/** The same, submitted past the ladder. */
export async function makeLineageRun(
  workspace: Workspace,
  sqls: NamedSql,
  plan: Plan,
  numRows?: number,
): Promise<RunDirectory> {
  const { key, request } = lineageRequest(await lineageOf(workspace, sqls), plan, numRows);
  await workspace.runs.create(key, request);
  return workspace.runs.directory(key);
}

/** The rows of the last result in memory, from the client that runs workbooks. */
export async function rowsInMemory(workspace: Workspace, sqls: NamedSql): Promise<Table> {
  const client = createNativeClient({
    resolveFile: (path) => workspace.tables.table(path),
    directories: [workspace.root],
  });
  try {
    const tables: Record<string, Table> = {};
    let last: Table | undefined;
    for (const [name, sql] of Object.entries(sqls)) {
      const read = tableReferences(sql).flatMap(({ name }) => {
        const table = tables[name];
        return table === undefined ? [] : [[name, table] as const];
      });
      last = tables[name] = await client.query(sql, {
        name: "rows",
        rowLimit: 10_000_000,
        tables: Object.fromEntries(read),
      });
    }
    if (last === undefined) throw new Error("there is no statement");
    return last;
  } finally {
    await client.close();
  }
}
