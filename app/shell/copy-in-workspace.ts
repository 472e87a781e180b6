import type { HeldCopy } from "../../cells/share/held-copy.ts";
import type { CopiedFile } from "../../cells/share/publishing.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./api.ts";
import type { OpenedPublication } from "./guest/publication-client.ts";
import type { Preferences } from "./preferences.ts";

/** A workbook that somebody else made, to be written into the workspace. */
export interface ForeignWorkbook {
  readonly source: string;
  /** what its file may be called: asked for 1, 2, … until a name is free */
  readonly name: (attempt: number) => string;
  /** where it comes from, as it stands after "comes from" */
  readonly from: string;
  /** the files that it read where it comes from, with SHA-256 of their bytes; empty where nobody knows */
  readonly files: readonly { readonly path: string; readonly digest: string }[];
}

/**
 * Writes a workbook under the first name that is free, and touches nothing else. It opens held: it
 * runs once the person says so.
 *
 * @returns its path
 */
export async function copyIntoWorkspace(
  { source, name, from, files }: ForeignWorkbook,
  api: Pick<Api, "writeFile" | "fileDigest" | "hold">,
  preferences: Preferences,
): Promise<string> {
  const notes: string[] = [];
  for (const file of files) {
    const here = await api.fileDigest(file.path).catch(() => null);
    const state = here === file.digest ? "same" : here === null ? "missing" : "differs";
    notes.push(...fileNotes(file.path, state));
  }
  const path = await writeUnderFreeName(name, source, api);
  await holdCopy(path, { from, notes: firstOf(notes) }, { api, preferences });
  return path;
}

/**
 * Makes a workbook of one's own of what was published on the own server, with the data that came with
 * it. It opens held.
 *
 * @param edited the workbook's text where the person has edited it
 * @returns its path
 */
export async function copyPublicationIntoWorkspace(
  { opened, edited, from }: PublicationToCopy,
  api: Pick<Api, "copyPublication" | "writeFile" | "hold">,
  preferences: Preferences,
): Promise<string> {
  const { path, files } = await api.copyPublication(opened.digest);
  const notes = files.flatMap(({ path, state }) => fileNotes(path, state));
  await holdCopy(path, { from, notes: firstOf(notes) }, { api, preferences });
  if (edited !== undefined) await api.writeFile(path, edited, opened.publication.workbook.digest);
  return path;
}

/** A publication of the own server that is to become a workbook of one's own. */
export interface PublicationToCopy {
  readonly opened: Pick<OpenedPublication, "digest" | "publication">;
  /** the text that the person has made of it */
  readonly edited?: string | undefined;
  /** where it comes from, as it stands after "comes from" */
  readonly from: string;
}

/** The most files of which something is said one by one. */
const mostNotes = 3;

function firstOf(notes: readonly string[]): readonly string[] {
  const more = notes.length - mostNotes;
  return more <= 0 ? notes : [...notes.slice(0, mostNotes), `So it is with ${more} more`];
}

/** What is to be said of a file that a copy reads; nothing where it is what it was. */
function fileNotes(path: string, state: CopiedFile["state"]): readonly string[] {
  switch (state) {
    case "written":
    case "same":
      return [];
    case "differs":
      return [`${path} is another one here, and stays as it is`];
    case "missing":
      return [`${path} did not come with it and is not here`];
    case "refused":
      return [`${path} has a name that no data may have here, so it was left out`];
  }
}

/**
 * Marks a copy that was written, so that it opens held.
 *
 * @throws {Error} where the browser has no room for the mark: then the copy must not be opened
 */
async function holdCopy(
  path: string,
  copy: HeldCopy,
  { api, preferences }: { readonly api: Pick<Api, "hold">; readonly preferences: Preferences },
): Promise<void> {
  try {
    preferences.hold(path, copy);
  } catch (error) {
    throw new Error(
      `This browser’s storage is full, so it cannot remember that ${path} is a stranger’s. The copy is in the workspace, and would run as soon as it is opened`,
      { cause: error },
    );
  }
  // a browser forgets, and another one never knew
  await api.hold(path, copy);
}

async function writeUnderFreeName(
  name: (attempt: number) => string,
  source: string,
  api: Pick<Api, "writeFile">,
): Promise<string> {
  for (let attempt = 1; ; ++attempt) {
    const path = name(attempt);
    try {
      await api.writeFile(path, source, null);
      return path;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "conflict")) throw error;
    }
  }
}

/** What the copy of a report's workbook is called: `a-report.html` holds `a-copy.html`. */
export function reportCopyName(path: string, attempt: number): string {
  const stem = path.replace(/\.html?$/i, "").replace(/-report$/, "");
  return `${stem}-copy${attempt === 1 ? "" : `-${attempt}`}.html`;
}

/** What the copy of a link's workbook is called: its own name, or one that says that it is a copy. */
export function linkCopyName(name: string, attempt: number): string {
  return attempt === 1 ? name : reportCopyName(name, attempt - 1);
}
