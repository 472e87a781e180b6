import { nameFromPath } from "../../cells/path-name.ts";
import { ask } from "./dialog.ts";
import { PublishedLinks, type PublishedLinksParts } from "./published-links.ts";
import { PublishSection, type Publishing } from "./share-publish.ts";
import { sourceSection, type SourceSharing } from "./share-source.ts";

/** What sharing a workbook takes. */
export interface Sharing extends SourceSharing, Omit<Publishing, "published"> {
  readonly api: Publishing["api"] & PublishedLinksParts["api"];
}

/** Asks how a workbook is to be shared: as a link that holds it, or published on this server. */
export async function shareWorkbook(sharing: Sharing): Promise<void> {
  const { path, text, api } = sharing;
  const links = new PublishedLinks({
    api,
    workbook: { path, text },
    title: "Links of this workbook",
    level: "h3",
  });
  const publish = new PublishSection({ ...sharing, published: () => void links.load() });
  void links.load();
  await ask<undefined>(
    `Share ${nameFromPath(path)}`,
    [sourceSection(sharing), publish.element, links.element],
    [{ label: "Close", value: undefined }],
  );
}
