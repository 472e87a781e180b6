import type { Receipt } from "../../engines/receipt.ts";
import type { CellError, CellMode, CellState } from "../../runtime/cell.ts";

/** A finished workbook as somebody else reads it: outputs as they were, and where they come from. */
export interface Report {
  readonly title: string;
  /** the workbook's path in its workspace */
  readonly path: string;
  /** when the report was made, ISO 8601 in UTC */
  readonly at: string;
  /** the workbook's file, byte for byte */
  readonly source: string;
  /** in reading order */
  readonly cells: readonly ReportCell[];
  readonly provenance: Provenance;
}

/** A cell as a report shows it. */
export interface ReportCell {
  readonly id: number;
  readonly mode: CellMode;
  /** the source that the outputs come from */
  readonly source: string;
  /** whether the source is shown open, not folded */
  readonly pinned: boolean;
  /** names that it defines */
  readonly defines: readonly string[];
  readonly state: CellState;
  readonly cached: boolean;
  readonly volatile: boolean;
  /** milliseconds that its run took */
  readonly duration?: number;
  readonly fingerprint: string;
  /** why it is stale or waits, in words */
  readonly waitsFor?: string;
  readonly error?: Pick<CellError, "name" | "message" | "line" | "column" | "hint">;
  /** what it displayed, each as HTML without script, in the order of its slots */
  readonly outputs: readonly string[];
}

/** Where the numbers of a report come from. */
export interface Provenance {
  readonly tierbook: string;
  readonly builtins: string;
  readonly duckdb: string;
  /** files that were read, by path, with SHA-256 of their bytes */
  readonly files: readonly { readonly path: string; readonly digest: string }[];
  /** what stages found, the newest of each, as the ledger has it */
  readonly receipts: readonly Receipt[];
  /** what a person let pass against a check's verdict; absent where nobody did */
  readonly overrides?: readonly ReportOverride[];
  /** runs that the workbook shows */
  readonly runs: readonly ReportRun[];
  /** hash of the ledger's last entry when the report was made; null where there is no ledger */
  readonly ledgerHead: string | null;
}

/** That a person let something pass against a check's verdict. */
export interface ReportOverride {
  /** ISO 8601 in UTC */
  readonly at: string;
  /** what was let pass, such as a stage's name */
  readonly what: string;
  /** the person's reason, in their words */
  readonly reason: string;
}

/** A run, as far as a report tells of it. */
export interface ReportRun {
  readonly key: string;
  readonly tier: "small" | "full";
  readonly state: string;
  readonly plan: string;
  readonly engine: string;
  readonly device: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
}
