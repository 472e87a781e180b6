import { nameFromPath } from "../../cells/path-name.ts";
import { readReport } from "../../cells/report/read-report.ts";
import type { LinkedSource } from "../../cells/share/source-link.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import { bytesText } from "./bytes-text.ts";
import type { OpenedPublication } from "./guest/publication-client.ts";
import { counted } from "./plan-text.ts";
import {
  contentFact,
  dataFact,
  publisherFact,
  sizeFact,
  type PreviewFact,
} from "./preview-facts.ts";
import { strangersName } from "./strangers-name.ts";

/** A workbook that somebody else made, as a person sees it before anything of it runs. */
export interface Preview {
  readonly title: string;
  /** what its file is called, without folders */
  readonly name: string;
  /** the workbook's file */
  readonly source: string;
  /** who made it, in their own words; null where nobody says so */
  readonly by: string | null;
  /** what is to be known of it, the most important first */
  readonly facts: readonly PreviewFact[];
  /** its saved outputs, as a report's file; a link that holds the source has none */
  readonly saved?: string;
  /** what was published; a link that holds the source has none */
  readonly opened?: OpenedPublication;
}

/**
 * The preview of what was published. Reads the source and the saved outputs, which are checked
 * against the link's digest on their way.
 *
 * @throws {PublicationError} where a part is not what the link names
 * @throws {NotebookError} where the source is no workbook
 */
export async function previewOfPublication(opened: OpenedPublication): Promise<Preview> {
  const { publication, digest } = opened;
  const [source, saved] = await Promise.all([
    opened.text(publication.workbook),
    opened.text(publication.report),
  ]);
  const { cells } = parseNotebook(source);
  const report = readReport(saved);
  const by = publication.by === null ? null : strangersName(publication.by);
  return {
    title: strangersName(publication.title),
    name: nameFromPath(publication.path),
    source,
    by,
    facts: [
      publisherFact({ by, at: publication.at }),
      contentFact(digest, report?.source === source),
      sizeFact(cells.length, publication, report),
      ...dataFact(publication.files),
    ],
    saved,
    opened,
  };
}

/**
 * The preview of a link that holds the source.
 *
 * @throws {NotebookError} where the source is no workbook
 */
export function previewOfLink({ text, name }: LinkedSource): Preview {
  const { title, cells } = parseNotebook(text);
  const bytes = new TextEncoder().encode(text).byteLength;
  return {
    title: strangersName(title === "" ? name : title),
    name,
    source: text,
    by: null,
    facts: [
      { tone: "info", text: "The link says nothing of who made it or when" },
      { tone: "pass", text: "It came whole: its checksum fits" },
      {
        tone: "info",
        text: `It holds the source alone: ${counted(cells.length, "cell")}, ${bytesText(bytes)}; no outputs, no data`,
      },
    ],
  };
}
