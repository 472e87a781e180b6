import type { CellStatus } from "../../runtime/cell.ts";
import { isNotRun } from "../../runtime/cell-fault.ts";
import type { Explanation } from "../../runtime/fingerprint-explanation.ts";
import { durationText } from "./duration.ts";
import type { IconName } from "./icon.ts";

/**
 * The sign of a cell's state. Every state has its own shape, not only its own colour.
 *
 * @param isOutOfUse whether it is blocked by a disabled cell
 */
export function statusIcon(status: CellStatus, isOutOfUse = false): IconName {
  return status.disabled || isOutOfUse ? "disabled" : status.state;
}

/**
 * Where a cell stands, in a sentence, for its tooltip and its label.
 *
 * @param elapsed milliseconds since the body that runs now began
 * @param why it ran again or is stale
 * @param waits the sentence that says why it waits, where it does
 */
export function statusText(
  status: CellStatus,
  elapsed?: number,
  why?: Explanation,
  waits?: string,
): string {
  if (status.disabled) return "Disabled: it does not run, nor what needs it";
  if (isNotRun(status.error)) return "Not run here";
  if (waits !== undefined) return waits;
  const took = status.duration === undefined ? "" : `, took ${durationText(status.duration)}`;
  switch (status.state) {
    case "idle":
      return status.waitsFor === undefined ? "Has not run yet" : `Waits: ${status.waitsFor}`;
    case "queued":
      return status.waitsFor === undefined ? "Queued" : `Queued: ${status.waitsFor}`;
    case "running":
      return elapsed === undefined ? "Running" : `Running for ${durationText(elapsed)}`;
    case "fresh":
      if (status.cached === true) return `Up to date. ${cachedText}`;
      return `Up to date${took}${status.volatile ? "; reads the clock, randomness or the network" : ""}${again(why)}`;
    case "stale":
      return `${isNews(why) ? why.text : "Stale"}: ${status.waitsFor ?? "something that it reads has changed"}`;
    case "blocked":
      return status.error?.blockedBy === undefined
        ? `Blocked: ${status.waitsFor ?? "something that it reads has failed"}`
        : `Blocked: ${status.error.blockedBy.name} has no value`;
    case "error":
      return `Failed${took}: ${status.error?.message ?? "unknown error"}${again(why)}`;
  }
}

/** What it means that a result is `cached`. */
export const cachedText =
  "This result came from the cache: nothing it is made of has changed. Run the cell to compute it again.";

/** Whether an explanation says what changed, not only that nothing did. */
export function isNews(why: Explanation | undefined): why is Explanation {
  return why !== undefined && why.changes.length > 0;
}

function again(why: Explanation | undefined): string {
  return why === undefined || why.kind === "stale" ? "" : `. ${why.text}`;
}

/** One link of the chain from a blocked cell to the cell that really failed. */
export interface FailedCell {
  readonly id: number;
  /** the name that the cell should have given */
  readonly name: string;
  /** its own message; absent for a cell that is only blocked itself */
  readonly message?: string;
}

/**
 * The cells that keep a cell from running, from the nearest to the one that really failed. Each
 * cell comes once, also where the graph runs in a circle.
 */
export function failureChain(
  id: number,
  statusOf: (id: number) => CellStatus | undefined,
): readonly FailedCell[] {
  const chain: FailedCell[] = [];
  const seen = new Set([id]);
  let blockedBy = statusOf(id)?.error?.blockedBy;
  while (blockedBy !== undefined && !seen.has(blockedBy.id)) {
    seen.add(blockedBy.id);
    const error = statusOf(blockedBy.id)?.error;
    const message = error?.blockedBy === undefined ? error?.message : undefined;
    chain.push({ ...blockedBy, ...(message === undefined ? {} : { message }) });
    blockedBy = error?.blockedBy;
  }
  return chain;
}

/** The disabled cell for want of which a cell is blocked, however far above it, if that is why. */
export function disabledAbove(
  status: CellStatus,
  statusOf: (id: number) => CellStatus | undefined,
): FailedCell | undefined {
  if (status.state !== "blocked") return undefined;
  const last = failureChain(status.id, statusOf).at(-1);
  return last !== undefined && statusOf(last.id)?.disabled === true ? last : undefined;
}
