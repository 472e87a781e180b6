import { nameFromPath } from "../../cells/path-name.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { ApiError } from "./api.ts";
import type { Backend } from "./backend.ts";
import type { Banners } from "./banners.ts";
import { downloadText } from "./conflict-dialog.ts";
import { ask } from "./dialog.ts";
import { DraftStore } from "./draft-store.ts";
import type { BrowserCopies, BrowserCopy } from "./guest/browser-copies.ts";
import { GuestBackend } from "./guest/guest-backend.ts";
import type { OpenedPublication } from "./guest/publication-client.ts";
import type { GuestActions } from "./guest-actions.ts";
import type { Header } from "./header.ts";
import type { LocalRuns } from "./local-runs.ts";
import { pageBase } from "./page-base.ts";
import type { Preferences } from "./preferences.ts";
import type { Preview } from "./preview.ts";
import { sourceSection } from "./share-source.ts";
import type { TrainingClient } from "./training-client.ts";
import { WorkbookDocument } from "./workbook-document.ts";
import { WorkbookView } from "./workbook-view.ts";
import { rowsInspector } from "./workers.ts";

/** What the page of a guest gives every workbook. */
export interface GuestPlace {
  readonly header: Header;
  readonly banners: Banners;
  readonly preferences: Preferences;
  readonly local: LocalRuns;
  readonly training: TrainingClient;
  /** what drafts are bound to, as others are to a workspace */
  readonly workspace: string;
}

/** Opens what a link leads to, to run and to edit. Edits are drafts in this browser until they are a copy. */
export function openPreviewed(
  { name, source, opened }: Preview,
  copying: Pick<GuestActions, "copy" | "copyWhere">,
  place: GuestPlace,
): WorkbookView {
  const path = opened?.publication.path ?? name;
  const files = {
    readFile: async () => ({ text: source, digest: sha256(source) }),
    writeFile: () =>
      Promise.reject(
        new ApiError("What a link leads to cannot be written", "read-only", 0, "Make a copy"),
      ),
  };
  return view(
    { path, text: source, files, opened, guest: { ...sharing(path), ...copying } },
    place,
  );
}

/** Opens a copy that lives in this browser. */
export function openCopy(
  copy: BrowserCopy,
  copies: BrowserCopies,
  opened: OpenedPublication | undefined,
  place: GuestPlace,
): WorkbookView {
  const { id, name, text } = copy;
  const files = {
    readFile: async () => fileOf(copies.read(id)),
    writeFile: async (_path: string, written: string, expected: string | null) => {
      const there = fileOf(copies.read(id));
      if (there.digest !== expected)
        throw new ApiError(`Another tab has written ${name}`, "conflict", 409);
      copies.save(id, written);
      return { digest: sha256(written) };
    },
  };
  const guest = { ...sharing(name), copyWhere: "in this browser" };
  return view({ path: name, text, files, opened, guest }, place);
}

function fileOf(copy: BrowserCopy | undefined): { text: string; digest: string } {
  if (copy !== undefined) return { text: copy.text, digest: sha256(copy.text) };
  throw new ApiError(
    "This copy was deleted in another tab",
    "missing",
    404,
    "Download it, or make another copy",
  );
}

interface GuestWorkbook {
  readonly path: string;
  readonly text: string;
  readonly files: Pick<Backend, "readFile" | "writeFile">;
  readonly opened: OpenedPublication | undefined;
  readonly guest: GuestActions;
}

function view(
  { path, text, files, opened, guest }: GuestWorkbook,
  { training, workspace, ...shared }: GuestPlace,
): WorkbookView {
  const api = new GuestBackend({ files, opened });
  const drafts = new DraftStore(localStorage, workspace);
  const document = WorkbookDocument.of(path, { text, digest: sha256(text) }, api, drafts);
  return new WorkbookView(document, {
    ...shared,
    api,
    guest,
    drafts,
    savedWhere: "in this browser",
    services: {
      api,
      feed: api.feed,
      train: (work, signal) => training.train(work, signal),
      dryRun: (work) => training.dryRun(work),
      inspect: rowsInspector(),
    },
  });
}

function sharing(path: string): Pick<GuestActions, "download" | "share"> {
  const name = nameFromPath(path);
  return {
    download: (text) => downloadText(name, text),
    share: (text) =>
      ask<undefined>(
        `Share ${name}`,
        [sourceSection({ path, text, base: pageBase().href })],
        [{ label: "Close", value: undefined }],
      ),
  };
}
