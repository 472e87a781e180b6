import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Table } from "../../data/table.ts";
import type { Plan } from "../../engines/plan.ts";
import { checkRows } from "../../engines/row-check.ts";
import {
  trainingDataFromTable,
  type RowBlock,
  type RowSource,
} from "../../engines/training-data.ts";
import { readMadeRows } from "../../server/made-rows.ts";
import { materialize, type RowsProgress } from "../../server/materialize.ts";
import { RowStore } from "../../server/row-store.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { somePlan } from "../engines/some-plan.ts";
import { temporaryFolder } from "./fixtures.ts";
import { makeLineageRun, rowsInMemory } from "./lineage-runs.ts";

let workspace: Workspace;
let remove: () => Promise<void>;

beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
});
afterEach(() => remove());

/** Rows with a column of each kind, some values missing, words unknown and times equal. */
const someSql = (rows: number): string => `
  select
    case when i % 11 = 3 then null else sin(i) * 1000 end as length,
    (i * 7919 % 104729) / 3 as depth,
    case when i % 5 = 0 then 'Biscoe' when i % 5 = 1 then 'Dream' when i % 5 = 2 then null else 'Île ' || (i % 3) end as island,
    i % 13 as code,
    case when i % 3 = 0 then null else i % 2 = 0 end as adult,
    (case when hash(i) % 10 < 5 then 'Adelie' when hash(i) % 10 < 8 then 'Chinstrap' else 'Gentoo' end) as species,
    hash(i + 7) % 4 = 0 as late,
    case when i % 17 = 0 then null else (hash(i + 3) % 1000)::DOUBLE / 1000 end as rate,
    timestamp '2001-01-01 00:00:00.000500' + interval (hash(i) % 10000) minute as at,
    date '2001-01-01' + (i // 40)::INTEGER as day
  from range(${rows}) t(i)`;

const plans: readonly (readonly [string, Partial<Plan>])[] = [
  ["stratified by class", {}],
  ["at random", { split: { kind: "random", validation: 0.3 } }],
  ["by time, by a share", { split: { kind: "time", column: "at", gap: 3600, validation: 0.2 } }],
  [
    "by day, from a moment",
    { split: { kind: "time", column: "day", gap: 86_400, from: "2001-01-20" } },
  ],
  [
    "with embedded words, a baseline and weights",
    {
      features: [
        { column: "code", kind: "category", vocabulary: ["0", "1", "12"] },
        { column: "island", kind: "category", vocabulary: ["Dream", "Île 1"] },
        { column: "depth", kind: "number", scale: "none", missing: "refuse" },
      ],
      target: { column: "late", kind: "boolean" },
      baseline: { column: "rate" },
      loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
      network: [
        { type: "embedding", columns: ["island"], units: 2, init: "uniform" },
        { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
      ],
    },
  ],
  [
    "towards a number",
    {
      target: { column: "rate", kind: "number", scale: "standard" },
      split: { kind: "random", validation: 0.25 },
      loss: { type: "meanSquaredError" },
    },
  ],
];

async function bits(source: RowSource, step: number): Promise<Record<string, Uint32Array>> {
  const blocks: RowBlock[] = [];
  for (let start = 0; start < source.numRows; start += step)
    blocks.push(await source.read(start, step));
  const join = (name: "x" | "y" | "baseline"): Uint32Array =>
    new Uint32Array(
      Float32Array.from(blocks.flatMap((block) => Array.from(block[name] ?? []))).buffer,
    );
  return { x: join("x"), y: join("y"), baseline: join("baseline") };
}

test.each(plans)(
  "rows parted and encoded %s have the bits that rows in memory have",
  async (name, fields) => {
    const plan = somePlan(fields);
    const numbers = plan.target.kind === "number" ? "where rate is not null" : "";
    const sqls = { rows: `select * from (${someSql(70_001)}) ${numbers}` };
    const directory = await makeLineageRun(workspace, sqls, plan);
    const said: RowsProgress[] = [];
    expect(await materialize(directory.path, (progress) => said.push(progress))).toBe(0);
    const made = await readMadeRows(directory);
    if (made === undefined) throw new Error(name);
    const expected = trainingDataFromTable(plan, await rowsInMemory(workspace, sqls));
    const store = await RowStore.open(made, directory.madeRows);
    const { training, validation, ...others } = expected;
    expect({ ...store }).toMatchObject(others);
    expect(store.classWeights).toEqual(expected.classWeights);
    expect(store.training.numRows).toBe(training.numRows);
    expect(await bits(store.training, 10_007)).toEqual(await bits(training, 10_007));
    expect(await bits(store.validation, 4096)).toEqual(await bits(validation, 4096));
    await store.close();
  },
);

test("rows can be read from anywhere, past the end fewer than asked for", async () => {
  const plan = somePlan();
  const sqls = { rows: someSql(500) };
  const directory = await makeLineageRun(workspace, sqls, plan);
  await materialize(directory.path, () => undefined);
  const made = await readMadeRows(directory);
  if (made === undefined) throw new Error("there are no rows");
  const store = await RowStore.open(made, directory.madeRows);
  const { training } = trainingDataFromTable(plan, await rowsInMemory(workspace, sqls));
  await fc.assert(
    fc.asyncProperty(fc.nat(training.numRows), fc.nat(400), async (start, count) => {
      expect(await store.training.read(start, count)).toEqual(await training.read(start, count));
    }),
    { numRuns: 50 },
  );
  await store.close();
});

const faults: readonly (readonly [string, string, Partial<Plan>])[] = [
  [
    "a column is missing and one is of another type",
    "select 1 as depth, 'x' as length, 'a' as island, true as adult, 'Adelie' as specie from range(40)",
    {},
  ],
  [
    "labels are missing, unknown and absent",
    `select * replace (case when depth < 5000 then null when depth < 9000 then 'Adelia' when depth < 9500 then 'Cinstrap' when species = 'Gentoo' then 'Adelie' else species end as species) from (${someSql(300)})`,
    {},
  ],
  [
    "one label of many is unknown",
    `select * replace (case when depth < 900 then 'Gento' else species end as species) from (${someSql(300)})`,
    {},
  ],
  [
    "there are many unknown labels",
    `select * replace (case when species = 'Adelie' then (depth::INTEGER % 30)::VARCHAR else species end as species) from (${someSql(900)})`,
    {},
  ],
  [
    "values are missing and infinite where the plan refuses them",
    `select * replace (case when island is null then null when adult then 'inf'::DOUBLE else depth end as depth, case when species = 'Adelie' then 'NaN'::DOUBLE else length end as length) from (${someSql(300)})`,
    {},
  ],
  [
    "a truth value is missing where the plan refuses it",
    someSql(40),
    { features: [{ column: "adult", kind: "boolean", missing: "refuse" }] },
  ],
  [
    "times are missing",
    `select * replace (case when species = 'Adelie' then null when adult then 'infinity' else "at" end as "at") from (${someSql(300)})`,
    { split: { kind: "time", column: "at", gap: 0, validation: 0.2 } },
  ],
  [
    "a time leaves no row to check on",
    someSql(300),
    { split: { kind: "time", column: "at", gap: 0, from: "2031-01-01" } },
  ],
  [
    "a gap swallows the training rows",
    someSql(300),
    { split: { kind: "time", column: "at", gap: 9e9, validation: 0.5 } },
  ],
  [
    "a share leaves no row to check on",
    someSql(3),
    {
      target: { column: "depth", kind: "number", scale: "none" },
      features: [{ column: "length", kind: "number", scale: "none", missing: "mean" }],
      split: { kind: "random", validation: 0.1 },
    },
  ],
  [
    "a baseline is no probability",
    `select * replace (case when adult then -0.5 when island is null then 1.01 else rate end as rate) from (${someSql(300)})`,
    {
      target: { column: "late", kind: "boolean" },
      baseline: { column: "rate" },
      loss: { type: "sigmoidCrossEntropy" },
    },
  ],
  [
    "a baseline is empty",
    `select * replace (null::DOUBLE as rate) from (${someSql(300)})`,
    {
      target: { column: "late", kind: "boolean" },
      baseline: { column: "rate" },
      loss: { type: "sigmoidCrossEntropy" },
    },
  ],
  [
    "a number to learn is infinite",
    `select * replace (case when adult then 'inf' else rate end as rate) from (${someSql(300)})`,
    {
      target: { column: "rate", kind: "number", scale: "none" },
      split: { kind: "random", validation: 0.1 },
    },
  ],
];

test.each(faults)(
  "where %s, the rows are refused in the words of rows in memory",
  async (_, sql, fields) => {
    const plan = somePlan(fields);
    const directory = await makeLineageRun(workspace, { rows: sql }, plan);
    const said: RowsProgress[] = [];
    expect(await materialize(directory.path, (progress) => said.push(progress))).toBe(1);
    const table = await rowsInMemory(workspace, { rows: sql });
    const [first, ...others] = faultsOf(plan, table);
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const hint = first?.hint === undefined ? "" : `; ${first.hint}`;
    expect(said.at(-1)).toEqual({ failed: `${first?.where}: ${first?.message}${hint}${more}` });
  },
);

function faultsOf(plan: Plan, table: Table) {
  return checkRows(plan, table).filter(({ verdict }) => verdict === "fail");
}
