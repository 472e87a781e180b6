import { givingBytes } from "../giving-bytes.ts";
import { maxResultBytes, maxSmallResultBytes, type ResultIndex } from "../result-index.ts";
import type { ShellApi } from "../shell-api.ts";
import type { ResultStore } from "../../runtime/result-store.ts";
import { fewAtOnce } from "../few-at-once.ts";
import { BytesInMemory } from "./bytes-in-memory.ts";

/** What the store asks of the shell. */
export type ResultCalls = Pick<
  ShellApi,
  "results" | "result" | "keepResult" | "forgetResult" | "forgetResults" | "fileDigest"
>;

/** The most bytes of small results that stay in this frame's memory. */
const maxMemoryBytes = 32 << 20;
/** The most bytes that wait to be written; what comes beyond them is not kept. */
const maxWaitingBytes = 2 * maxResultBytes;
/** How many results are read, or written, at a time. */
const width = 4;

/** Opens the result cache of the workbook. A shell that has none to offer gives an empty one. */
export async function openResultStore(shell: ResultCalls): Promise<ShellResultStore> {
  const index = await shell.results().catch((): ResultIndex => ({ keys: [], small: [] }));
  return new ShellResultStore(shell, index);
}

/**
 * The result cache as the frame sees it: small results in memory, the others behind the shell, and
 * what is new written behind the cells' back.
 */
export class ShellResultStore implements ResultStore {
  /** what may be in memory, waiting, being written, or behind the shell */
  private readonly known: Set<string>;
  private readonly memory = new BytesInMemory(maxMemoryBytes);
  private readonly waiting = new Map<string, Uint8Array>();
  private waitingBytes = 0;
  private readonly writing = new Map<string, Promise<void>>();
  private isWakened = false;
  private readonly reading = fewAtOnce(width);
  private readonly hashing = fewAtOnce(width);
  private readonly digests = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly shell: ResultCalls,
    { keys, small }: ResultIndex,
  ) {
    this.known = new Set(keys);
    // the newest come first and are the last to go
    for (const { key, bytes } of small.toReversed()) this.memory.set(key, bytes);
  }

  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  has(key: string): boolean {
    return this.known.has(key);
  }

  /** Bytes of the caller's own: what becomes of them changes nothing that is kept. */
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (!this.known.has(key)) return undefined;
    const here = this.memory.get(key) ?? this.waiting.get(key);
    return here === undefined ? this.read(key) : here.slice();
  }

  /** Takes the bytes: whoever gave them must not use them any more. The newest for a key count. */
  put(key: string, bytes: Uint8Array): void {
    if (bytes.byteLength > maxResultBytes) return this.delete(key);
    const before = this.memory.get(key);
    if (before !== undefined && isSame(before, bytes)) return;
    const room = maxWaitingBytes - this.waitingBytes + (this.waiting.get(key)?.byteLength ?? 0);
    if (bytes.byteLength > room) return this.delete(key);
    // a part of something larger would hold all of it in memory, and send it all
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.known.add(key);
    this.memory.delete(key);
    if (own.byteLength <= maxSmallResultBytes) this.memory.set(key, own);
    this.takeWaiting(key);
    this.waiting.set(key, own);
    this.waitingBytes += own.byteLength;
    this.wake();
  }

  async written(): Promise<void> {
    for (;;) {
      this.write();
      if (this.writing.size === 0) return;
      await Promise.all(this.writing.values());
    }
  }

  delete(key: string): void {
    if (!this.known.delete(key)) return;
    this.memory.delete(key);
    this.takeWaiting(key);
    void this.forget(key);
  }

  /** Forgets everything, here and behind the shell. @returns how many results the shell had */
  async clear(): Promise<number> {
    this.known.clear();
    this.memory.clear();
    this.waiting.clear();
    this.waitingBytes = 0;
    // what is on its way must not come after
    await Promise.all(this.writing.values());
    return await this.shell.forgetResults();
  }

  async fileDigest(path: string): Promise<string | undefined> {
    // a workbook opens with many cells that read the same file
    let asked = this.digests.get(path);
    if (asked === undefined) {
      asked = this.hashing(() => this.shell.fileDigest(path))
        .then((digest) => digest ?? undefined)
        .catch(() => undefined)
        .finally(() => this.digests.delete(path));
      this.digests.set(path, asked);
    }
    return await asked;
  }

  private async read(key: string): Promise<Uint8Array | undefined> {
    await this.writing.get(key);
    const newer = this.waiting.get(key);
    if (newer !== undefined) return newer.slice();
    const bytes = await this.reading(() => this.shell.result(key)).catch(() => null);
    if (bytes === null && !this.waiting.has(key)) this.lose(key);
    return bytes ?? undefined;
  }

  /** Lets the caller go on: writing begins when the code that runs now is through. */
  private wake(): void {
    if (this.isWakened) return;
    this.isWakened = true;
    queueMicrotask(() => {
      this.isWakened = false;
      this.write();
    });
  }

  private write(): void {
    // what is taken out on the way does not disturb the walk
    for (const key of this.waiting.keys()) {
      if (this.writing.size >= width) return;
      // an older write of the same key must not come after this one
      if (this.writing.has(key)) continue;
      const bytes = this.takeWaiting(key);
      if (bytes === undefined) continue;
      const given = this.memory.get(key) === bytes ? bytes : givingBytes(bytes, [bytes]);
      const written = this.keep(key, given).finally(() => {
        this.writing.delete(key);
        this.write();
      });
      this.writing.set(key, written);
    }
  }

  private async keep(key: string, bytes: Uint8Array): Promise<void> {
    const isKept = await this.shell.keepResult(key, bytes).catch(() => false);
    if (!isKept && !this.waiting.has(key)) this.lose(key);
  }

  private async forget(key: string): Promise<void> {
    await this.writing.get(key);
    if (!this.known.has(key)) await this.shell.forgetResult(key).catch(() => undefined);
  }

  private lose(key: string): void {
    this.known.delete(key);
    this.memory.delete(key);
  }

  private takeWaiting(key: string): Uint8Array | undefined {
    const bytes = this.waiting.get(key);
    this.waitingBytes -= bytes?.byteLength ?? 0;
    this.waiting.delete(key);
    return bytes;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
