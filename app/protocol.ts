import type { DryRunRequest, RunUpdate, TrainRequest } from "../cells/host.ts";
import type { FileTable } from "../data/query-client.ts";
import type { Receipt, ReceiptBody } from "../engines/receipt.ts";

/**
 * What the sandboxed frame may ask of the shell, over one MessagePort. The shell validates every
 * argument: the frame runs a stranger's code.
 */
export interface ShellApi {
  receipt(body: ReceiptBody): Promise<Receipt>;
  dryRun(request: DryRunRequest): Promise<Receipt>;
  train(request: TrainRequest): AsyncIterable<RunUpdate>;
  submit(request: TrainRequest): AsyncIterable<RunUpdate>;
  cancel(key: string): Promise<void>;
  /** brings a waiting run before the person */
  ask(key: string): Promise<void>;

  /** a workspace file as a database to attach, under a capability URL */
  table(path: string): Promise<FileTable>;
  /** a workspace file's bytes, under a capability URL */
  file(
    path: string,
  ): Promise<{ readonly url: string; readonly digest: string; readonly mediaType: string }>;

  /** the workbook's text after an edit; kept so that a stuck frame loses nothing */
  draft(text: string): Promise<void>;
  /** writes the workbook to disk; rejects with code `conflict` if somebody else changed it */
  save(text: string): Promise<{ readonly digest: string }>;
  /** which cell's body is about to run, so that a frame that hangs can be told why; null for none */
  running(cell: number | null): Promise<void>;
}

/** What the shell may ask of the frame. */
export interface FrameApi {
  open(document: OpenDocument): Promise<void>;
  /** answers at once unless a cell loops for ever */
  ping(): Promise<void>;
  /** asks for the newest text, as it would be saved */
  text(): Promise<string>;
  /** the person asked to save from the shell */
  save(): Promise<void>;
  /** runs all stale cells */
  runStale(): Promise<void>;
  /** the page's colours changed while the workbook is open */
  setColorScheme(scheme: "light" | "dark"): Promise<void>;
}

/** The first message, frame to parent by `postMessage`: the frame listens and wants its port. */
export const helloMessage = "tierbook.hello";

/** The answer, parent to frame, sent once with exactly one MessagePort; all else goes over that. */
export const welcomeMessage = "tierbook.welcome";

/** The workbook that a frame opens. */
export interface OpenDocument {
  readonly path: string;
  readonly text: string;
  /** cells that must not run, because they hung the frame before */
  readonly disabled: readonly number[];
  readonly colorScheme: "light" | "dark";
}
