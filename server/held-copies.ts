import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readHeldCopy, type HeldCopy } from "../cells/share/held-copy.ts";
import { readIfThere, writeDurably } from "./durable-file.ts";
import type { Workspace } from "./workspace.ts";
import { workbookName } from "./workspace-path.ts";

/*
 * Which workbooks wait for the person's leave to run. It stands in the workspace, since a browser
 * forgets: with another port, the same server is another site to it.
 */

/** Marks a workbook as somebody else's. @throws {ServerError} 400 `path` */
export async function holdCopy(workspace: Workspace, path: string, copy: HeldCopy): Promise<void> {
  await writeDurably(await markOf(workspace, path), JSON.stringify(copy));
}

/** Why a workbook is held; undefined for one that is not. @throws {ServerError} 400 `path` */
export async function heldCopy(workspace: Workspace, path: string): Promise<HeldCopy | undefined> {
  const text = await readIfThere(await markOf(workspace, path));
  return text === undefined ? undefined : readHeldCopy(text);
}

/** The person lets a workbook run. @throws {ServerError} 400 `path` */
export async function releaseCopy(workspace: Workspace, path: string): Promise<void> {
  await rm(await markOf(workspace, path), { force: true });
}

async function markOf({ root, state }: Workspace, path: string): Promise<string> {
  const name = await workbookName(root, path);
  return join(state, "held", createHash("sha256").update(name).digest("hex"));
}
