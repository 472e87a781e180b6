import * as v from "valibot";
import { PublicationError } from "../../../cells/share/publication.ts";
import { publishedRunSchema, type PublishedRun } from "../../../cells/share/published-run.ts";
import { runKey } from "../../../engines/run.ts";
import { recordFault } from "../../../engines/run-record.ts";
import type { OpenedPublication } from "./publication-client.ts";

/** The most bytes that a published run may have. */
const maxRunBytes = 64 << 20;

/**
 * A run that came with a workbook and succeeded, if all of it holds together: its key is that of its
 * request, its events count, its end is its own. Somebody else has seen it run, nobody here. Whatever
 * else is there under that key is as good as not there.
 */
export async function readPublishedRun(
  opened: OpenedPublication,
  key: string,
): Promise<PublishedRun | undefined> {
  const named = opened.publication.runs.find((run) => run.key === key);
  if (named === undefined || named.part.size > maxRunBytes) return undefined;
  try {
    const parsed = v.safeParse(fromText, await opened.text(named.part));
    return parsed.success && isOf(key, parsed.output) ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof PublicationError) return undefined;
    throw error;
  }
}

const fromText = v.pipe(v.string(), v.parseJson(), publishedRunSchema);

function isOf(key: string, { request, events, result }: PublishedRun): boolean {
  return (
    request.tier !== "dry" &&
    runKey(request) === key &&
    result.state === "succeeded" &&
    recordFault(key, { events, result }) === undefined
  );
}
