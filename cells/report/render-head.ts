import { findAll, parseMarkup, textOf } from "./markup.ts";
import { reportHeadings } from "./headings.ts";
import { htmlText } from "./html-text.ts";
import type { Report } from "./report.ts";
import { stateSummary } from "./state-words.ts";

/** Draws what stands above the cells: title, where and when, what is not up to date, contents. */
export function renderHead(report: Report): string {
  const { title, path, at, provenance } = report;
  const heading = opensWithTitle(report) ? "" : `<h1 class="title">${htmlText(title)}</h1>`;
  return `<header class="report-head"><p class="about"><span>${htmlText(path)}</span> <time datetime="${htmlText(at)}">${htmlText(dateText(at))}</time> <span>Tierbook ${htmlText(provenance.tierbook)}</span> <a href="#tb-provenance">Where this comes from</a></p>${heading}${warnings(report)}${contents(report)}</header>`;
}

/** A time as `21 November 2026, 11:41 UTC`; a text that is no time stays as it is. */
export function dateText(at: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(at);
  const month = months[Number(match?.[2]) - 1];
  if (match === null || month === undefined || !at.endsWith("Z")) return at;
  return `${Number(match[3])} ${month} ${match[1]}, ${match[4]} UTC`;
}

const months =
  "January February March April May June July August September October November December".split(
    " ",
  );

/** Says at once what a reader must not miss further down. */
function warnings({ cells, provenance }: Report): string {
  const lines: string[] = [];
  const summary = stateSummary(cells);
  if (summary !== "")
    lines.push(`${summary}: what is shown there is marked, and may not be what the source gives.`);
  const overrides = provenance.overrides ?? [];
  if (overrides.length > 0)
    lines.push(
      `A person let pass what a check would have stopped: ${overrides.map(({ what }) => what).join(", ")}.`,
    );
  return lines.map((line) => `<p class="warning" role="note">${htmlText(line)}</p>`).join("");
}

function contents(report: Report): string {
  const headings = reportHeadings(report);
  if (headings.length < 2) return "";
  const links = headings.map(
    ({ level, text, anchor }) =>
      `<li class="level-${level}"><a href="#${htmlText(encodeURIComponent(anchor))}">${htmlText(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="Contents"><ol>${links.join("")}</ol></nav>`;
}

/** Whether the first thing that is shown is the title itself. */
function opensWithTitle({ cells, title }: Report): boolean {
  const html = cells.find(({ outputs }) => outputs.length > 0)?.outputs[0] ?? "";
  const [heading] = findAll(parseMarkup(html), ({ name }) => name === "h1");
  return heading !== undefined && textOf(heading.children).trim() === title.trim();
}
