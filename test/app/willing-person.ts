import { vi } from "vitest";
import type { AskedRun } from "../../app/shell/asked-run.ts";
import type { Dispatch } from "../../app/shell/dispatch.ts";
import type { Person } from "../../app/shell/dispatch-services.ts";
import type { RunUpdate } from "../../cells/host.ts";
import type { Device } from "../../engines/index.ts";

/** A person who is there and says yes to every full run. */
export class WillingPerson implements Person {
  chosen: Device = "auto";
  allows = false;
  present = true;
  /** why a full run shall start without its receipts */
  reason = "The slot on the cluster ends tonight";
  readonly confirmed: AskedRun[] = [];
  readonly called: AskedRun[] = [];

  device(): Device {
    return this.chosen;
  }

  allowsSmallRuns(): boolean {
    return this.allows;
  }

  isPresent(): boolean {
    return this.present;
  }

  async confirm(asked: AskedRun, submit: () => Promise<void>): Promise<void> {
    this.confirmed.push(asked);
    await submit();
  }

  async confirmOverride(
    asked: AskedRun,
    submit: (reason?: string) => Promise<void>,
  ): Promise<void> {
    this.confirmed.push(asked);
    await submit(this.reason);
  }

  callTo(asked: AskedRun): void {
    this.called.push(asked);
  }
}

/** Reads a stream in the background and lets a test wait for what it is to say. */
export function listen(stream: AsyncIterable<RunUpdate>) {
  const heard: RunUpdate[] = [];
  let failure: unknown;
  const ended = (async () => {
    for await (const update of stream) heard.push(update);
  })().catch((error: unknown) => (failure = error));
  const until = async <Type extends RunUpdate["type"]>(
    type: Type,
    fits: (update: Extract<RunUpdate, { type: Type }>) => boolean = () => true,
  ) =>
    await vi.waitFor(() => {
      const found = heard.findLast(
        (update): update is Extract<RunUpdate, { type: Type }> => update.type === type,
      );
      if (found === undefined || !fits(found)) throw new Error(JSON.stringify(heard));
      return found;
    });
  return { heard, until, ended, failure: () => failure };
}

/** The one run that the workbook asks for at a tier. */
export function only(dispatch: Dispatch, tier: "small" | "full"): AskedRun {
  const [asked] = dispatch.runs(tier);
  if (asked === undefined) throw new Error(`no ${tier} run was asked for`);
  return asked;
}
