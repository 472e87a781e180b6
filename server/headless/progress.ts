import type { Paint } from "../../cells/print-card.ts";
import { marks } from "../../cells/status-word.ts";
import { isNotRun } from "../../runtime/cell-fault.ts";
import type { CellOutcome, CellReport } from "./child-api.ts";

/** Where progress is written; a stream such as `process.stdout`. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Tells on a terminal how cells fare: a line for each that came to its end, its card below, and on
 * a real terminal one line at the bottom for what goes on now.
 */
export class Progress {
  private readonly told = new Map<number, string>();
  private readonly cards = new Map<number, string>();
  /** when each cell began to run; a stage goes on when its body is long over */
  private readonly starts = new Map<number, number>();
  private hasLive = false;

  constructor(
    private readonly output: Output,
    private readonly paint: Paint,
  ) {}

  report(report: CellReport): void {
    if (report.type === "cell") this.cell(report.cell);
    else if (report.type === "shown" || report.type === "resting") return;
    else if (report.isFinal) this.card(report.cell, report.text);
    else this.live(report.text);
  }

  /** Takes the bottom line away. */
  end(): void {
    this.clear();
  }

  private cell(cell: CellOutcome): void {
    if (cell.state === "running" && !this.starts.has(cell.id))
      this.starts.set(cell.id, performance.now());
    if (cell.state === "queued") this.starts.delete(cell.id);
    const isOver = cell.state === "fresh" || cell.state === "error" || cell.state === "blocked";
    if (!isOver && !isNotRun(cell.error)) return;
    if (cell.isText && cell.state === "fresh") return;
    const line = this.line(cell);
    if (cell.waitsFor !== undefined || this.told.get(cell.id) === line.outcome) return;
    this.told.set(cell.id, line.outcome);
    this.print(line.text);
  }

  private line({ id, title, state, cached, error }: CellOutcome): {
    text: string;
    outcome: string;
  } {
    const start = this.starts.get(id);
    const time =
      start === undefined ? "" : this.paint(` ${formatTime(performance.now() - start)}`, "quiet");
    if (state === "fresh") {
      const how = cached === true ? this.paint(" cached", "quiet") : time;
      const outcome = cached === true ? "cached" : "fresh";
      return { text: `${this.paint(marks.pass, "pass")} ${title}${how}`, outcome };
    }
    const place = error?.line === undefined ? "" : `line ${error.line}: `;
    const hint = error?.hint === undefined ? "" : `\n    ${this.paint(error.hint, "quiet")}`;
    const message = `${place}${error?.message ?? state}`.replaceAll("\n", "\n    ");
    const isOwn = state === "error";
    const mark = isOwn ? this.paint(marks.fail, "fail") : this.paint("·", "quiet");
    return {
      text: `${mark} ${title}${time}\n    ${isOwn ? this.paint(message, "fail") : message}${hint}`,
      outcome: message,
    };
  }

  private card(cell: number, text: string): void {
    if (this.cards.get(cell) === text) return;
    this.cards.set(cell, text);
    this.print(text.replace(/^/gm, "  "));
  }

  private live(text: string): void {
    if (this.output.isTTY !== true) return;
    this.clear();
    const room = (this.output.columns || 80) - 4;
    this.output.write(this.paint(`${marks.running} ${text.slice(0, room)}`, "running"));
    this.hasLive = true;
  }

  private print(text: string): void {
    this.clear();
    this.output.write(`${text}\n`);
  }

  private clear(): void {
    if (this.hasLive) this.output.write("\r\u001B[2K");
    this.hasLive = false;
  }
}

function formatTime(milliseconds: number): string {
  return milliseconds < 1000
    ? `${milliseconds.toFixed(0)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
