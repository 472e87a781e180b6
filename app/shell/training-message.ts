import type { TrainOutcome } from "../../engines/engine.ts";
import type { Plan } from "../../engines/plan.ts";
import type { ReceiptBody } from "../../engines/receipt.ts";
import type { Device, RunEventBody } from "../../engines/run.ts";

/** Work for a training worker: one piece in its life, except for asking it to stop. */
export type TrainingOrder =
  | {
      readonly type: "train";
      readonly plan: Plan;
      /** the rows as an Arrow IPC stream */
      readonly ipc: Uint8Array;
      readonly device: Device;
    }
  | {
      readonly type: "dryRun";
      /** with whatever faults it has */
      readonly plan: unknown;
      readonly ipc: Uint8Array;
      readonly device: Device;
    }
  | { readonly type: "cancel" };

/** What a training worker says. */
export type TrainingNews =
  | { readonly type: "event"; readonly event: RunEventBody }
  | { readonly type: "outcome"; readonly outcome: TrainOutcome }
  | { readonly type: "receipt"; readonly body: ReceiptBody }
  /** a fault of ours; a fault of the run is an outcome */
  | { readonly type: "error"; readonly message: string };
