import { fewAtOnce } from "../../../cells/few-at-once.ts";
import {
  maxIndexBytes,
  maxIndexKeys,
  maxResultBytes,
  maxSmallResultBytes,
  type ResultIndex,
  type SmallResult,
} from "../../../cells/result-index.ts";
import { BytesInMemory } from "../../../cells/results/bytes-in-memory.ts";
import { PublicationError, type Part } from "../../../cells/share/publication.ts";
import type { OpenedPublication } from "./publication-client.ts";

/** The most bytes of own results that are kept for this visit. */
const maxOwnBytes = 64 << 20;
/** The most published results that come with the index: each is a request. */
const maxEager = 256;
/** How many of them are fetched at once. */
const eagerAtOnce = 8;

/**
 * The result cache of a workbook without a server: what its cells came to in this visit, and what was
 * published with it. A published result that is not what it should be is as good as not there.
 */
export class GuestResults {
  private readonly own = new BytesInMemory(maxOwnBytes);
  private readonly published: Map<string, Part>;

  constructor(private readonly opened: OpenedPublication | undefined) {
    const results = opened?.publication.results ?? [];
    this.published = new Map(
      results.flatMap(({ key, part }) => (part.size <= maxResultBytes ? [[key, part]] : [])),
    );
  }

  /** What there is: own results first, the newest first; and the small ones as far as they fit. */
  async index(): Promise<ResultIndex> {
    const small: SmallResult[] = [];
    let left = maxIndexBytes;
    const take = (size: number): boolean => {
      const fits = size <= Math.min(left, maxSmallResultBytes);
      if (fits) left -= size;
      return fits;
    };
    for (const key of this.ownKeys()) {
      const bytes = this.own.get(key);
      if (bytes !== undefined && take(bytes.byteLength))
        small.push({ key, bytes: new Uint8Array(bytes) });
    }
    const eager = [...this.published]
      .filter(([key, { size }]) => this.own.get(key) === undefined && take(size))
      .slice(0, maxEager);
    const fetching = fewAtOnce(eagerAtOnce);
    const fetched = await Promise.all(
      eager.map(async ([key, part]) => ({
        key,
        bytes: await fetching(() => this.read(key, part)),
      })),
    );
    for (const { key, bytes } of fetched) if (bytes !== null) small.push({ key, bytes });
    const keys = [...new Set([...this.ownKeys(), ...this.published.keys()])];
    return { keys: keys.slice(0, maxIndexKeys), small };
  }

  /** A result's bytes, which are the caller's own; null where there is none. */
  async get(key: string): Promise<Uint8Array | null> {
    const own = this.own.get(key);
    if (own !== undefined) return new Uint8Array(own);
    const part = this.published.get(key);
    return part === undefined ? null : await this.read(key, part);
  }

  /** Keeps a result for this visit; whether there was room. */
  keep(key: string, bytes: Uint8Array): boolean {
    if (bytes.byteLength > maxOwnBytes) return false;
    this.own.set(key, new Uint8Array(bytes));
    return true;
  }

  /** Lets a result go, here; what is published stays where it is. */
  forget(key: string): void {
    this.own.delete(key);
    this.published.delete(key);
  }

  /** Lets all results go. @returns how many there were */
  clear(): number {
    const { size } = new Set([...this.ownKeys(), ...this.published.keys()]);
    this.own.clear();
    this.published.clear();
    return size;
  }

  private ownKeys(): readonly string[] {
    return [...this.own.keys()].toReversed();
  }

  private async read(key: string, part: Part): Promise<Uint8Array | null> {
    try {
      return (await this.opened?.bytes(part)) ?? null;
    } catch (error) {
      if (!(error instanceof PublicationError)) throw error;
      // a network may come back, other bytes will not
      if (error.code !== "unreachable") this.published.delete(key);
      return null;
    }
  }
}
