import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { workspacePath } from "../../server/workspace-path.ts";
import { temporaryFolder } from "./fixtures.ts";

let workspace: Workspace;
let outside: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  outside = join(folder.path, "outside");
  const root = join(folder.path, "workspace");
  await mkdir(join(root, "data"), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, "secret.html"), "secret");
  await writeFile(join(root, "book.html"), "<notebook></notebook>");
  await writeFile(join(root, "data/rows.csv"), "a\n1\n");
  await symlink(join(outside, "secret.html"), join(root, "link.html"));
  await symlink(outside, join(root, "folder-link"));
  await symlink(join(outside, "not-yet.html"), join(root, "dangling.html"));
  await symlink("loop.html", join(root, "loop.html"));
  await symlink("data", join(root, "inner-link"));
  workspace = await openWorkspace(root);
  await symlink(".tierbook", join(root, "state-link"));
  await writeFile(join(root, ".env"), "KEY=1");
});
afterAll(() => remove());

test.each([
  "",
  "/",
  "/etc/passwd",
  "..",
  "../outside/secret.html",
  "data/../../outside/secret.html",
  "data/./rows.csv",
  "data//rows.csv",
  "data/",
  "..\\outside\\secret.html",
  "book.html\0.csv",
  "book.html\n",
  ".tierbook/ledger.jsonl",
  ".TierBook/ledger.jsonl",
  ".tierbook./ledger.jsonl",
  ".tierbook /ledger.jsonl",
  "．tierbook/ledger.jsonl",
  "data/.tierbook/x",
  ".env",
  ".git/config",
  "link.html",
  "folder-link/secret.html",
  "folder-link/new.html",
  "dangling.html",
  "loop.html",
  "state-link/ledger.jsonl",
])("the path %j is refused", async (path) => {
  await expect(workspacePath(workspace.root, path)).rejects.toMatchObject({ code: "path" });
});

test("a path inside is found, through a link that stays inside, and whether or not it exists", async () => {
  const { root } = workspace;
  expect(await workspacePath(root, "book.html")).toBe(join(root, "book.html"));
  expect(await workspacePath(root, "inner-link/rows.csv")).toBe(join(root, "data/rows.csv"));
  expect(await workspacePath(root, "new folder/ünï.html")).toBe(join(root, "new folder/ünï.html"));
});

test("no path at all leads out of the workspace or into its state", async () => {
  const segment = fc.oneof(
    fc.constantFrom("..", ".", "", "data", "link.html", "folder-link", ".tierbook", "inner-link"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  );
  const path = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join("/"));
  await fc.assert(
    fc.asyncProperty(path, async (path) => {
      const real = await workspacePath(workspace.root, path).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "path" });
        return join(workspace.root, "refused");
      });
      expect(real.startsWith(`${workspace.root}/`)).toBe(true);
      expect(real).not.toContain("/.");
    }),
    { numRuns: 500 },
  );
});

test("files are listed without hidden ones and without what lies outside", async () => {
  const listed = await workspace.files.list();
  expect(listed.map(({ path, kind }) => [path, kind])).toEqual([
    ["book.html", "workbook"],
    ["data/rows.csv", "data"],
  ]);
});
