import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Publication } from "../../cells/share/publication.ts";
import { collectPublication } from "../../server/collect-publication.ts";
import { copyPublication } from "../../server/copy-publication.ts";
import { PublicationDraft } from "../../server/publication-draft.ts";
import { readFolder } from "../../server/publication-folders.ts";
import type { Publications } from "../../server/publications.ts";
import type { Workspace } from "../../server/workspace.ts";
import { anyNotebookText } from "../runtime/random-notebook.ts";
import { notebookText, publishingWorkspace, somePublication } from "./some-publication.ts";

let workspace: Workspace;
let publications: Publications;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ workspace, publications, remove } = await publishingWorkspace());
});
afterAll(() => remove());

/** The workbook's bytes after it was published and copied. */
async function throughPublication(text: string): Promise<Buffer> {
  const { digest } = await publications.prepare(somePublication({ text }));
  await publications.publish(digest);
  const { path } = await copyPublication(workspace, await publications.find(digest));
  return await readFile(join(workspace.root, path));
}

test.each(["flights.html", "penguins.html"])(
  "%s comes out of its publication as it was",
  async (name) => {
    const file = await readFile(new URL(`../../workbooks/${name}`, import.meta.url));
    expect((await throughPublication(file.toString())).equals(file)).toBe(true);
  },
);

test.each(["a byte order mark\n", "\r\nlines of\r\nanother system"])(
  "a workbook with %j keeps it",
  async (odd) => {
    const text = `\uFEFF${notebookText(`<script id="1" type="text/markdown">${odd}</script>`)}`;
    expect((await throughPublication(text)).equals(Buffer.from(text))).toBe(true);
  },
);

test("generated workbooks come out of their publications byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(anyNotebookText, async (text) => {
      expect((await throughPublication(text)).equals(Buffer.from(text))).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test("1,000 generated workbooks come out of a publication’s folder byte for byte", async () => {
  const parent = join(workspace.state, "drafts");
  const { publication: usual } = await collectPublication(workspace, parent, somePublication());
  const throughFolder = async (text: string): Promise<Buffer> => {
    const draft = await PublicationDraft.begin(parent);
    const workbook = await draft.addBytes("the workbook", Buffer.from(text));
    const report = await draft.addBytes("the report", Buffer.from("a report"));
    const publication: Publication = { ...usual, title: text.slice(0, 1_000), workbook, report };
    const folder = join(parent, await draft.finish(publication));
    const read = await readFolder(folder, folder.slice(-64));
    return await readFile(join(folder, "parts", read.workbook.digest));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(anyNotebookText, { minLength: 20, maxLength: 20 }), async (texts) => {
      const back = await Promise.all(texts.map(throughFolder));
      expect(back.map(String)).toEqual(texts);
    }),
    { numRuns: 50 },
  );
}, 60_000);
