import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { siteFileName, type Site } from "../../cells/share/site.ts";
import { collectPublication, type CollectedPublication } from "../collect-publication.ts";
import type { CellReport } from "../headless/child-api.ts";
import { shareWorkbook } from "../headless/share-workbook.ts";
import { noteReport } from "../make-report.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import type { NamedWorkbook } from "./named-workbooks.ts";
import { makeSiteFolder } from "./site-folder.ts";
import { writeSitePage } from "./site-page.ts";

/** What a site is made of, and who hears how that goes. */
export interface BuildSiteOptions {
  /** the folder to make */
  readonly folder: string;
  readonly title: string;
  /** who publishes, in their own words */
  readonly by: string | null;
  /** whether the data that workbooks read goes with them */
  readonly withData: boolean;
  readonly workbooks: readonly NamedWorkbook[];
  /** the built page's folder */
  readonly page: string;
  readonly signal?: AbortSignal;
  /** the script of the process that runs cells; by default the one of this installation */
  readonly child?: string;
  /** hears that a workbook is run now */
  readonly onWorkbook?: (workbook: NamedWorkbook) => void;
  readonly onReport?: (report: CellReport) => void;
  /** decides, once all is known that would leave, whether it does */
  readonly mayLeave: (workbooks: readonly BuiltWorkbook[]) => Promise<boolean>;
}

/** A workbook in a site. */
export interface BuiltWorkbook {
  readonly workbook: NamedWorkbook;
  readonly collected: CollectedPublication;
  /** why not every cell has its value; what it shows says so too */
  readonly reason?: string;
}

/**
 * Makes a folder that any web host serves: the page, and workbooks with their saved results. Every
 * workbook is run first. One with cells that fail is published as it is.
 *
 * @returns the workbooks, or nothing where they may not leave
 * @throws {ServerError} `out` for a folder that must not be replaced, `report` where a workbook does
 *   not come to its end
 */
export async function buildSite(
  options: BuildSiteOptions,
): Promise<readonly BuiltWorkbook[] | undefined> {
  const { folder, title, page, workbooks, mayLeave } = options;
  const workspaces = new Workspaces();
  let built: readonly BuiltWorkbook[] = [];
  const isMade = await makeSiteFolder(folder, async (temporary) => {
    await writeSitePage(page, temporary, title);
    await mkdir(join(temporary, "s"));
    for (const workbook of workbooks) {
      options.signal?.throwIfAborted();
      const workspace = await workspaces.open(workbook.workspace);
      built = [...built, await build(workspace, workbook, join(temporary, "s"), options)];
    }
    if (!(await mayLeave(built))) return false;
    await writeFile(join(temporary, siteFileName), JSON.stringify(siteOf(title, built), null, 2));
    for (const { workbook, collected } of built)
      await noteReport((await workspaces.open(workbook.workspace)).ledger, collected.report);
    return true;
  });
  return isMade ? built : undefined;
}

async function build(
  workspace: Workspace,
  workbook: NamedWorkbook,
  publications: string,
  { by, withData, signal, child, onWorkbook, onReport }: BuildSiteOptions,
): Promise<BuiltWorkbook> {
  onWorkbook?.(workbook);
  const { shown, files, reason } = await shareWorkbook(workspace, workbook.file, {
    ...(signal !== undefined && { signal }),
    ...(child !== undefined && { child }),
    ...(onReport !== undefined && { onReport }),
  });
  const request = { path: workbook.path, shown, files, by, withData };
  const collected = await collectPublication(workspace, publications, request);
  return { workbook, collected, ...(reason !== undefined && { reason }) };
}

function siteOf(title: string, built: readonly BuiltWorkbook[]): Site {
  return {
    kind: "tierbook.site",
    version: 1,
    title,
    at: new Date().toISOString(),
    workbooks: built.map(({ collected: { digest, publication } }) => ({
      path: publication.path,
      title: publication.title,
      digest,
      by: publication.by,
      at: publication.at,
    })),
  };
}

/** The workspaces of a site's workbooks, each opened once. */
class Workspaces {
  private readonly opened = new Map<string, Promise<Workspace>>();

  open(root: string): Promise<Workspace> {
    const known = this.opened.get(root) ?? openWorkspace(root);
    this.opened.set(root, known);
    return known;
  }
}
