import {
  copyIntoWorkspace,
  copyPublicationIntoWorkspace,
  linkCopyName,
} from "./copy-in-workspace.ts";
import { StorageFullError, type BrowserCopies, type CopyOrigin } from "./guest/browser-copies.ts";
import { publicationFolder } from "./guest/site-client.ts";
import type { OwnServer } from "./own-server.ts";
import { Preferences } from "./preferences.ts";
import type { Preview } from "./preview.ts";
import type { Route } from "./routes.ts";

/** A preview that is to become a copy, and where copies can be put. */
export interface CopyToKeep {
  readonly preview: Preview;
  /** the workbook's text, with the person's edits */
  readonly text: string;
  readonly copies: BrowserCopies;
  /** the visitor's own server; without one the copy lives in this browser */
  readonly server?: OwnServer | undefined;
}

/** Where copies are put, as it stands after "Make a copy". */
export function copyPlace(server: OwnServer | undefined): string {
  return server === undefined ? "in this browser" : "in your workspace";
}

/** Makes a copy of one's own. It opens held. @returns where it is */
export async function keepCopy(toKeep: CopyToKeep): Promise<Route> {
  const { server } = toKeep;
  return server === undefined ? copyInBrowser(toKeep) : await copyOnServer(toKeep, server);
}

async function copyOnServer(
  { preview, text }: CopyToKeep,
  { api, workspace }: OwnServer,
): Promise<Route> {
  const preferences = new Preferences(localStorage, workspace);
  const { opened, source, name } = preview;
  const from = originText(originOf(preview));
  const path =
    opened === undefined
      ? await copyIntoWorkspace(
          { source: text, name: (attempt) => linkCopyName(name, attempt), from, files: [] },
          api,
          preferences,
        )
      : await copyPublicationIntoWorkspace(
          { opened, edited: text === source ? undefined : text, from },
          api,
          preferences,
        );
  return { at: "workbook", path };
}

function copyInBrowser({ preview, text, copies }: CopyToKeep): Route {
  const { name, title } = preview;
  const from = originOf(preview);
  const { id } = copies.add({ name, title, text, from });
  const preferences = new Preferences(localStorage, copies.workspace(id));
  try {
    preferences.hold(name, { from: originText(from), notes: [] });
  } catch {
    copies.remove(id);
    throw new StorageFullError();
  }
  return { at: "copy", id };
}

function originOf({ title, by, opened }: Preview): CopyOrigin {
  if (opened === undefined) return { title, by };
  const { digest } = opened;
  return { title, by, publication: { digest, folder: publicationFolder(digest).href } };
}

/** Where a copy comes from, as it stands after "comes from". */
function originText({ title, by, publication }: CopyOrigin): string {
  if (publication === undefined) return `a link with the source of “${title}”, which names nobody`;
  const whose = by === null ? "without a name" : `by ${by} (nobody has checked that name)`;
  return `“${title}”, published ${whose}`;
}
