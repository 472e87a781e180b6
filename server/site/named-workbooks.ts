import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isReport } from "../../cells/report/read-report.ts";
import { NotebookError, parseNotebook } from "../../runtime/notebook.ts";
import { ServerError } from "../server-error.ts";
import { WorkspaceFiles } from "../workspace-files.ts";
import { workspaceOf } from "../workspace-of.ts";

/** A workbook that a command line names, or one in a folder that it names. */
export interface NamedWorkbook {
  /** real path */
  readonly file: string;
  /** the real path of the workspace that it belongs to */
  readonly workspace: string;
  /** its path there, with slashes */
  readonly path: string;
}

/**
 * The workbooks that files and folders name, each once, in the order in which they are named.
 *
 * @throws {ServerError} 404 `file` for what is not there, 400 `workbook` for what is none, 409 `path`
 *   for two that a site could not tell from each other
 */
export async function namedWorkbooks(names: readonly string[]): Promise<readonly NamedWorkbook[]> {
  const found = new Map<string, NamedWorkbook>();
  for (const name of names)
    for (const workbook of await workbooksAt(name)) {
      const known = found.get(workbook.path);
      if (known !== undefined && known.file !== workbook.file)
        throw new ServerError(
          409,
          "path",
          `${known.file} and ${workbook.file} are both ${workbook.path} in their workspaces`,
          { hint: "build a site for each, or have both in one workspace under different names" },
        );
      found.set(workbook.path, workbook);
    }
  return [...found.values()];
}

async function workbooksAt(name: string): Promise<readonly NamedWorkbook[]> {
  const found = await stat(name).catch(() => undefined);
  if (found === undefined) throw new ServerError(404, "file", `there is no file or folder ${name}`);
  const real = await realpath(name);
  return found.isDirectory() ? await workbooksIn(real) : [await workbookAt(real)];
}

async function workbooksIn(folder: string): Promise<readonly NamedWorkbook[]> {
  const workspace = await workspaceOf(join(folder, "any"));
  const files = await new WorkspaceFiles(workspace).list();
  const workbooks = files
    .filter(({ kind }) => kind === "workbook")
    .map(({ path }) => ({ path, workspace, file: join(workspace, ...path.split("/")) }))
    .filter(({ file }) => file.startsWith(folder + sep));
  if (workbooks.length > 0) return workbooks;
  throw new ServerError(404, "workbook", `there is no workbook in ${folder}`);
}

async function workbookAt(file: string): Promise<NamedWorkbook> {
  const text = await readFile(file, "utf8");
  if (isReport(text))
    throw new ServerError(400, "workbook", `${file} is a report, not a workbook`, {
      hint: "open it in Tierbook to get its workbook as a copy",
    });
  if (!/\.html$/i.test(file) || !isNotebook(text))
    throw new ServerError(400, "workbook", `${file} is not a workbook`, {
      hint: "a workbook's name ends in .html, and there is a <notebook> in it",
    });
  const workspace = await workspaceOf(file);
  return { file, workspace, path: relative(workspace, file).split(sep).join("/") };
}

function isNotebook(text: string): boolean {
  try {
    parseNotebook(text);
    return true;
  } catch (error) {
    if (error instanceof NotebookError) return false;
    throw error;
  }
}
