import { expect, test } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import {
  copyIntoWorkspace,
  copyPublicationIntoWorkspace,
  linkCopyName,
  reportCopyName,
} from "../../app/shell/copy-in-workspace.ts";
import { Preferences } from "../../app/shell/preferences.ts";
import { SomePublication } from "./guest/some-publication.ts";
import { MemoryStore } from "./memory-store.ts";

/** A workspace in memory: texts by path, and the digests of data. */
class Workspace {
  readonly written: Record<string, string> = {};
  readonly held: string[] = [];

  constructor(
    taken: readonly string[] = [],
    private readonly digests: Readonly<Record<string, string>> = {},
  ) {
    for (const path of taken) this.written[path] = "own";
  }

  async writeFile(
    path: string,
    text: string,
    expected: string | null,
  ): Promise<{ digest: string }> {
    if (expected === null && path in this.written) throw new ApiError("there", "conflict", 412);
    this.written[path] = text;
    return { digest: "" };
  }

  async hold(path: string): Promise<void> {
    this.held.push(path);
  }

  async fileDigest(path: string): Promise<string | null> {
    if (path.startsWith("..")) throw new ApiError("outside", "path", 400);
    return this.digests[path] ?? null;
  }
}

const foreign = {
  source: "theirs",
  name: (attempt: number) => linkCopyName("a.html", attempt),
  from: "a link",
  files: [],
};

test("a copy takes the first name that is free, replaces nothing, and is held", async () => {
  const workspace = new Workspace(["a.html", "a-copy.html"]);
  const preferences = new Preferences(new MemoryStore());
  const path = await copyIntoWorkspace(foreign, workspace, preferences);
  expect(path).toBe("a-copy-2.html");
  expect(workspace.held).toEqual([path]);
  expect(workspace.written).toEqual({
    "a.html": "own",
    "a-copy.html": "own",
    "a-copy-2.html": "theirs",
  });
  expect(preferences.heldCopy(path)).toEqual({ from: "a link", notes: [] });
  expect(await copyIntoWorkspace(foreign, new Workspace(), preferences)).toBe("a.html");
});

test("files that are others here than where a copy comes from are named", async () => {
  const workspace = new Workspace([], { "same.csv": "1", "other.csv": "2" });
  const preferences = new Preferences(new MemoryStore());
  const files = ["same.csv", "other.csv", "none.csv", "../up.csv", "a.csv", "b.csv"];
  const read = files.map((path) => ({ path, digest: "1" }));
  const path = await copyIntoWorkspace({ ...foreign, files: read }, workspace, preferences);
  expect(preferences.heldCopy(path)?.notes).toEqual([
    "other.csv is another one here, and stays as it is",
    "none.csv did not come with it and is not here",
    "../up.csv did not come with it and is not here",
    "So it is with 2 more",
  ]);
});

test("the copy of a publication has the person's edits, and names what became of its files", async () => {
  const workspace = new Workspace();
  const preferences = new Preferences(new MemoryStore());
  const copied = {
    path: "penguins.html",
    files: [
      { path: "a.csv", state: "written" },
      { path: "b.csv", state: "differs" },
      { path: ".c", state: "refused" },
    ] as const,
  };
  const api = {
    copyPublication: async () => copied,
    writeFile: (path: string, text: string) => workspace.writeFile(path, text, "published"),
    hold: (path: string) => workspace.hold(path),
  };
  const opened = await new SomePublication().open();
  const toCopy = { opened, from: "a link" };
  const path = await copyPublicationIntoWorkspace(toCopy, api, preferences);
  expect([path, workspace.written]).toEqual(["penguins.html", {}]);
  expect(preferences.heldCopy(path)?.notes).toEqual([
    "b.csv is another one here, and stays as it is",
    ".c has a name that no data may have here, so it was left out",
  ]);
  await copyPublicationIntoWorkspace({ ...toCopy, edited: "mine" }, api, preferences);
  expect(workspace.written).toEqual({ "penguins.html": "mine" });
});

test("a copy that cannot be marked as a stranger's is not given to be opened", async () => {
  const preferences = new Preferences(new MemoryStore(0));
  await expect(copyIntoWorkspace(foreign, new Workspace(), preferences)).rejects.toThrow(
    "storage is full",
  );
});

test("the workbook of a report gets a name beside it", () => {
  expect([1, 2].map((attempt) => reportCopyName("b/a-report.html", attempt))).toEqual([
    "b/a-copy.html",
    "b/a-copy-2.html",
  ]);
});
