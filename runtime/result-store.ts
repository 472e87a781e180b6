/**
 * Where results outlive the page. The keys are SHA-256 digests in hex; the newest bytes for a key
 * count.
 */
export interface ResultStore {
  /** whether nothing is there at all, so that no key need be made */
  readonly isEmpty: boolean;

  /**
   * Whether bytes may be there for a key. Answered at once, so that a cell whose result nobody knows
   * runs without waiting.
   */
  has(key: string): boolean;

  /**
   * The bytes for a key: at once where they are in memory, else later. Undefined where they are gone
   * or damaged; never rejects.
   */
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;

  /**
   * Keeps bytes for a key. Written some time later; what cannot be kept is let go in silence, with
   * what was there for the key before.
   */
  put(key: string, bytes: Uint8Array): void;

  /** Resolves when nothing that was put waits any more: `has` then says what is really kept. */
  written(): Promise<void>;

  /** Forgets a key. */
  delete(key: string): void;

  /** SHA-256 of a file's bytes as they are now, by the path that cells use; undefined where it is gone. */
  fileDigest(path: string): Promise<string | undefined>;
}
