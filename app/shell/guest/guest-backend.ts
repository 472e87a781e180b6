import { missingRung } from "../../../engines/ladder-reasons.ts";
import { measuredSpeed } from "../../../engines/prediction.ts";
import type { Backend } from "../backend.ts";
import type { Ladder } from "../api-schema.ts";
import type { DispatchServices } from "../dispatch-services.ts";
import { GuestFiles } from "./guest-files.ts";
import { GuestLedger } from "./guest-ledger.ts";
import { GuestResults } from "./guest-results.ts";
import { GuestRuns, serverReason, unknownRun } from "./guest-runs.ts";
import type { OpenedPublication } from "./publication-client.ts";

/** What a guest's workbook is made of. */
export interface GuestParts {
  /** where its text is read and written */
  readonly files: Pick<Backend, "readFile" | "writeFile">;
  /** what came with the text; none where a link carries the text alone */
  readonly opened?: OpenedPublication | undefined;
}

/**
 * All that an open workbook needs, without a server: from what was published with it, and in memory
 * for this visit. Small runs are trained and count as anywhere; the full tier stays closed. What was
 * published is a stranger's word: it is checked against its digest, shown as published, and opens
 * nothing.
 */
export class GuestBackend implements Backend {
  readonly readFile: Backend["readFile"];
  readonly writeFile: Backend["writeFile"];
  /** the news of this visit's ledger; no run goes on elsewhere */
  readonly feed: DispatchServices["feed"];
  private readonly files: GuestFiles;
  private readonly kept: GuestResults;
  private readonly receipts: GuestLedger;
  private readonly runs: GuestRuns;

  constructor({ files, opened }: GuestParts) {
    this.readFile = (path) => files.readFile(path);
    this.writeFile = (path, text, expected) => files.writeFile(path, text, expected);
    this.files = new GuestFiles(opened);
    this.kept = new GuestResults(opened);
    this.receipts = new GuestLedger(opened?.publication.receipts ?? []);
    this.runs = new GuestRuns(opened);
    this.feed = {
      follow: () => () => undefined,
      onLedger: (listener) => this.receipts.listen(listener),
    };
  }

  readonly table: Backend["table"] = (path) => this.files.table(path);

  readonly capability: Backend["capability"] = (path) => this.files.capability(path);

  readonly fileDigest: Backend["fileDigest"] = (path) => this.files.fileDigest(path);

  /** Nothing was given that could be taken back. */
  readonly revoke: Backend["revoke"] = async () => undefined;

  readonly results: Backend["results"] = () => this.kept.index();

  readonly result: Backend["result"] = (_workbook, key) => this.kept.get(key);

  readonly keepResult: Backend["keepResult"] = async (_workbook, key, bytes) =>
    this.kept.keep(key, bytes);

  readonly forgetResult: Backend["forgetResult"] = async (_workbook, key) => this.kept.forget(key);

  readonly clearResults: Backend["clearResults"] = async () => this.kept.clear();

  readonly postReceipt: Backend["postReceipt"] = async (body, vouchedBy) =>
    this.receipts.add(body, vouchedBy);

  readonly receipt: Backend["receipt"] = async (id) => this.receipts.find(id);

  readonly ledger: Backend["ledger"] = async (after) => this.receipts.after(after);

  /** Where a recipe stands by what this visit has seen. Above the small run there is no way. */
  readonly ladder: Backend["ladder"] = async (recipe): Promise<Ladder> => {
    const dryRun = this.receipts.newest("dryRun", recipe);
    const smallRun = this.receipts.newest("smallRun", recipe);
    const key = smallRun?.subject.run;
    const result = key === undefined ? undefined : this.runs.ownResult(key);
    return {
      dryRun: dryRun ?? null,
      smallRun: smallRun ?? null,
      reasons: [
        serverReason,
        ...missingRung("dryRun", dryRun, false),
        ...missingRung("smallRun", smallRun, false),
      ],
      smallRunSpeed: result === undefined ? null : measuredSpeed(result),
    };
  };

  /** A small run's rows and weights stay with the page that trained it. */
  readonly putBlob: Backend["putBlob"] = async () => undefined;

  readonly run: Backend["run"] = (key) => this.runs.find(key);

  readonly runRecord: Backend["runRecord"] = (key) => this.runs.record(key);

  readonly putRun: Backend["putRun"] = async (key, request, { record } = {}) => {
    this.runs.keep(key, request, record);
    this.receipts.grow({ key });
  };

  readonly cancelRun: Backend["cancelRun"] = (key) => Promise.reject(unknownRun(key));
}
