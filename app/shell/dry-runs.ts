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
import type { Backend } from "./backend.ts";
import type { RowsFacts } from "./rows-inspection.ts";
import type { DryRunWork } from "./training-client.ts";

/** What dry runs need of the world. */
export interface DryRunServices {
  readonly dryRun: (work: DryRunWork) => Promise<ReceiptBody>;
  readonly api: Pick<Backend, "putBlob" | "postReceipt" | "ladder">;
}

/** The dry runs of a page. One of the same plan on the same rows and device is done only once. */
export class DryRuns {
  private readonly underWay = new Map<string, Promise<Receipt>>();
  private readonly passed = new Map<string, Receipt>();

  constructor(private readonly services: DryRunServices) {}

  /**
   * The receipt of a dry run: a known one that passed, or a new one. Faults of the plan are in the
   * receipt.
   */
  async run(plan: unknown, ipc: Uint8Array, rows: RowsFacts, device: Device): Promise<Receipt> {
    const parsed = planFrom(plan);
    if (parsed === undefined) return await this.make(plan, ipc, rows, device);
    const name = [planDigest(parsed), rows.blob, device].join(" ");
    const underWay = this.underWay.get(name);
    if (underWay !== undefined) return await underWay;
    const receipt = this.find(parsed, rows, device, this.passed.get(name)).then(
      (found) => found ?? this.make(parsed, ipc, rows, device),
    );
    this.underWay.set(name, receipt);
    try {
      const made = await receipt;
      if (isPassing(made.verdict)) this.passed.set(name, made);
      return made;
    } finally {
      this.underWay.delete(name);
    }
  }

  /**
   * A receipt of just this dry run, as long as the newest one of its recipe passes too: the server
   * repeats dry runs, and one that failed there must be done again here to open the tier.
   */
  private async find(
    plan: Plan,
    rows: RowsFacts,
    device: Device,
    passed: Receipt | undefined,
  ): Promise<Receipt | undefined> {
    const { dryRun } = await this.services.api.ladder(recipeDigest(plan));
    if (dryRun === null || !isPassing(dryRun.verdict)) return undefined;
    if (passed !== undefined) return passed;
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
