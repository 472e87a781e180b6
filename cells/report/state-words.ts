import type { CellState } from "../../runtime/cell.ts";
import { count } from "../number-format.ts";
import type { ReportCell } from "./report.ts";

/** A cell's state in a word or two, and in a sentence where its outputs may not be its source's. */
export interface StateWords {
  readonly word: string;
  /** absent where what is shown is what the source gives */
  readonly sentence?: string;
}

/** What a report says of a cell's state. */
export function stateWords({ state, outputs }: ReportCell): StateWords {
  const shown = outputs.length > 0;
  switch (state) {
    case "fresh":
      return { word: "up to date" };
    case "stale":
      return {
        word: "stale",
        sentence: shown
          ? "What is shown was made before its source, or something that it reads, changed."
          : "It has not run since its source, or something that it reads, changed.",
      };
    case "error":
      return {
        word: "failed",
        ...(shown && { sentence: "What is shown is from before the failure, or only a part." }),
      };
    case "blocked":
      return {
        word: "blocked",
        sentence: shown
          ? "A cell that it reads failed, and what is shown is from before."
          : "A cell that it reads failed, so it did not run.",
      };
    case "queued":
      return { word: "waiting", sentence: "It had not finished when the report was made." };
    case "running":
      return { word: "running", sentence: "It had not finished when the report was made." };
    case "idle":
      return { word: "not run", sentence: "It had not run when the report was made." };
  }
}

/** How many cells are not up to date, as `1 cell failed, 2 cells are stale`; empty where all are. */
export function stateSummary(cells: readonly ReportCell[]): string {
  return order
    .map(([state, one, many]) => {
      const n = cells.filter((cell) => cell.state === state).length;
      return n === 0 ? "" : `${count(n, "cell")} ${n === 1 ? one : many}`;
    })
    .filter((part) => part !== "")
    .join(", ");
}

const order: readonly (readonly [CellState, string, string])[] = [
  ["error", "failed", "failed"],
  ["blocked", "is blocked", "are blocked"],
  ["stale", "is stale", "are stale"],
  ["queued", "waits", "wait"],
  ["running", "still runs", "still run"],
  ["idle", "has not run", "have not run"],
];
