import type { QueryOptions } from "../data/query-client.ts";
import type { Table } from "../data/table.ts";
import type { Plan } from "../engines/plan.ts";
import type { Receipt, ReceiptBody } from "../engines/receipt.ts";
import type { RunPrediction } from "../engines/prediction.ts";
import type { Device, LineageRows, RunEvent, RunRequest, RunResult } from "../engines/run.ts";

/**
 * All that a stage can reach of the world. The frame implements it over its port to the shell, the
 * command line in process. A stage has no other way to data, devices or the server.
 */
export interface Host {
  /** Runs SQL where the tables are: in the frame's DuckDB-WASM, or natively. */
  query(sql: string, options?: QueryOptions): Promise<Table>;

  /**
   * Writes down what the workbook itself found. The ledger records it as vouched for by the frame
   * (headless: by nobody else either), so it is shown and opens nothing.
   */
  receipt(body: ReceiptBody): Promise<Receipt>;

  /**
   * The dry run: static checks of plan and rows, then loss and gradient of one batch. Made outside
   * the frame, so the receipt counts. Never rejects for a fault of the plan; that is in the receipt.
   */
  dryRun(request: DryRunRequest): Promise<Receipt>;

  /**
   * The small run. First looks its key up and gives that run, live or finished; else waits for the
   * person, then trains. Returning from the iteration detaches.
   */
  train(request: TrainRequest): AsyncIterable<RunUpdate>;

  /** The full run: the same, on the runner, and only once its receipts are there. */
  submit(request: SubmitRequest): AsyncIterable<RunUpdate>;

  /** Stops a run that goes on; one that does not is left as it is. */
  cancel(key: string): Promise<void>;

  /** Brings a waiting run before the person: a card can only ask. */
  ask(key: string): Promise<void>;
}

/** Rows as they cross the port: the table's digest and its Arrow IPC bytes. */
export interface RowsMessage {
  readonly digest: string;
  readonly numRows: number;
  /** given away with the request that holds them: afterwards they may be gone from here */
  readonly ipc: Uint8Array;
}

export interface DryRunRequest {
  readonly plan: Plan;
  readonly rows: RowsMessage;
  readonly device: Device;
}

export interface TrainRequest {
  readonly plan: Plan;
  readonly rows: RowsMessage;
  readonly engine: RunRequest["engine"];
  readonly device: Device;
}

/** A full run reads rows that are sent, or that are made on the runner from their lineage. */
export interface SubmitRequest extends Omit<TrainRequest, "rows"> {
  readonly rows: RowsMessage | LineageRows;
}

/** What a caller of `train` or `submit` hears. */
export type RunUpdate =
  /** nobody has started it yet, and why; sent again when the reasons change */
  | {
      readonly type: "waiting";
      readonly key: string;
      readonly reasons: readonly string[];
      readonly canStart: boolean;
      /** what the small run lets expect of a full one */
      readonly prediction?: RunPrediction;
    }
  /** it is known: from here on its events, from the first */
  | {
      readonly type: "attached";
      readonly key: string;
      readonly known: boolean;
      /** it came with a publication: nobody here has seen it run */
      readonly isPublished?: boolean;
    }
  | { readonly type: "event"; readonly event: RunEvent }
  /** the end */
  | { readonly type: "result"; readonly result: RunResult | LostResult };

/** A run whose process is gone without a result. */
export interface LostResult {
  readonly key: string;
  readonly state: "lost";
  readonly reason: string;
}
