import type { Ledger } from "./ledger.ts";
import { noteReport, type MadeReport } from "./make-report.ts";
import { ServerError } from "./server-error.ts";

/** How many reports are remembered that have not left. */
const mostRemembered = 100;

/** The reports that the page has been given and may still throw away. */
export class MadeReports {
  private readonly reports = new Map<string, Pick<MadeReport, "digest" | "path" | "at">>();

  constructor(private readonly ledger: Ledger) {}

  /** A report was made. Of many that never leave the oldest are forgotten. */
  remember({ digest, path, at }: Pick<MadeReport, "digest" | "path" | "at">): void {
    this.reports.set(digest, { digest, path, at });
    for (const oldest of this.reports.keys()) {
      if (this.reports.size <= mostRemembered) break;
      this.reports.delete(oldest);
    }
  }

  /** A report leaves. The ledger knows it afterwards, however often this is said. */
  async note(digest: string): Promise<void> {
    const report = this.reports.get(digest);
    if (report === undefined)
      throw new ServerError(404, "report", "this server has not made that report", {
        hint: "export it again",
      });
    await noteReport(this.ledger, report);
  }
}
