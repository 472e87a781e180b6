import { secretKinds } from "../../cells/report/secrets-text.ts";
import type { SecretFinding } from "../../cells/report/secrets.ts";
import type { FoundSecret } from "../../cells/share/publishing.ts";
import { h } from "./dom.ts";

/** The most excerpts of one kind that are shown. */
const mostExcerpts = 5;

/** What looks like a secret, masked: a line for each kind, and where it stands where that is known. */
export function secretsList(
  found: readonly (Pick<SecretFinding, "kind" | "excerpt"> | FoundSecret)[],
): HTMLElement {
  const lines = secretKinds(found).map(({ kind, excerpts }) => {
    const more = excerpts.length - mostExcerpts;
    const shown = excerpts.slice(0, mostExcerpts).flatMap((text) => [h("code", {}, text), " "]);
    const places = placesText(found.filter((finding) => finding.kind === kind));
    return h(
      "li",
      {},
      `${kind}: `,
      ...shown,
      more > 0 && `and ${more} more `,
      places !== "" && h("small", {}, places),
    );
  });
  return h("ul", { class: "secrets" }, ...lines);
}

const placeNames: Readonly<Record<string, string>> = {
  publication: "its title, path or name",
  workbook: "the source",
  report: "what cells show",
  result: "kept results",
  run: "runs",
  receipt: "receipts",
};

function placesText(found: readonly object[]): string {
  const places = found.flatMap((finding) =>
    "where" in finding && typeof finding.where === "string" ? [finding.where] : [],
  );
  const names = [...new Set(places)].map((place) => placeNames[place] ?? place);
  return names.length === 0 ? "" : `in ${names.join(", ")}`;
}
