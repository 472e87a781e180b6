import { afterTask } from "./after-task.ts";
import { cellFingerprint, type FingerprintParts } from "./cell-fingerprint.ts";
import type { CellRun } from "./cell-run.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import { isKeepable } from "./keepable.ts";
import { decodeResult, encodeResult, type KeptResult, type ValueCodec } from "./result-codec.ts";
import type { ResultStore } from "./result-store.ts";
import { jsonDigest } from "./sha256.ts";
import { markOf, type ValueMark } from "./value-mark.ts";

/** Milliseconds after a run before it is written, so that a slider does not write each step. */
const quiet = 200;

/** Milliseconds that writing takes of one task. */
const slice = 6;

/** A result that is looked for. */
interface Wanted {
  readonly key: string;
  readonly parts: FingerprintParts;
  readonly record: FingerprintRecord;
}

/** Where nothing is kept. */
const nowhere: ResultStore = {
  isEmpty: true,
  has: () => false,
  get: () => undefined,
  put: () => undefined,
  written: () => Promise.resolve(),
  delete: () => undefined,
  fileDigest: () => Promise.resolve(undefined),
};

/**
 * Writes what runs came to into a store, and finds it there again. The key of a result is all of its
 * fingerprint but the files, which are known only once the body ran: their digests are kept with the
 * result, and it counts as long as they are the same.
 */
export class ResultKeeper {
  /** runs to be written when there is time, with what their values were when they were noted */
  private readonly waiting = new Map<CellRun, readonly ValueMark[]>();
  private readonly written = new WeakSet<CellRun>();
  /** by what a run was made of: the key under which what it came to was put, or found */
  private readonly keys = new WeakMap<FingerprintRecord, string>();
  /** by key, the fingerprint of what was last put or found there: runs on other files share the key */
  private readonly contents = new Map<string, string>();
  private isScheduled = false;

  private store: ResultStore | undefined;
  private readonly opening: Promise<void>;

  /** @param store where results are, or will be: what is looked for meanwhile waits for it */
  constructor(
    store: ResultStore | Promise<ResultStore>,
    private readonly codecs: readonly ValueCodec[] = [],
  ) {
    const open = (opened: ResultStore): void => void (this.store = opened);
    if (!(store instanceof Promise)) open(store);
    this.opening = Promise.resolve(store).then(open, () => open(nowhere));
  }

  /** What a run of this code with this record would come to, if it is known; never rejects. */
  find(
    compiled: CompiledCell,
    record: FingerprintRecord,
  ): KeptResult | undefined | Promise<KeptResult | undefined> {
    const { store } = this;
    if (store === undefined) return this.opening.then(() => this.find(compiled, record));
    if (store.isEmpty) return undefined;
    const parts = record.parts();
    const key = resultKey(compiled, parts);
    const read = (bytes: Uint8Array | undefined): ReturnType<typeof this.find> =>
      this.read(store, { key, parts, record }, bytes);
    try {
      if (!store.has(key)) return undefined;
      const bytes = store.get(key);
      return bytes instanceof Promise ? bytes.then(read).catch(() => undefined) : read(bytes);
    } catch {
      // a store that is broken knows nothing
      return undefined;
    }
  }

  /** Whether files are what they were, by their digests; not if that cannot be told. */
  async areFilesSame(files: Readonly<Record<string, string>>): Promise<boolean> {
    await this.opening;
    const same = Object.entries(files).map(
      async ([path, digest]) => (await this.store?.fileDigest(path)) === digest,
    );
    return await Promise.all(same).then(
      (each) => each.every(Boolean),
      () => false,
    );
  }

  /** Writes down what a run came to, some time later, if it can be written. */
  note(run: CellRun): void {
    if (this.written.has(run) || this.waiting.has(run)) return;
    this.waiting.set(run, marksOf(run));
    if (this.isScheduled) return;
    this.isScheduled = true;
    setTimeout(() => void this.opening.then(() => this.write()), quiet);
  }

  /** Writes at once what waits, and resolves when all of it is in the store. Never rejects. */
  async flush(): Promise<void> {
    await this.opening;
    while (this.waiting.size > 0) {
      this.write();
      await new Promise<void>(afterTask);
    }
    await this.store?.written().catch(() => undefined);
  }

  /**
   * The key under which the store has what a run of this record came to; undefined where it has not,
   * or has only what an earlier run came to, perhaps on other files.
   */
  keyOf(record: FingerprintRecord): string | undefined {
    const key = this.keys.get(record);
    if (key === undefined || this.contents.get(key) !== record.fingerprint()) return undefined;
    return this.store?.has(key) === true ? key : undefined;
  }

  /** Takes a run back that went on after it was noted, and so is not what was written. */
  retract(run: CellRun): void {
    this.waiting.delete(run);
    if (!this.written.has(run)) return;
    const key = resultKey(run.compiled, run.record.parts());
    this.contents.delete(key);
    try {
      this.store?.delete(key);
    } catch {
      // a store that is broken keeps nothing
    }
  }

  private read(
    store: ResultStore,
    { key, parts, record }: Wanted,
    bytes: Uint8Array | undefined,
  ): KeptResult | undefined | Promise<KeptResult | undefined> {
    if (bytes === undefined) return undefined;
    const result = decodeResult(bytes, this.codecs);
    if (result?.fingerprint !== cellFingerprint({ ...parts, files: result?.files ?? {} })) {
      // damaged, or what another cell came to
      store.delete(key);
      return undefined;
    }
    const found = (): KeptResult => {
      this.remember(record, key, result.fingerprint);
      return result;
    };
    if (Object.keys(result.files).length === 0) return found();
    return this.areFilesSame(result.files).then((same) => (same ? found() : undefined));
  }

  private remember(record: FingerprintRecord, key: string, fingerprint: string): void {
    this.keys.set(record, key);
    this.contents.set(key, fingerprint);
  }

  /** A few at a time, so that nothing else waits long. Runs that were replaced meanwhile are passed. */
  private write(): void {
    const end = performance.now() + slice;
    for (const [run, marks] of this.waiting) {
      this.waiting.delete(run);
      if (!run.isReplaced && !this.written.has(run) && isKeepable(run)) this.keep(run, marks);
      if (performance.now() > end) break;
    }
    this.isScheduled = this.waiting.size > 0;
    if (this.isScheduled) afterTask(() => this.write());
  }

  private keep(run: CellRun, marks: readonly ValueMark[]): void {
    const { compiled, record, duration = 0, shown } = run;
    const exports = run.finalExports();
    this.written.add(run);
    // another cell may have changed in place what it was given
    if (!isMarked(run, marks) || record.hasPassingUrl) return;
    const result: KeptResult = {
      fingerprint: record.fingerprint(),
      files: record.readFiles,
      duration,
      exports,
      displays: shown,
    };
    const bytes = encodeResult(result, compiled.cell.mode, this.codecs);
    if (bytes === undefined) return;
    const key = resultKey(compiled, record.parts());
    try {
      this.store?.put(key, bytes);
      this.remember(record, key, result.fingerprint);
    } catch {
      // a store that is broken keeps nothing
    }
  }
}

function marksOf(run: CellRun): readonly ValueMark[] {
  return Object.values(run.finalExports()).map(markOf);
}

/** Whether a run gives what it gave when it was marked, as far as that can be told. */
function isMarked(run: CellRun, marks: readonly ValueMark[]): boolean {
  const now = marksOf(run);
  return (
    now.length === marks.length && now.every((mark, i) => mark !== undefined && mark === marks[i])
  );
}

/** Names the result of a run: what decides it, less the files, and how it is shown and named. */
function resultKey(compiled: CompiledCell, all: FingerprintParts): string {
  const { files: _files, ...parts } = all;
  const { autodisplay, kind, outputs } = compiled;
  return jsonDigest({
    kind: "tierbook.result",
    version: 1,
    parts,
    autodisplay,
    body: kind,
    outputs,
  });
}
