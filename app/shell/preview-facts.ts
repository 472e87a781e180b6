import type { Report } from "../../cells/report/report.ts";
import { partsOf, type Publication, type PublishedFile } from "../../cells/share/publication.ts";
import { bytesText } from "./bytes-text.ts";
import { counted } from "./plan-text.ts";
import { strangersName } from "./strangers-name.ts";

/** A thing to know of a workbook before one lets it run, in a sentence without a full stop. */
export interface PreviewFact {
  readonly tone: "info" | "pass" | "warn";
  readonly text: string;
}

/** Who published it and when. Anybody can give any name, and that is said. */
export function publisherFact({ by, at }: Pick<Publication, "by" | "at">): PreviewFact {
  const when = whenText(at);
  const text =
    by === null
      ? `Published ${when} by somebody who gave no name`
      : `Published ${when} by ${by}; nobody has checked that name`;
  return { tone: "info", text };
}

/** A moment as a person says it. */
export function whenText(at: string): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
}

/** That what came is what the link names, and that the outputs belong to the source. */
export function contentFact(digest: string, areOutputsOfSource: boolean): PreviewFact {
  if (!areOutputsOfSource)
    return {
      tone: "warn",
      text: "The outputs below are not of the source that this link holds, so they may show anything",
    };
  return {
    tone: "pass",
    text: `What came is what the link names (${digest.slice(0, 8)}…)`,
  };
}

/** How much it is, and the highest rung of the ladder that it reached. */
export function sizeFact(
  numCells: number,
  publication: Publication,
  report: Report | undefined,
): PreviewFact {
  const bytes = partsOf(publication).reduce((sum, { size }) => sum + size, 0);
  const rung = highestRung(publication, report);
  const text = [
    counted(numCells, "cell"),
    bytesText(bytes),
    ...(rung === undefined ? [] : [`reached the ${rung}`]),
  ].join(", ");
  return { tone: "info", text };
}

/** The highest rung that its receipts and runs tell of, as its author's page had it. */
function highestRung(publication: Publication, report: Report | undefined): string | undefined {
  const runs = report?.provenance.runs.filter(({ state }) => state === "succeeded") ?? [];
  if (runs.some(({ tier }) => tier === "full")) return "full run";
  if (runs.some(({ tier }) => tier === "small")) return "small run";
  const receipts = [...publication.receipts, ...(report?.provenance.receipts ?? [])];
  const passed = new Set(
    receipts
      .filter(({ verdict }) => verdict === "pass" || verdict === "warn")
      .map(({ stage }) => stage),
  );
  if (passed.has("fullRun")) return "full run";
  if (passed.has("smallRun")) return "small run";
  if (passed.has("dryRun")) return "dry run";
  return passed.has("plan") ? "plan" : undefined;
}

/** The most files that are named one by one. */
const mostFiles = 3;

/** Which files it reads, and whether they came with it; nothing for a workbook that reads none. */
export function dataFact(files: readonly PublishedFile[]): readonly PreviewFact[] {
  const [given, kept] = [files.filter(isGiven), files.filter((file) => !isGiven(file))];
  return [
    ...(given.length === 0
      ? []
      : [{ tone: "info" as const, text: `Its data is here: ${names(given)}` }]),
    ...(kept.length === 0
      ? []
      : [
          {
            tone: "warn" as const,
            text: `Its author kept ${names(kept)}: cells that read it cannot run anew`,
          },
        ]),
  ];
}

function isGiven({ bytes, table }: PublishedFile): boolean {
  return bytes !== undefined || table !== undefined;
}

function names(files: readonly PublishedFile[]): string {
  const more = files.length - mostFiles;
  const shown = files.slice(0, mostFiles).map(({ path }) => strangersName(path));
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
