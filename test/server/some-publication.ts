import type { PublicationRequest } from "../../cells/share/publishing.ts";
import { Publications } from "../../server/publications.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { temporaryFolder } from "./fixtures.ts";

/** A workspace in a folder of its own, and what it publishes. */
export async function publishingWorkspace(): Promise<{
  readonly workspace: Workspace;
  readonly publications: Publications;
  readonly remove: () => Promise<void>;
}> {
  const { path, remove } = await temporaryFolder();
  const workspace = await openWorkspace(path);
  return { workspace, publications: new Publications(workspace), remove };
}

/** A workbook's text, from its cells' markup. */
export function notebookText(...cells: readonly string[]): string {
  return `<!doctype html>\n<notebook>\n<title>Points &amp; lines</title>\n${cells.join("\n")}\n</notebook>\n`;
}

/** What a page asks to have published: a workbook of one cell that shows `hi`, and no more. */
export function somePublication({
  text = notebookText(`<script id="1" type="text/markdown">hi</script>`),
  results = [],
  receipts = [],
  runs = [],
  outputs = ["<p>hi</p>"],
  ...more
}: Partial<PublicationRequest> & {
  readonly text?: string;
  readonly results?: readonly string[];
  readonly receipts?: readonly string[];
  readonly runs?: readonly string[];
  readonly outputs?: readonly string[];
} = {}): PublicationRequest {
  const cell = {
    id: 1,
    mode: "md",
    source: "hi",
    pinned: false,
    defines: [],
    state: "fresh",
    cached: false,
    volatile: false,
    fingerprint: "f",
    outputs,
  } as const;
  return {
    path: "book.html",
    shown: { report: { text, cells: [cell], receipts, runs }, results },
    files: [],
    by: "Ada",
    withData: false,
    ...more,
  };
}
