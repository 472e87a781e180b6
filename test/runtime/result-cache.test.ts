import { describe, expect, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import { fileReaderKey, type FileListener } from "../../runtime/fingerprint-files.ts";
import { sha256 } from "../../runtime/sha256.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { files } from "./fake-files.ts";
import { openOn, reopened, written } from "./kept-workbook.ts";
import { MemoryStore } from "./memory-store.ts";
import { cell, cells, deferred, modeCell, open, until, type Opened } from "./open-workbook.ts";
import { TestStage } from "./test-stage.ts";

/** Which cells came from the cache. */
function cachedCells({ workbook }: Opened): number[] {
  return workbook
    .statuses()
    .filter(({ cached }) => cached === true)
    .map(({ id }) => id);
}

function facts({ workbook }: Opened): unknown {
  return workbook
    .statuses()
    .filter(({ id }) => id !== 9999)
    .map(({ id, state, fingerprint, defines, reads }) => [id, state, fingerprint, defines, reads]);
}

test("what was kept comes back without a body: values, displays by slot, states, fingerprints", async () => {
  const sources = cells(
    "const a = ran('a', {deep: [1, null, 3n, new Date(5)], text: '<'})",
    "display(ran('b', 1)); display(a.deep); const b = await Promise.resolve(a.deep[2]);",
    "ran('c', new Map([[b, a]]))",
    "const d = ran('d', new Float64Array([1, NaN, -0]))",
    "const e = ran('e', undefined), f = ran('f', d.length)",
  );
  const { first, second } = await reopened(sources);
  expect(first.ran).toEqual(["a", "b", "d", "e", "f", "c"]);
  expect(second.ran).toEqual([]);
  expect(cachedCells(second)).toEqual([1, 2, 3, 4, 5]);
  expect(facts(second)).toEqual(facts(first));
  first.shown.delete(9999);
  expect(second.shown).toEqual(first.shown);
  for (const name of ["a", "b", "d", "e", "f"])
    expect(await second.workbook.value(name)).toEqual(await first.workbook.value(name));
  expect(second.workbook.statuses().map(({ runs }) => runs)).toEqual([0, 0, 0, 0, 0]);
});

test("what cannot be kept runs again, and so does what reads it", async () => {
  const { second } = await reopened(
    cells(
      "const f = ran('f', (x) => x + 1)",
      "const b = ran('b', f(1))",
      "const c = ran('c', b + 1)",
      "const d = ran('d', 4)",
    ),
  );
  // `b` reads a function, but what it came to is known: by the code of the cell that gives it
  expect(second.ran).toEqual(["f"]);
  expect(cachedCells(second)).toEqual([2, 3, 4]);
});

describe.concurrent("a cell never comes from the cache", () => {
  test.each([
    ["reads the clock", "const x = ran('x', Date.now() * 0)"],
    ["reads randomness", "const x = ran('x', Math.random() * 0)"],
    ["sets a timer", "setTimeout(() => {}); const x = ran('x', 1)"],
    ["writes to the console", "if (0) console.log(1); const x = ran('x', 1)"],
    ["runs code from a text", "const x = ran('x', eval('1'))"],
    ["makes code from a text", "const x = ran('x', new Function('return 1')())"],
    ["makes a proxy, which passes for plain data", "const x = ran('x', new Proxy({}, {}))"],
    ["may spell a global otherwise", "const x = ran('x', typeof docum\\u0065nt)"],
    ["reads all globals", "const x = ran('x', typeof globalThis)"],
    ["reads the process", "const x = ran('x', typeof process)"],
    ["asks for invalidation", "invalidation; const x = ran('x', 1)"],
    ["asks for its signal", "const x = ran('x', signal.aborted)"],
    ["is a generator", "const x = (function* () { yield ran('x', 1); })()"],
    ["shows an input with view", "const x = view(ran('x', new EventTarget()))"],
    ["comes to nothing", "ran('x', 1), display;"],
  ])("that %s", async (_, source) => {
    const { second } = await reopened(cells(source));
    expect(second.ran).toEqual(["x"]);
  });

  test.each([
    "viewof x = ran('x', Object.assign(new EventTarget(), {value: 1}))",
    "mutable x = ran('x', 1)",
  ])("that is `%s`, nor what reads the input or the mutable itself", async (source) => {
    const name = source.slice(0, source.indexOf("=") - 1);
    const { second } = await reopened([
      modeCell(1, "ojs", source),
      modeCell(2, "ojs", `y = (ran('y', 1), typeof ${name})`),
    ]);
    expect(second.ran).toEqual(["x", "y"]);
  });

  test("in whose text there is code that reaches the page", async () => {
    const builtins = {
      md:
        () =>
        (_parts: readonly string[], ...values: readonly unknown[]) =>
          values.join(),
    };
    const { second } = await reopened(
      [
        modeCell(1, "md", "${ran('x', typeof document)}"),
        modeCell(2, "md", "a document${ran('y', 1)}"),
      ],
      { builtins },
    );
    expect(second.ran).toContain("x");
  });
});

test("text that speaks of the document and the window is kept", async () => {
  const builtins = { md: () => (parts: readonly string[]) => parts.join() };
  const { second } = await reopened([modeCell(1, "md", "the document in the window")], {
    builtins,
  });
  expect(cachedCells(second)).toEqual([1]);
});

test("what failed, was cancelled or never ended is not kept", async () => {
  const store = new MemoryStore();
  const first = await openOn(
    store,
    cells(
      "ran('a'); throw new Error('no')",
      "display(1); await Promise.reject(new Error('no'))",
      "const c = Promise.reject(new Error('no'))",
      "const kept = 1",
    ),
  );
  first.workbook.setCell(cell(5, "display(1); await new Promise(() => {})"));
  await until(() => first.workbook.status(5)?.state === "running");
  first.workbook.cancel(5);
  await written(first, store);
  expect(store.puts).toHaveLength(1);
});

test("what was kept is found by mode, code, inputs, names, display and the builtins' version", async () => {
  const source = "ran('x', 1 + 1)";
  const kept = cell(1, source);
  const others: readonly (readonly [Cell, WorkbookOptions])[] = [
    [cell(1, "ran('x', 1 + 2)"), {}],
    [cell(1, "const x = ran('x', 1 + 1)"), {}],
    [cell(1, source, { hidden: true }), {}],
    [modeCell(1, "ojs", source), {}],
    [kept, { builtinsVersion: "1" }],
  ];
  for (const [later, options] of others) {
    const { second } = await reopened([kept], {}, { cells: [later], options });
    expect(second.ran).toEqual(["x"]);
  }
  const { second } = await reopened([kept], {}, { cells: [cell(7, "ran('x',1+1) // the same")] });
  expect(second.ran).toEqual([]);
});

test("cells of one code but other inputs or other names do not share a result", async () => {
  const texts = {
    html:
      () =>
      (parts: readonly string[], ...values: readonly unknown[]) =>
        parts.join() + values.join(),
  };
  const sources = (a: number): Cell[] => [
    ...cells(`const a = ${a}`, "ran('b', a + 1)"),
    modeCell(3, "html", "${a}", { output: "one" }),
    modeCell(4, "html", "${a}", { output: "two" }),
    cell(5, "const c = one + two"),
  ];
  const { second } = await reopened(sources(1), { builtins: texts }, { cells: sources(1) });
  expect(cachedCells(second)).toEqual([1, 2, 3, 4, 5]);
  expect(await second.workbook.value("c")).toBe(",".concat("1").concat(",1"));
});

test("a file that changed makes a miss, and one that is as it was none", async () => {
  const texts: Record<string, string> = { "a.csv": "1" };
  const store = new MemoryStore();
  const options = files(texts);
  const builtins = (opened: string[]) => ({
    ...options.builtins,
    read: () => (value: unknown) => (opened.push("read"), value),
  });
  const open1: string[] = [];
  const sources = cells(
    "const a = read(await FileAttachment('a.csv').text())",
    "const b = read(a + 1)",
  );
  store.files = { "a.csv": sha256("1") };
  const first = await openOn(store, sources, { builtins: builtins(open1) });
  await written(first, store);
  const [same, changed, gone]: string[][] = [[], [], []];
  const again = await openOn(store, sources, { builtins: builtins(same ?? []) });
  expect(same).toEqual([]);
  expect(facts(again)).toEqual(facts(first));
  texts["a.csv"] = "2";
  store.files = { "a.csv": sha256("2") };
  const other = await openOn(store, sources, { builtins: builtins(changed ?? []) });
  expect(changed).toEqual(["read", "read"]);
  expect(await other.workbook.value("b")).toBe("21");
  store.files = {};
  await openOn(store, sources, { builtins: builtins(gone ?? []) });
  // what `b` came to with that text was not written before its workbook was left
  expect(gone).toEqual(["read", "read"]);
});

test("a file that is read late counts in the fingerprints of its cell and of those below", async () => {
  const { workbook } = open(
    cells(
      "const file = {text: () => FileAttachment('a.csv').text(), isRead: () => false}",
      "const read = {now: file.text, isRead: file.isRead()}",
      "const other = new Map([[1, 2]])",
    ),
    files({ "a.csv": "1" }),
  );
  await workbook.settled();
  const taken = (): (string | undefined)[] =>
    [1, 2, 3].map((id) => workbook.status(id)?.fingerprint);
  const before = taken();
  expect(taken()).toEqual(before);
  const read = (await workbook.value("read")) as { now(): Promise<string> };
  await read.now();
  const after = taken();
  expect(after.map((fingerprint, i) => fingerprint === before[i])).toEqual([false, false, true]);
  workbook.dispose();
});

describe.concurrent("a store that", () => {
  const sources = cells("const a = ran('a', 1)", "const b = ran('b', a + 1)");

  async function filled(): Promise<MemoryStore> {
    const store = new MemoryStore();
    await written(await openOn(store, sources), store);
    return store;
  }

  const broken = (): never => {
    throw new Error("the store is broken");
  };
  const rejects = (): Promise<never> => Promise.reject(new Error("the store is broken"));

  test.each<[string, Partial<MemoryStore>]>([
    ["throws when it is asked", { has: broken }],
    ["throws when it is to give", { get: broken }],
    ["rejects", { get: rejects }],
    ["lies", { get: () => undefined }],
    ["lies later", { get: () => Promise.resolve(undefined) }],
    ["throws when it is to keep", { has: () => false, put: broken }],
    [
      "gives bytes that are none, and cannot forget them",
      { get: () => new Uint8Array(3), delete: broken },
    ],
  ])("%s breaks no cell", async (_, faults) => {
    const store = Object.assign(await filled(), faults);
    const { workbook, ran } = await openOn(store, sources);
    expect(ran).toEqual(["a", "b"]);
    expect(await workbook.value("b")).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 250));
  });

  test("cannot tell a file's digest breaks no cell", async () => {
    const options = files({ "a.csv": "1" });
    const reading = cells(
      "const a = (await FileAttachment('a.csv').text(), Array.from({length: 3e4}, (_, i) => i))",
    );
    const store = new MemoryStore();
    store.files = { "a.csv": sha256("1") };
    await written(await openOn(store, reading, options), store);
    store.fileDigest = rejects;
    const { workbook } = await openOn(store, reading, options);
    expect(workbook.status(1)).toMatchObject({ state: "fresh", runs: 1 });
    workbook.setCells(cells("const a = 1"));
    await workbook.settled();
    workbook.setCells(reading);
    await workbook.settled();
    expect(workbook.status(1)).toMatchObject({ state: "fresh", runs: 3 });
  });

  test("has damaged, half-written or foreign bytes is made to forget them", async () => {
    const damages: readonly ((bytes: Uint8Array, other: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
      () => new Uint8Array(0),
      () => new TextEncoder().encode("<!doctype html>"),
      // whole, but of another cell
      (_bytes, other) => other,
    ];
    for (const damage of damages) {
      const store = await filled();
      const [a = "", b = ""] = store.puts;
      const [bytesOfA, bytesOfB] = [store.entries.get(a), store.entries.get(b)];
      if (bytesOfA === undefined || bytesOfB === undefined) throw new Error("nothing was kept");
      store.entries.set(b, damage(bytesOfB, bytesOfA));
      const { workbook, ran } = await openOn(store, sources);
      expect(ran).toEqual(["b"]);
      expect(await workbook.value("b")).toBe(2);
      expect(store.deleted).toEqual([b]);
    }
  });

  test("takes its time holds the cell that asked, and no other", async () => {
    const store = await filled();
    const [, b = ""] = store.puts;
    const answer = deferred<Uint8Array | undefined>();
    const bytes = store.entries.get(b);
    store.get = (key) => (key === b ? answer.promise : store.entries.get(key));
    const { workbook, ran } = open(
      [...sources, cell(3, "const c = ran('c', 3)"), cell(4, "const d = ran('d', b)")],
      { results: store },
    );
    await until(() => workbook.status(3)?.state === "fresh");
    expect(workbook.statuses().map(({ state }) => state)).toEqual([
      "fresh",
      "queued",
      "fresh",
      "queued",
    ]);
    answer.resolve(bytes);
    await workbook.settled();
    expect(ran).toEqual(["c", "d"]);
    expect(workbook.status(2)).toMatchObject({ state: "fresh", cached: true });
  });

  test("answers after an edit is not heard any more", async () => {
    const store = await filled();
    const [a = ""] = store.puts;
    const answer = deferred<Uint8Array | undefined>();
    const bytes = store.entries.get(a);
    store.get = (key) => (key === a ? answer.promise : store.entries.get(key));
    const { workbook, statuses } = open(sources, { results: store });
    await until(() => workbook.status(1)?.state === "queued");
    workbook.setCells(cells("const a = 5", "const b = ran('b', a + 1)"));
    await workbook.settled();
    const heard = statuses.length;
    answer.resolve(bytes);
    await workbook.settled();
    expect(statuses).toHaveLength(heard);
    expect(await workbook.value("b")).toBe(6);
  });

  test("answers after the person ran the cell is not heard any more", async () => {
    const store = await filled();
    const answer = deferred<Uint8Array | undefined>();
    const [bytes] = store.entries.values();
    store.get = () => answer.promise;
    const { workbook, ran } = open(sources.slice(0, 1), { results: store });
    await until(() => workbook.status(1)?.state === "queued");
    workbook.run(1);
    await workbook.settled();
    answer.resolve(bytes);
    await workbook.settled();
    expect(ran).toEqual(["a"]);
    expect(workbook.status(1)).toMatchObject({ state: "fresh", runs: 1 });
    expect(workbook.status(1)?.cached).toBeUndefined();
  });

  test("is still being opened lets cells run that cannot come from it", async () => {
    const store = deferred<MemoryStore>();
    const { workbook, ran } = open([...sources, cell(3, "ran('c', Date.now())")], {
      results: store.promise,
    });
    await until(() => workbook.status(3)?.state === "fresh");
    expect(ran).toEqual(["c"]);
    store.resolve(await filled());
    await workbook.settled();
    expect(ran).toEqual(["c"]);
    expect(cachedCells({ workbook } as Opened)).toEqual([1, 2]);
  });

  test("cannot be opened is one that knows nothing", async () => {
    const { workbook, ran } = open(sources, { results: rejects() });
    await workbook.settled();
    expect(ran).toEqual(["a", "b"]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    workbook.dispose();
  });
});

test("a value that another cell changed in place is not kept as it is then", async () => {
  const { first, second } = await reopened(
    cells("const a = ran('a', [3, 1, 2])", "const b = ran('b', a.push(4))"),
  );
  expect(second.ran).toEqual(["a"]);
  expect(await second.workbook.value("b")).toBe(await first.workbook.value("b"));
});

test.each([
  ["numbers", "new Float64Array([3, 1, 2])", "a.sort()[0]"],
  ["a map", "new Map([['x', 1]])", "a.set('y', 2).size"],
  ["numbers in an object", "({ sizes: new Uint8Array([3, 1, 2]) })", "a.sizes.sort()[0]"],
])("nor are %s", async (_, source, change) => {
  const { second } = await reopened(
    cells(`const a = ran('a', ${source})`, `const b = ran('b', ${change})`),
  );
  expect(second.ran).toEqual(["a"]);
});

test("what a run displays after its end takes its result back", async () => {
  const later = deferred<string>();
  const builtins = { later: () => () => later.promise };
  const sources = cells("const a = ran('a', 1); display('at once'); later().then(display);");
  const store = new MemoryStore();
  const first = await openOn(store, sources, { builtins });
  await written(first, store);
  later.resolve("later");
  await until(() => first.shown.get(1)?.[1] === "later");
  const second = await openOn(store, sources, { builtins });
  expect(second.ran).toEqual(["a"]);
});

test("a result that holds a URL of a file for this opening alone is not kept", async () => {
  const attachment = (read: FileListener) => (path: string) => ({
    url: () => {
      read(path, sha256("1"), { passesUrl: true });
      return Promise.resolve("/b/passing");
    },
  });
  const builtins = {
    FileAttachment: () =>
      Object.assign(
        attachment(() => undefined),
        { [fileReaderKey]: attachment },
      ),
  };
  const sources = cells("const url = ran('url', await FileAttachment('a.csv').url())");
  const { second } = await reopened(sources, { builtins });
  expect(second.ran).toEqual(["url"]);
});

test("run and runAll run what is known, and the new result is kept in place of the old one", async () => {
  const sources = cells("const a = ran('a', count())", "const b = ran('b', a + 1)");
  let n = 0;
  const builtins = { count: () => () => ++n };
  const { store, second } = await reopened(sources, { builtins });
  expect(await second.workbook.value("b")).toBe(2);
  second.workbook.run(1);
  await written(second, store);
  expect(second.ran).toEqual(["a", "b"]);
  const third = await openOn(store, sources, { builtins });
  expect(third.ran).toEqual([]);
  expect(await third.workbook.value("b")).toBe(3);
  third.workbook.runAll();
  await third.workbook.settled();
  expect(third.ran).toEqual(["a", "b"]);
  expect(cachedCells(third)).toEqual([]);
});

describe("a stage", () => {
  const builtinsFor = (isPure: boolean, stages: TestStage[]) => ({
    stage: () => () => {
      const stage = new TestStage(isPure);
      stages.push(stage);
      stage.tell({ card: "begun", value: 1 });
      stage.tell({ card: "done", value: 2 });
      stage.end();
      return stage;
    },
  });
  const sources = cells(
    "display('title'); const a = view(stage()); display('foot')",
    "const b = ran('b', a + 1)",
  );

  test("that is pure and has ended comes back with its last card and its last value", async () => {
    const stages: TestStage[] = [];
    const { second } = await reopened(sources, { builtins: builtinsFor(true, stages) });
    expect(stages).toHaveLength(1);
    expect(second.ran).toEqual([]);
    expect(second.shown.get(1)).toEqual(["title", "done", "foot"]);
    expect(await second.workbook.value("b")).toBe(3);
    expect(second.workbook.status(1)).toMatchObject({ state: "fresh", cached: true });
  });

  test("that is not pure starts again", async () => {
    const stages: TestStage[] = [];
    const { second } = await reopened(sources, { builtins: builtinsFor(false, stages) });
    expect(stages).toHaveLength(2);
    expect(second.workbook.status(1)).toMatchObject({ state: "fresh", runs: 1 });
  });
});

test("a thousand cells with values that have no digest open from the store in time", async () => {
  const sources = cells(
    "const x0 = new Map([[0, 0]])",
    ...Array.from({ length: 1000 }, (_, i) => `const x${i + 1} = new Map(x${i})`),
  );
  const began = performance.now();
  const { second } = await reopened(sources);
  expect(cachedCells(second)).toHaveLength(1001);
  expect(performance.now() - began).toBeLessThan(4000);
});
