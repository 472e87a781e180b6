import { maxDocumentLength } from "../wire-schema.ts";
import { base64urlFromBytes, bytesFromBase64url } from "./base64url.ts";
import { workbookFileName } from "./file-name.ts";

/*
 * A workbook in an address, after the `#`, which browsers send to no server:
 *
 *   #w=1.<length>.<payload>
 *
 * 1 is this form's version. The payload is base64url of zlib's format (RFC 1950), which ends with a
 * checksum, of the file's name, a line feed and its text, in UTF-8. Its length tells a link that was
 * copied in part from a whole one, and from what follows it in a sentence.
 */

/** A workbook as a link has it. */
export interface LinkedSource {
  /** the workbook's file as text */
  readonly text: string;
  /** what its file is called, without folders */
  readonly name: string;
}

/**
 * The most characters of a fragment, so that the whole address keeps below 32 Ki. Chromium's address
 * bar shows no more (`kMaxURLDisplayChars` in its `content_constants.cc`; it opens up to 2 Mi), Safari
 * was seen to take 80,000 and Firefox more. Slack takes messages of 40,000 characters.
 */
export const maxFragmentLength = 32_000;

/** A link that cannot be made, or cannot be read. */
export class SourceLinkError extends Error {
  constructor(
    message: string,
    /** `too-large`, `cut`, `damaged` or `newer` */
    readonly code: "too-large" | "cut" | "damaged" | "newer",
    /** what to do about it */
    readonly hint: string,
  ) {
    super(message);
    this.name = "SourceLinkError";
  }
}

/**
 * The fragment of an address that holds a whole workbook. Like a file in UTF-8 it cannot hold lone
 * surrogates: they become U+FFFD.
 *
 * @throws {SourceLinkError} `too-large`
 */
export async function sourceLink({ text, name }: LinkedSource): Promise<string> {
  const plain = new TextEncoder().encode(`${workbookFileName(name)}\n${text}`);
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("deflate"));
  const payload = base64urlFromBytes(new Uint8Array(await new Response(stream).arrayBuffer()));
  const fragment = `${mark}${version}.${payload.length}.${payload}`;
  if (fragment.length <= maxFragmentLength) return fragment;
  throw new SourceLinkError(
    `The link would have ${fragment.length.toLocaleString("en")} characters, and ${maxFragmentLength.toLocaleString("en")} are allowed: browsers and chat programs cut longer ones`,
    "too-large",
    "Publish the workbook on a server instead, or send its file",
  );
}

/**
 * The workbook in an address's fragment; `undefined` for a fragment of another kind.
 *
 * @throws {SourceLinkError} `cut`, `damaged`; `newer` for a form that this version does not know;
 *   `too-large` for what unfolds to more than a workbook may be
 */
export async function readSourceLink(fragment: string): Promise<LinkedSource | undefined> {
  if (!fragment.startsWith(mark)) return undefined;
  const parts = /^(?:(\d{1,4})(?:\.(?:(\d{1,9})(?:\.([\w-]*))?)?)?)?/.exec(
    fragment.slice(mark.length),
  );
  const [, its, length, payload] = parts ?? [];
  if (payload === undefined) throw isComplete(fragment, parts) ? damaged() : cut();
  if (its !== version)
    throw new SourceLinkError(
      `This link is of form ${its}, and this version of Tierbook reads form ${version}`,
      "newer",
      "Open it with a newer version of Tierbook",
    );
  if (payload.length < Number(length)) throw cut(payload.length, Number(length));
  const bytes = bytesFromBase64url(payload.slice(0, Number(length)));
  if (bytes === undefined) throw damaged();
  const plain = await inflated(bytes);
  const end = plain.indexOf("\n");
  if (end === -1 || end > maxNameLength) throw damaged();
  return { text: plain.slice(end + 1), name: workbookFileName(plain.slice(0, end)) };
}

const mark = "#w=";
const version = "1";

/** The most UTF-16 units of a name. */
const maxNameLength = 1024;

/** Whether a head that has no payload was all there is of the link, up to something wrong. */
function isComplete(fragment: string, parts: RegExpExecArray | null): boolean {
  return fragment.length > mark.length + (parts?.[0].length ?? 0);
}

/** Unfolds as text, and no further than a workbook may go: little data can unfold to gigabytes. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"))
    .getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const pieces: string[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const piece = done ? decoder.decode() : decoder.decode(value, { stream: true });
      pieces.push(piece);
      length += piece.length;
      if (length > maxDocumentLength + maxNameLength) throw tooMuch();
      if (done) return pieces.join("");
    }
  } catch (error) {
    // also ends the decompression of what is no text
    await reader.cancel().catch(() => undefined);
    throw error instanceof SourceLinkError ? error : damaged();
  }
}

function cut(had = 0, wanted?: number): SourceLinkError {
  const many =
    wanted === undefined
      ? ""
      : `: ${had.toLocaleString("en")} of its ${wanted.toLocaleString("en")} characters came`;
  return new SourceLinkError(
    `This link is incomplete${many}`,
    "cut",
    "Ask for the whole link: a program may have cut it, or only a part was copied",
  );
}

function damaged(): SourceLinkError {
  return new SourceLinkError(
    "This link is damaged: what it holds does not fit its checksum",
    "damaged",
    "Ask for the link again: a program may have changed it on its way",
  );
}

function tooMuch(): SourceLinkError {
  return new SourceLinkError(
    "This link unfolds to more than a workbook may be",
    "too-large",
    "It was not made by Tierbook; do not open it",
  );
}
