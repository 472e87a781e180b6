import { nameFromPath } from "../../cells/path-name.ts";
import { button } from "./button.ts";
import { ask } from "./dialog.ts";
import { h } from "./dom.ts";
import { counted } from "./plan-text.ts";

/** Which of two versions of a workbook is to stand on disk. */
export type ConflictAnswer = "mine" | "theirs";

/**
 * Somebody else has changed the file since it was opened: asks which version is to stay. Both can be
 * downloaded first. `undefined` leaves everything as it is.
 */
export function askAboutConflict(
  path: string,
  mine: string,
  theirs: string,
): Promise<ConflictAnswer | undefined> {
  const name = nameFromPath(path);
  return ask<ConflictAnswer | undefined>(
    "The file has changed on disk",
    [
      h(
        "p",
        { class: "lead" },
        `Somebody or something else has written ${path} since you opened it.`,
      ),
      h(
        "div",
        { class: "versions" },
        version("Yours, in this page", mine, theirs, () =>
          downloadText(named(name, "yours"), mine),
        ),
        version("Theirs, on disk", theirs, mine, () => downloadText(named(name, "theirs"), theirs)),
      ),
    ],
    [
      { label: "Decide later", value: undefined },
      { label: "Take theirs", value: "theirs" },
      { label: "Keep mine", kind: "primary", value: "mine" },
    ],
  );
}

/** Gives a text to the person as a file. */
export function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/html" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function version(title: string, text: string, other: string, download: () => void): HTMLElement {
  const lines = text.split("\n");
  const others = new Set(other.split("\n"));
  const own = lines.filter((line) => !others.has(line));
  return h(
    "section",
    {},
    h("h3", {}, title),
    h("p", { class: "hint" }, `${counted(lines.length, "line")}, ${number(own.length)} only here`),
    h("pre", { tabindex: 0, "aria-label": `Lines that are only in: ${title}` }, own.join("\n")),
    button("Download", {}, download),
  );
}

function number(count: number): string {
  return count === 0 ? "none" : String(count);
}

function named(name: string, which: string): string {
  return name.replace(/(\.html?)?$/i, ` (${which})$1`);
}
