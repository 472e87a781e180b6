import type { Check, Verdict } from "../engines/receipt.ts";

/** What a stage shows, as plain data: drawn by the page, printed by the command line, kept in reports. */
export interface Card {
  readonly kind: "tierbook.card";
  readonly stage: string;
  readonly title: string;
  /** where the stage stands */
  readonly status:
    "waiting" | "running" | "pass" | "warn" | "fail" | "stale" | "cancelled" | "lost";
  /** one sentence that a person reads first */
  readonly summary: string;
  readonly parts: readonly CardPart[];
  /** what the person can do from here; a card can only ask */
  readonly actions: readonly CardAction[];
  /** the id of the receipt that the ledger has of what is shown, where the stage has written one */
  readonly receipt?: string;
  /** the key of the run that is shown, where it is one */
  readonly run?: string;
}

/** A part of a card. */
export type CardPart =
  | {
      readonly type: "facts";
      readonly facts: readonly { readonly label: string; readonly value: string }[];
    }
  | { readonly type: "checks"; readonly checks: readonly Check[] }
  | CardTable
  | CardCurve
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
      readonly label: string;
    }
  | {
      readonly type: "confusion";
      readonly labels: readonly string[];
      readonly counts: readonly (readonly number[])[];
    }
  | { readonly type: "note"; readonly verdict: Verdict; readonly text: string };

/** A small table. Bars, where given, are shares in [0, 1] drawn behind a column's values. */
export interface CardTable {
  readonly type: "table";
  readonly caption?: string;
  readonly columns: readonly { readonly name: string; readonly align: "left" | "right" }[];
  readonly rows: readonly (readonly string[])[];
  /** how many rows there are in all, where not all are shown */
  readonly total?: number;
}

/** Lines: a live loss curve over steps, or one share by another. */
export interface CardCurve {
  readonly type: "curve";
  readonly title: string;
  /** what the horizontal axis is */
  readonly x: string;
  /** what the vertical axis is, where the title does not say it */
  readonly y?: string;
  /** what both axes go over, for small square drawings; as far as the points go by default */
  readonly domain?: readonly [low: number, high: number];
  /** whether the line y = x is there to compare with */
  readonly diagonal?: boolean;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
    /** how many rows are behind each point, where some have few: the area of its mark */
    readonly rows?: readonly number[];
  }[];
}

/** A button of a card. */
export interface CardAction {
  readonly label: string;
  readonly action: "ask" | "cancel";
  /** the run's key */
  readonly key: string;
}

/** Whether a value is a card. */
export function isCard(value: unknown): value is Card {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "tierbook.card"
  );
}
