import * as v from "valibot";
import { PublicationError } from "../../../cells/share/publication.ts";
import { siteFileName, siteSchema, type Site } from "../../../cells/share/site.ts";
import { pageBase } from "../page-base.ts";
import { fetchPolitely, type Fetching } from "./fetch-politely.ts";

/**
 * The site that this page is the page of.
 *
 * @throws {PublicationError} `missing`, `unreachable`, `malformed`
 */
export function openSite(fetching: Fetching = {}): Promise<Site> {
  const url = new URL(siteFileName, pageBase());
  return fetchPolitely(url, { fetcher: fetchFresh, ...fetching }, async (response) => {
    const parsed = v.safeParse(
      v.pipe(v.string(), v.parseJson(), siteSchema),
      await response.text(),
    );
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    throw new PublicationError(
      `${siteFileName} cannot be read: ${v.getDotPath(issue) ?? "$"}: ${issue.message}`,
      "malformed",
    );
  });
}

/** A site is built anew under the same address, and few hosts say for how long a file holds. */
const fetchFresh: typeof fetch = (input, init) => fetch(input, { ...init, cache: "no-cache" });

/** Where a publication lies: below the page, on a Tierbook server as on a static site. */
export function publicationFolder(digest: string): URL {
  return new URL(`s/${digest}/`, pageBase());
}
