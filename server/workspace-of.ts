import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stateFolder } from "./workspace-path.ts";

/** The workspace that a file belongs to: the nearest folder above it that is one, else its own. */
export async function workspaceOf(file: string): Promise<string> {
  const own = dirname(file);
  for (let folder = own; ; folder = dirname(folder)) {
    const found = await stat(join(folder, stateFolder)).catch(() => undefined);
    if (found?.isDirectory() === true) return folder;
    if (folder === dirname(folder)) return own;
  }
}
