import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partsOf } from "../../cells/share/publication.ts";
import { Publications } from "../../server/publications.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtScript } from "./build-cli.ts";
import { temporaryFolder } from "./fixtures.ts";
import type { Step } from "./publish-forever.ts";

let script: string;
let folder: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  script = await builtScript(fileURLToPath(new URL("publish-forever.ts", import.meta.url)));
  folder = await temporaryFolder();
  await writeFile(join(folder.path, "data.txt"), "some data\n".repeat(20_000));
}, 120_000);
afterAll(() => folder.remove());

/** Runs the process until there is more of something than there was, and kills it in that moment. */
async function killedAtMore(count: () => number, seed: string): Promise<Step[]> {
  const said: Step[] = [];
  const before = count();
  const child = fork(script, [folder.path, seed], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = Promise.all([once(child, "exit"), once(child, "disconnect")]);
  child.on("message", (step) => said.push(step as Step));
  while (count() <= before) {
    if (child.exitCode !== null) throw new Error("the process ended by itself");
    await turn();
  }
  child.kill("SIGKILL");
  await ended;
  return said;
}

/** What comes into being while something is prepared, published and taken back. */
const moments: readonly (readonly [string, () => number])[] = [
  ["a part is being copied", () => countIn("prepared", /^\.draft-/)],
  ["a publication is prepared", () => countIn("prepared", /^[0-9a-f]/)],
  [
    "the ledger is written",
    () =>
      statSync(join(folder.path, ".tierbook/ledger.jsonl"), { throwIfNoEntry: false })?.size ?? 0,
  ],
  ["a publication is public", () => countIn("published", /^[0-9a-f]/)],
  ["one is marked as taken back", () => countIn("taken-back", /^[0-9a-f]/)],
  ["one is being removed", () => countIn("published", /^\.draft-/)],
];

function countIn(name: string, pattern: RegExp): number {
  const path = join(folder.path, ".tierbook/publications", name);
  return existsSync(path) ? readdirSync(path).filter((each) => pattern.test(each)).length : 0;
}

const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);

/** What is public is whole, and known to the ledger. */
async function checkPublic(workspace: Workspace, said: readonly Step[]): Promise<void> {
  const publications = new Publications(workspace);
  const entries = await workspace.ledger.entries();
  const known = new Set(entries.map(({ type, body }) => `${type} ${JSON.stringify(body)}`));
  const state = join(workspace.state, "publications");
  const goneAlready = await namesIn(join(state, "taken-back"));
  const list = await publications.list();
  const whole = (await namesIn(join(state, "published"))).filter((name) => /^[0-9a-f]/.test(name));
  expect(list.map(({ digest }) => digest).sort()).toEqual(
    whole.filter((digest) => !goneAlready.includes(digest)).sort(),
  );
  for (const { digest, path, at, by } of list) {
    const found = await publications.find(digest);
    for (const part of partsOf(found.publication))
      expect(digestOfBytes(await readFile(found.part(part.digest) ?? ""))).toBe(part.digest);
    expect(known).toContain(`publication ${JSON.stringify({ digest, path, at, by })}`);
  }
  const mayBeGone = new Set(
    said.filter(({ did }) => did === "taking back").map(({ digest }) => digest),
  );
  for (const { did, digest } of said) {
    if (did === "taken back")
      await expect(publications.find(digest)).rejects.toMatchObject({ code: "gone" });
    if (did === "published" && !mayBeGone.has(digest))
      await expect(publications.find(digest)).resolves.toBeDefined();
  }
}

test.each(moments)(
  "a process that is killed when %s leaves nothing half public",
  async (name, count) => {
    const said = await killedAtMore(count, name);
    const workspace = await openWorkspace(folder.path);
    await checkPublic(workspace, said);
    // the next server ends what was begun
    await new Publications(workspace).clean();
    await checkPublic(workspace, said);
    const state = join(workspace.state, "publications");
    const published = await namesIn(join(state, "published"));
    const gone = await namesIn(join(state, "taken-back"));
    expect(published.filter((each) => each.startsWith(".") || gone.includes(each))).toEqual([]);
    const ended = (await workspace.ledger.entries()).filter(
      ({ type }) => type === "publication-taken-back",
    );
    expect(ended.length).toBe(gone.length);
  },
  60_000,
);
