import {
  isPassing,
  parsePlan,
  planDigest,
  recipeDigest,
  type Device,
  type Plan,
  type Receipt,
  type ReceiptBody,
} from "../../engines/index.ts";
import type { Api } from "./api.ts";
import type { RowsFacts } from "./rows-inspection.ts";
import type { DryRunWork } from "./training-client.ts";

/** What dry runs need of the world. */
export interface DryRunServices {
  readonly dryRun: (work: DryRunWork) => Promise<ReceiptBody>;
  readonly api: Pick<Api, "putBlob" | "postReceipt" | "ladder">;
}

/** The dry runs of a page. One of the same plan on the same rows and device is done only once. */
export class DryRuns {
  private readonly known = new Map<string, Promise<Receipt>>();

  constructor(private readonly services: DryRunServices) {}

  /** The receipt of a dry run: a known one, or a new one. Faults of the plan are in the receipt. */
  run(plan: unknown, ipc: Uint8Array, rows: RowsFacts, device: Device): Promise<Receipt> {
    const parsed = planFrom(plan);
    if (parsed === undefined) return this.make(plan, ipc, rows, device);
    const name = [planDigest(parsed), rows.blob, device].join(" ");
    let receipt = this.known.get(name);
    if (receipt === undefined) {
      receipt = this.find(parsed, rows, device).then(
        (found) => found ?? this.make(parsed, ipc, rows, device),
      );
      this.known.set(name, receipt);
      // What could not be done or kept is tried again when it is asked for again.
      receipt.catch(() => this.known.delete(name));
    }
    return receipt;
  }

  /** The ledger's receipt, if it is of just this dry run and passes. */
  private async find(plan: Plan, rows: RowsFacts, device: Device): Promise<Receipt | undefined> {
    const { dryRun } = await this.services.api.ladder(recipeDigest(plan));
    if (dryRun === null || !isPassing(dryRun.verdict)) return undefined;
    const { subject, environment } = dryRun;
    const isSame =
      subject.plan === planDigest(plan) &&
      subject.blob === rows.blob &&
      (device === "auto" || environment["backend"] === device);
    return isSame ? dryRun : undefined;
  }

  private async make(
    plan: unknown,
    ipc: Uint8Array,
    rows: RowsFacts,
    device: Device,
  ): Promise<Receipt> {
    const { api, dryRun } = this.services;
    const [body] = await Promise.all([dryRun({ plan, ipc, device }), api.putBlob(rows.blob, ipc)]);
    return await api.postReceipt(
      { ...body, subject: { ...body.subject, blob: rows.blob } },
      "shell",
    );
  }
}

function planFrom(value: unknown): Plan | undefined {
  try {
    return parsePlan(value);
  } catch {
    return undefined;
  }
}
