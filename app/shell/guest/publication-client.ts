import {
  PublicationError,
  readPublication,
  type Part,
  type Publication,
} from "../../../cells/share/publication.ts";
import { BytesInMemory } from "../../../cells/results/bytes-in-memory.ts";
import { fetchPolitely, type Fetching } from "./fetch-politely.ts";
import { readBytes, readPart } from "./read-part.ts";

/** A publication at the address where it lies, and its parts. */
export interface OpenedPublication {
  readonly publication: Publication;
  /** SHA-256 of the manifest: what the link names */
  readonly digest: string;
  /**
   * A part's bytes, which are the caller's own from then on.
   *
   * @throws {PublicationError} unless they are what the publication names
   */
  bytes(part: Part): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * A part as text.
   *
   * @throws {PublicationError} unless it is what the publication names, and UTF-8
   */
  text(part: Part): Promise<string>;
}

/** The most bytes that the manifest of a publication may have. */
export const maxManifestBytes: number = 64 << 20;
/** The most bytes that a part may have which a page is to hold. */
export const maxPartBytes: number = 1 << 30;
/** The most bytes of parts that are kept for a second reading. */
const maxKept = 256 << 20;
/** Parts up to this many bytes are kept. */
const maxKeptPart = 64 << 20;

/**
 * Opens what a link names. Nothing that lies there is believed: the manifest is checked against the
 * link, every part against the manifest.
 *
 * @param base the folder with `publication.json` and `parts/`; ends in a slash
 * @param digest what the link names
 * @throws {PublicationError} `changed`, `missing`, `gone`, `malformed`, `too-large`, `unreachable`
 */
export async function openPublication(
  base: URL | string,
  digest: string,
  fetching: Fetching = {},
): Promise<OpenedPublication> {
  const folder = new URL(base, globalThis.location?.href);
  const url = new URL("publication.json", folder);
  const manifest = await fetchPolitely(url, fetching, (response) =>
    readBytes(response, maxManifestBytes),
  );
  const publication = readPublication(textOf(manifest), digest);
  const parts = new Parts(new URL("parts/", folder), fetching);
  return {
    publication,
    digest,
    bytes: (part) => parts.bytes(part),
    text: async (part) => textOf(await parts.bytes(part)),
  };
}

/** The parts of a publication: each is fetched once as long as there is room to keep it. */
class Parts {
  private readonly kept = new BytesInMemory(maxKept);
  private readonly underWay = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(
    private readonly folder: URL,
    private readonly fetching: Fetching,
  ) {}

  async bytes(part: Part): Promise<Uint8Array<ArrayBuffer>> {
    if (part.size > maxPartBytes)
      throw new PublicationError(
        `A part of this publication has ${part.size.toLocaleString("en")} bytes, more than a page can hold; open it on a Tierbook server`,
        "too-large",
      );
    // who reads a large part has it to himself: nothing is copied, nothing kept
    if (part.size > maxKeptPart) return await this.fetch(part);
    const kept = this.kept.get(nameOf(part)) ?? (await this.keep(part));
    return new Uint8Array(kept);
  }

  private async keep(part: Part): Promise<Uint8Array> {
    const name = nameOf(part);
    const fetched = this.underWay.get(name) ?? this.fetch(part);
    this.underWay.set(name, fetched);
    try {
      const bytes = await fetched;
      this.kept.set(name, bytes);
      return bytes;
    } finally {
      this.underWay.delete(name);
    }
  }

  private fetch(part: Part): Promise<Uint8Array<ArrayBuffer>> {
    const url = new URL(part.digest, this.folder);
    return fetchPolitely(url, this.fetching, (response) => readPart(response, part));
  }
}

/** A manifest may name the same digest with several sizes, of which at most one is right. */
function nameOf({ digest, size }: Part): string {
  return `${digest} ${size}`;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PublicationError("This publication cannot be read: it is no text", "malformed");
  }
}
