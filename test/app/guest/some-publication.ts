import type { Fetching } from "../../../app/shell/guest/fetch-politely.ts";
import {
  openPublication,
  type OpenedPublication,
} from "../../../app/shell/guest/publication-client.ts";
import { writePublication, type Part, type Publication } from "../../../cells/share/publication.ts";
import { sha256 } from "../../../runtime/sha256.ts";

/** What a publication is made of. */
export interface Contents {
  readonly workbook?: string;
  readonly report?: string;
  /** bytes by the key of their result, the newest first */
  readonly results?: Readonly<Record<string, Uint8Array>>;
  /** texts by path */
  readonly files?: Readonly<Record<string, string>>;
  /** databases by the path of the file that they were made of */
  readonly tables?: Readonly<Record<string, Uint8Array>>;
  /** paths of which the digest alone is published */
  readonly named?: readonly string[];
  /** what lies there as runs, by the keys that the publication gives them */
  readonly runs?: Readonly<Record<string, unknown>>;
  /** fields of the manifest in the place of what follows from the rest */
  readonly fields?: Partial<Publication>;
}

/** The folder where test publications lie. */
export const base = "https://books.example/s/one/";

/** A host in memory with one publication. */
export class SomePublication {
  readonly publication: Publication;
  /** what lies at the host, by address */
  readonly files = new Map<string, Uint8Array | (() => Response)>();
  /** every address that was asked for, in order */
  readonly asked: string[] = [];
  /** how each was asked for */
  readonly inits: (RequestInit | undefined)[] = [];
  /** the milliseconds of every pause between two attempts */
  readonly pauses: number[] = [];
  readonly digest: string;
  private readonly parts = new Map<string, Uint8Array>();

  constructor(contents: Contents = {}) {
    this.publication = this.manifest(contents);
    const { text, digest } = writePublication(this.publication);
    this.digest = digest;
    this.files.set(`${base}publication.json`, new TextEncoder().encode(text));
  }

  /** How it is fetched: without a network, and without waiting. */
  get fetching(): Fetching {
    return {
      fetcher: async (input, init) => {
        const url = String(input);
        this.asked.push(url);
        this.inits.push(init);
        const found = this.files.get(url);
        if (typeof found === "function") return found();
        return found === undefined
          ? new Response("nothing here", { status: 404 })
          : new Response(new Uint8Array(found));
      },
      pause: async (milliseconds) => void this.pauses.push(milliseconds),
    };
  }

  open(digest: string = this.digest): Promise<OpenedPublication> {
    return openPublication(base, digest, this.fetching);
  }

  /** Puts something else where a part lies. */
  replace(part: Part, found: Uint8Array | (() => Response)): void {
    this.files.set(addressOf(part), found);
  }

  /** A part's bytes, as they were published. */
  bytesOf({ digest }: Part): Uint8Array {
    const bytes = this.parts.get(digest);
    if (bytes === undefined) throw new Error(`no part ${digest}`);
    return bytes;
  }

  /** How often a part was asked for. */
  timesAsked(part: Part): number {
    return this.asked.filter((url) => url === addressOf(part)).length;
  }

  /** Adds a part, as its publisher would. */
  add(content: string | Uint8Array): Part {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const part = { digest: sha256(bytes), size: bytes.byteLength };
    this.files.set(addressOf(part), bytes);
    this.parts.set(part.digest, bytes);
    return part;
  }

  private manifest(contents: Contents): Publication {
    const { workbook = "<notebook></notebook>", report = "<p>saved</p>", fields } = contents;
    const { results = {}, runs = {}, files = {}, tables = {}, named = [] } = contents;
    const paths = [...new Set([...Object.keys(files), ...Object.keys(tables), ...named])];
    return {
      kind: "tierbook.publication",
      version: 1,
      title: "Penguins",
      path: "penguins.html",
      by: "Ada",
      at: "2026-01-01T00:00:00.000Z",
      tierbook: "1.0.0",
      workbook: this.add(workbook),
      report: this.add(report),
      results: Object.entries(results).map(([key, bytes]) => ({ key, part: this.add(bytes) })),
      receipts: [],
      runs: Object.entries(runs).map(([key, run]) => ({
        key,
        part: this.add(JSON.stringify(run)),
      })),
      files: paths.map((path) => {
        const text = files[path];
        const table = tables[path];
        return {
          path,
          digest: sha256(text ?? path),
          mediaType: "text/csv",
          size: new TextEncoder().encode(text ?? path).byteLength,
          ...(text !== undefined && { bytes: this.add(text) }),
          ...(table !== undefined && {
            table: { part: this.add(table), table: "data", numRows: 3 },
          }),
        };
      }),
      ...fields,
    };
  }
}

/** Where a part lies. */
export function addressOf({ digest }: Part): string {
  return `${base}parts/${digest}`;
}
