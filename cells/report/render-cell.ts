import { cellAnchor } from "./headings.ts";
import { htmlText } from "./html-text.ts";
import type { ReportCell } from "./report.ts";
import { stateWords } from "./state-words.ts";

/** A cell's HTML around its outputs. */
export interface CellFrame {
  readonly before: string;
  /** what stands before and after each output */
  readonly between: readonly [string, string];
  readonly after: string;
}

/** What stands before every output. */
export const outputStart = `<div class="tb-output">`;

/** Draws a cell: its state where that is not plain, its outputs, and its source folded away. */
export function renderCell(cell: ReportCell): CellFrame {
  const { state, mode } = cell;
  return {
    before: `<section class="cell" id="${cellAnchor(cell)}" data-state="${state}" data-mode="${mode}">${notice(cell)}<div class="outputs">`,
    // alone in its box, so that no rule of a workbook's style finds anything of ours beside it
    between: [outputStart, "</div>"],
    after: `</div>${foot(cell)}</section>\n`,
  };
}

/** Says above the outputs that they do not count as they stand, and why; empty where they do. */
export function notice(cell: ReportCell): string {
  const { state, waitsFor, error } = cell;
  if (state === "fresh") return "";
  const { word, sentence = "" } = stateWords(cell);
  const lines = [
    `<p><strong>${capital(word)}.</strong> ${htmlText(waitsFor ?? sentence)}</p>`,
    ...(waitsFor === undefined || sentence === "" ? [] : [`<p>${htmlText(sentence)}</p>`]),
    ...(error === undefined ? [] : [errorText(error)]),
  ];
  return `<div class="notice" data-state="${state}">${lines.join("")}</div>`;
}

function errorText({
  name,
  message,
  line,
  column,
  hint,
}: NonNullable<ReportCell["error"]>): string {
  const place =
    line === undefined
      ? ""
      : `<p class="place">line ${line}${column === undefined ? "" : `, column ${column}`}</p>`;
  const help = hint === undefined ? "" : `<p>${htmlText(hint)}</p>`;
  return `<p class="error"><b>${htmlText(name)}</b>: ${htmlText(message)}</p>${place}${help}`;
}

/** The source, with what is to be known of the run beside it. */
function foot(cell: ReportCell): string {
  if (!hasFoot(cell)) return "";
  const open = cell.pinned || cell.state === "error" ? " open" : "";
  const facts = runFacts(cell);
  const names = cell.defines.map((name) => `<code>${htmlText(name)}</code>`).join(" ");
  return `<details class="code"${cell.pinned ? " data-pinned" : ""}${open}><summary><span>Code</span>${names === "" ? "" : ` <span class="names">${names}</span>`}<span class="facts">${facts.join(" · ")}</span></summary><pre><code>${sourceLines(cell)}</code></pre></details>`;
}

/** What is to be known of the run that a result comes from. */
export function runFacts({ cached, volatile, duration }: ReportCell): readonly string[] {
  return [
    ...(cached ? ["from the result cache"] : []),
    ...(volatile ? ["volatile: another run may differ"] : []),
    ...(duration === undefined ? [] : [runTime(duration)]),
  ];
}

/** A text's source says nothing that the text does not, unless it is made of values. */
function hasFoot({ mode, source, pinned, state, volatile }: ReportCell): boolean {
  if (source === "") return false;
  const isText = mode === "md" || mode === "html" || mode === "tex" || mode === "dot";
  return !isText || pinned || volatile || state !== "fresh" || source.includes("${");
}

/** The source, with the line of its error marked. */
function sourceLines({ source, error }: ReportCell): string {
  if (error?.line === undefined) return htmlText(source);
  return source
    .split("\n")
    .map((line, i) => (i + 1 === error.line ? `<mark>${htmlText(line)}</mark>` : htmlText(line)))
    .join("\n");
}

/** Milliseconds as a person reads them. */
export function runTime(milliseconds: number): string {
  if (milliseconds < 1) return "under 1 ms";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
