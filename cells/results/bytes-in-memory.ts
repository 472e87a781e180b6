/** Bytes by key, as many as fit under a bound; what came first goes first. */
export class BytesInMemory {
  private readonly kept = new Map<string, Uint8Array>();
  private total = 0;

  /** @param limit in bytes */
  constructor(private readonly limit: number) {}

  get(key: string): Uint8Array | undefined {
    return this.kept.get(key);
  }

  /** The keys, what came first first. */
  keys(): Iterable<string> {
    return this.kept.keys();
  }

  set(key: string, bytes: Uint8Array): void {
    this.delete(key);
    this.kept.set(key, bytes);
    this.total += bytes.byteLength;
    for (const oldest of this.kept.keys()) {
      if (this.total <= this.limit) break;
      this.delete(oldest);
    }
  }

  clear(): void {
    this.kept.clear();
    this.total = 0;
  }

  delete(key: string): void {
    this.total -= this.kept.get(key)?.byteLength ?? 0;
    this.kept.delete(key);
  }
}
