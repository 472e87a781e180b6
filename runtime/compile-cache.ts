/**
 * Remembers what sources compiled to, so that undo, a second workbook, or the same workbook opened
 * again does not parse them again. What was not asked for longest goes first.
 */
export class CompileCache<Value> {
  /** in the order of their last use */
  private readonly values = new Map<string, Value>();
  private length = 0;

  /**
   * @param maxEntries how many sources it keeps
   * @param maxLength how long their texts may be together, in UTF-16 units; syntax trees take some
   *   twenty bytes for each
   */
  constructor(
    private readonly maxEntries = 2000,
    private readonly maxLength = 1 << 20,
  ) {}

  /** What a source compiled to, or compiles to now. A failure is thrown and not kept. */
  get(key: string, compile: () => Value): Value {
    const known = this.values.get(key);
    if (known === undefined) {
      const value = compile();
      this.values.set(key, value);
      this.length += key.length;
      this.drop();
      return value;
    }
    this.values.delete(key);
    this.values.set(key, known);
    return known;
  }

  /** How many sources it keeps now. */
  get size(): number {
    return this.values.size;
  }

  private drop(): void {
    for (const key of this.values.keys()) {
      if (this.values.size <= this.maxEntries && this.length <= this.maxLength) return;
      this.values.delete(key);
      this.length -= key.length;
    }
  }
}
