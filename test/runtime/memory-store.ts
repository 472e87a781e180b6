import type { ResultStore } from "../../runtime/result-store.ts";

/** A result store in memory, which tells what was done to it and can be made to behave badly. */
export class MemoryStore implements ResultStore {
  readonly entries = new Map<string, Uint8Array>();
  /** keys in the order in which bytes were put */
  readonly puts: string[] = [];
  readonly deleted: string[] = [];
  /** keys that were asked for */
  readonly gets: string[] = [];
  /** SHA-256 of each file by path */
  files: Readonly<Record<string, string>> = {};

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.gets.push(key);
    return this.entries.get(key);
  }

  put(key: string, bytes: Uint8Array): void {
    this.puts.push(key);
    this.entries.set(key, bytes);
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  delete(key: string): void {
    this.deleted.push(key);
    this.entries.delete(key);
  }

  fileDigest(path: string): Promise<string | undefined> {
    return Promise.resolve(this.files[path]);
  }
}
