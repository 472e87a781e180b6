import { createReadStream } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { findSecrets } from "../cells/report/secrets.ts";
import type { FoundSecret } from "../cells/share/publishing.ts";
import { formatBytes } from "../cells/number-format.ts";

/** How many findings of one kind at one place are listed, and how many are counted. */
const mostListed = 20;
const mostCounted = 1_000;
/** How much of one place is searched, in UTF-16 units. */
const mostSearched = 64 << 20;
/** What is searched at once, in UTF-16 units. */
const pieceLength = 1 << 20;
/** How long a secret may be that is found for sure, within a line and over several. */
const longestSecret = 32_768;
const longestPhrase = 1_024;

/** What was found in all that would leave. */
export interface SearchOutcome {
  readonly found: readonly FoundSecret[];
  readonly foundMore: number;
  readonly unsearched: readonly string[];
}

/** Searches texts from several places for secrets, piece by piece, so that others get their turn. */
export class SecretSearch {
  /** excerpts by place and kind */
  private readonly found = new Map<string, Map<string, Set<string>>>();
  private readonly unsearched = new Set<string>();

  /** A place, or a part of it, could not be searched. */
  skip(sentence: string): void {
    this.unsearched.add(sentence);
  }

  /** Searches a text. */
  async text(where: string, text: string): Promise<void> {
    await this.texts(where, [text]);
  }

  /** Searches a text that comes in pieces, up to a bound; what is past it is said to be unsearched. */
  async texts(
    where: string,
    pieces: Iterable<string> | AsyncIterable<string>,
    most: number = mostSearched,
  ): Promise<void> {
    let rest = "";
    let read = 0;
    for await (const piece of pieces) {
      read += piece.length;
      rest += read > most ? piece.slice(0, piece.length - (read - most)) : piece;
      while (rest.length > pieceLength) {
        const cut = cutBefore(rest, pieceLength);
        this.note(where, rest.slice(0, pieceLength), cut);
        rest = rest.slice(cut);
        await breathe();
      }
      if (read > most) break;
    }
    this.note(where, rest, rest.length);
    if (read > most) this.skip(`Only the first ${formatBytes(most)} of ${where} were searched.`);
  }

  /** Searches a file: text as it is, and of anything else what stands in it as plain text. */
  async file(where: string, path: string): Promise<void> {
    let isText = true;
    const pieces = async function* (): AsyncGenerator<string> {
      for await (const piece of decoded(path)) {
        if (/[\0\uFFFD]/.test(piece)) isText = false;
        yield piece;
      }
    };
    await this.texts(where, pieces());
    if (!isText)
      this.skip(`${where} is no text: only what stands in it as plain text was searched.`);
  }

  /** What was found so far. */
  outcome(): SearchOutcome {
    const found: FoundSecret[] = [];
    let foundMore = 0;
    for (const [where, kinds] of this.found)
      for (const [kind, excerpts] of kinds) {
        const listed = [...excerpts].slice(0, mostListed);
        found.push(...listed.map((excerpt) => ({ kind, excerpt, where })));
        foundMore += excerpts.size - listed.length;
      }
    return { found, foundMore, unsearched: [...this.unsearched] };
  }

  /** @param end where what begins is found again with the next piece */
  private note(where: string, text: string, end: number): void {
    for (const { kind, excerpt, offset } of findSecrets(text)) {
      if (offset >= end) continue;
      const kinds = this.found.get(where) ?? new Map<string, Set<string>>();
      this.found.set(where, kinds);
      const excerpts = kinds.get(kind) ?? new Set();
      kinds.set(kind, excerpts);
      if (excerpts.size < mostCounted) excerpts.add(excerpt);
    }
  }
}

/** Where the next piece begins: at a line or a word, so far back that nothing is cut in two. */
function cutBefore(text: string, end: number): number {
  const earliest = end - longestSecret;
  for (const gap of ["\n", " "]) {
    const cut = text.lastIndexOf(gap, end - longestPhrase);
    if (cut >= earliest) return cut + 1;
  }
  return earliest;
}

/** A file's text by its byte order mark, or as UTF-8. */
async function* decoded(path: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = piece as Buffer;
    decoder ??= new TextDecoder(encodingOf(bytes));
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder?.decode() ?? "";
}

function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
