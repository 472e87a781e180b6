import type { Part, Publication } from "../cells/share/publication.ts";
import type { PublishedRun } from "../cells/share/published-run.ts";
import type { PreparedPublication, PublicationRequest } from "../cells/share/publishing.ts";
import { makeReport, type MadeReport } from "./make-report.ts";
import { PublicationDraft } from "./publication-draft.ts";
import { publishFile, type FileOfPublication } from "./publish-files.ts";
import { searchPublication } from "./search-publication.ts";
import { ServerError } from "./server-error.ts";
import { tierbookVersion } from "./version.ts";
import { workbookName } from "./workspace-path.ts";
import type { Workspace } from "./workspace.ts";

/** A publication in a folder, and what it would give away. */
export interface CollectedPublication extends PreparedPublication {
  readonly publication: Publication;
  /** its report, which the ledger does not know yet */
  readonly report: MadeReport;
}

/** How many kept results are read together. */
const readWidth = 8;

/**
 * Collects all that a publication of a workbook has, and makes its folder: `<parent>/<digest>` with
 * `publication.json` and `parts/<sha256>`. The folder appears whole or not at all. Receipts, runs,
 * results and files come from the workspace's own store; the request only names them.
 *
 * @throws {ServerError} 400 `path`, `workbook`; 409 `changed`; 413 `too-large`
 */
export async function collectPublication(
  workspace: Workspace,
  parent: string,
  request: PublicationRequest,
): Promise<CollectedPublication> {
  const path = await workbookName(workspace.root, request.path);
  if (!/\.html$/i.test(path))
    throw new ServerError(400, "path", `${path} is no workbook: a workbook's name ends in .html`);
  const report = await makeReport(workspace, {
    path,
    shown: request.shown.report,
    files: request.files,
  });
  const draft = await PublicationDraft.begin(parent);
  try {
    const files = await publishFiles(workspace, draft, request);
    const publication: Publication = {
      kind: "tierbook.publication",
      version: 1,
      title: report.report.title,
      path,
      by: request.by,
      at: report.at,
      tierbook: tierbookVersion(),
      workbook: await draft.addBytes("the workbook", utf8(request.shown.report.text)),
      report: await draft.addBytes("the report", utf8(report.html)),
      results: await publishResults(workspace, draft, path, request.shown.results),
      receipts: report.report.provenance.receipts,
      runs: await publishRuns(workspace, draft, request.shown.report.runs),
      files: files.map(({ published }) => published),
    };
    draft.checkSize();
    const tables = new Map(
      files.flatMap(({ published, table }) => (table ? [[published.path, table]] : [])),
    );
    const outcome = await searchPublication(publication, {
      pathOf: (part) => draft.path(part),
      tables,
    });
    const prepared = files.map((file) => file.prepared);
    const bytes = draft.bytes;
    const digest = await draft.finish(publication);
    return { digest, bytes, files: prepared, publication, report, ...outcome };
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function publishFiles(
  workspace: Workspace,
  draft: PublicationDraft,
  { files, shown, withData }: PublicationRequest,
): Promise<readonly FileOfPublication[]> {
  const choice = { text: shown.report.text, withData };
  const byPath = new Map(files.map((file) => [file.path, file]));
  const published: FileOfPublication[] = [];
  for (const file of byPath.values())
    published.push(await publishFile(workspace, draft, file, choice));
  return published;
}

/** Those of the results that are kept. */
async function publishResults(
  { results }: Workspace,
  draft: PublicationDraft,
  workbook: string,
  keys: readonly string[],
): Promise<Publication["results"]> {
  const distinct = [...new Set(keys)];
  const published: { key: string; part: Part }[] = [];
  for (let i = 0; i < distinct.length; i += readWidth) {
    const some = await Promise.all(
      distinct.slice(i, i + readWidth).map(async (key) => {
        const bytes = await results.get(workbook, key);
        return bytes && { key, part: await draft.addBytes("kept results", bytes) };
      }),
    );
    published.push(...some.filter((result) => result !== undefined));
  }
  return published;
}

/** Those of the runs that have ended by their own word. */
async function publishRuns(
  { runs }: Workspace,
  draft: PublicationDraft,
  keys: readonly string[],
): Promise<Publication["runs"]> {
  const published: { key: string; part: Part }[] = [];
  for (const { key, request, result } of await runs.readable([...new Set(keys)])) {
    if (result === undefined || result.state === "lost") continue;
    const { events } = await runs.directory(key).readEvents();
    const run: PublishedRun = { request, events, result };
    published.push({ key, part: await draft.addBytes("runs", utf8(JSON.stringify(run))) });
  }
  return published;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
