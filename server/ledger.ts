import { dirname } from "node:path";
import * as v from "valibot";
import { digestSchema } from "../engines/receipt-schema.ts";
import { jsonDigest } from "../runtime/sha256.ts";
import { readIfThere, writeDurably } from "./durable-file.ts";
import { folderChanges } from "./file-changes.ts";
import { appendLines, mendTail, readLines } from "./jsonl-file.ts";
import { withLock } from "./lock-file.ts";
import { Mutex } from "./mutex.ts";

/** What an entry is about. */
export type LedgerType = (typeof ledgerTypes)[number];

const ledgerTypes = [
  "receipt",
  "run",
  "override",
  "report",
  "publication",
  "publication-taken-back",
] as const;

/** One line of the ledger. */
export interface LedgerEntry {
  /** counts from 1 without gaps */
  readonly seq: number;
  /** the hash of the entry before; 64 zeros for the first */
  readonly prev: string;
  /** RFC 3339, UTC */
  readonly at: string;
  readonly type: LedgerType;
  readonly body: unknown;
  /** SHA-256 of the canonical JSON of all the rest */
  readonly hash: string;
}

/** Where the ledger stands: its last entry. */
export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}

/** An entry before it has its place in the chain. */
export type NewEntry = Pick<LedgerEntry, "type" | "body"> & { readonly at?: string };

/** The head of a ledger without entries. */
export const emptyHead: LedgerHead = { seq: 0, hash: "0".repeat(64) };

const entrySchema = v.strictObject({
  seq: v.number(),
  prev: digestSchema,
  at: v.string(),
  type: v.picklist(ledgerTypes),
  body: v.unknown(),
  hash: digestSchema,
});

const headSchema = v.object({ seq: v.number(), hash: digestSchema });

function headPath(path: string): string {
  return `${path}.head`;
}

async function readHead(path: string): Promise<LedgerHead | undefined> {
  const text = await readIfThere(headPath(path));
  const head = v.safeParse(v.pipe(v.string(), v.parseJson(), headSchema), text);
  return head.success ? head.output : undefined;
}

/** A ledger whose chain is broken: a line was changed, taken out or put in. */
export class LedgerError extends Error {
  readonly code = "ledger-broken";
  constructor(
    readonly path: string,
    /** 1-based */
    readonly line: number,
    readonly what: string,
  ) {
    super(
      `${path}, line ${line}: ${what}; put the ledger back from a copy, or move it away to begin a new one`,
    );
    this.name = "LedgerError";
  }
}

/**
 * The append-only, hash-chained record of receipts and runs: one JSON object a line. Several
 * processes may append to one ledger at once.
 */
export class Ledger {
  private readonly known: LedgerEntry[] = [];
  private offset = 0;
  private readonly mutex = new Mutex();

  constructor(readonly path: string) {}

  /** All entries so far, in order. @throws {LedgerError} */
  async entries(): Promise<readonly LedgerEntry[]> {
    await this.mutex.run(() => this.catchUp());
    return this.known;
  }

  /** The entries after a sequence number. @throws {LedgerError} */
  async after(seq: number): Promise<readonly LedgerEntry[]> {
    return (await this.entries()).slice(seq);
  }

  /** The last entry's number and hash. @throws {LedgerError} */
  async head(): Promise<LedgerHead> {
    await this.mutex.run(() => this.catchUp());
    return this.lastKnown();
  }

  /**
   * Appends entries, all or none, and waits until they are on the disk.
   *
   * @param unless asked, with every other writer held off, whether the entries are already there;
   *   nothing is then appended
   * @returns what was appended
   */
  append(
    entries: readonly NewEntry[],
    unless: (entries: readonly LedgerEntry[]) => boolean = () => false,
  ): Promise<readonly LedgerEntry[]> {
    return this.mutex.run(() =>
      withLock(`${this.path}.lock`, async () => {
        await this.readOn();
        await mendTail(this.path, (line) => typeof readEntry(line, this.lastKnown()) !== "string");
        await this.catchUp();
        if (unless(this.known)) return [];
        const chained = chain(this.lastKnown(), entries);
        await appendLines(
          this.path,
          chained.map((entry) => JSON.stringify(entry)),
          { sync: true },
        );
        await this.readOn();
        await writeDurably(headPath(this.path), JSON.stringify(this.lastKnown()));
        return chained;
      }),
    );
  }

  /** The head, at once and whenever it has moved, until the signal aborts. */
  async *heads(signal: AbortSignal): AsyncGenerator<LedgerHead> {
    let last = -1;
    for await (const _ of folderChanges(dirname(this.path), signal)) {
      const head = await this.head();
      if (head.seq !== last) yield head;
      last = head.seq;
    }
  }

  /**
   * Reads what the file has gained. Lines that are missing at its end break no chain, so the head is
   * also kept by itself; it is read first, since other processes write it last.
   */
  private async catchUp(): Promise<void> {
    const head = await readHead(this.path);
    await this.readOn();
    const missing = this.known.length + 1;
    if (head !== undefined && head.seq >= missing)
      throw new LedgerError(this.path, missing, `entries ${missing} to ${head.seq} are missing`);
  }

  private async readOn(): Promise<void> {
    const { lines, offset } = await readLines(this.path, this.offset);
    for (const line of lines) {
      const entry = readEntry(line, this.lastKnown());
      if (typeof entry === "string") throw new LedgerError(this.path, this.known.length + 1, entry);
      this.known.push(entry);
    }
    this.offset = offset;
  }

  private lastKnown(): LedgerHead {
    const last = this.known.at(-1);
    return last === undefined ? emptyHead : { seq: last.seq, hash: last.hash };
  }
}

/**
 * Reads a ledger from its first line and checks the whole chain.
 *
 * @throws {LedgerError} that names the first line which does not follow from those before it
 */
export async function verifyLedger(path: string): Promise<LedgerHead> {
  return await new Ledger(path).head();
}

function chain(head: LedgerHead, entries: readonly NewEntry[]): LedgerEntry[] {
  let { seq, hash: prev } = head;
  return entries.map(({ at = new Date().toISOString(), type, body }) => {
    const rest = { seq: ++seq, prev, at, type, body };
    const entry = { ...rest, hash: jsonDigest(rest) };
    prev = entry.hash;
    return entry;
  });
}

/** The entry in a line, or why it cannot be the one after `head`. */
function readEntry(line: string, head: LedgerHead): LedgerEntry | string {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), entrySchema), line);
  if (!parsed.success) return `this is no entry (${parsed.issues[0].message})`;
  const { hash, ...rest } = parsed.output;
  if (rest.seq !== head.seq + 1) return `entry ${rest.seq} stands where ${head.seq + 1} belongs`;
  if (rest.prev !== head.hash) return `entry ${rest.seq} does not follow from the one before it`;
  if (jsonDigest(rest) !== hash) return `entry ${rest.seq} was changed after it was written`;
  return parsed.output;
}
