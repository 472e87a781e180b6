import type { KeyValueStore } from "../../app/shell/session.ts";

/** A browser's storage in memory, with as much room as a test gives it. */
export class MemoryStore implements KeyValueStore {
  private readonly items = new Map<string, string>();

  constructor(private readonly room = Infinity) {}

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  get length(): number {
    return this.items.size;
  }

  get size(): number {
    return this.items.size;
  }
}
