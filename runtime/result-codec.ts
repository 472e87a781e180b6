import type { CellMode } from "./cell.ts";
import { packResult, unpackResult } from "./result-bytes.ts";
import { ValueReader } from "./value-reader.ts";
import { ValueWriter } from "./value-writer.ts";

/** Makes bytes of one kind of value and the same value of the bytes again. */
export interface ValueCodec {
  /** names the kind in what is written: `table` */
  readonly tag: string;
  /**
   * The value in parts: plain JSON beside byte arrays. Undefined for a value of another kind, or one
   * that would not come back exactly as it is. Only asked about what is no plain data: that is
   * written without a codec.
   *
   * @param mode of the cell that gave or displayed the value
   */
  encode(value: object, mode: CellMode): EncodedValue | undefined;
  /**
   * The value again: whoever reads it cannot tell it from the first one. The buffers are parts of
   * what is read; a value that keeps one must copy it.
   *
   * @throws {Error} for parts that are no such value
   */
  decode(encoded: EncodedValue): unknown;
  /**
   * The objects within a value that code can get hold of. A result in which one of them also stands
   * by itself is not kept, since they would come back as two. None where it is left out.
   */
  inside?(value: object): Iterable<object>;
}

/** A value in parts. */
export interface EncodedValue {
  readonly json: unknown;
  readonly buffers: readonly Uint8Array[];
}

/** What a run came to, as it is kept. */
export interface KeptResult {
  readonly fingerprint: string;
  /** SHA-256 of each file that the run read, by path */
  readonly files: Readonly<Record<string, string>>;
  /** milliseconds that it took */
  readonly duration: number;
  /** what it gave, by name */
  readonly exports: Readonly<Record<string, unknown>>;
  /** what it displayed, by slot */
  readonly displays: readonly unknown[];
}

/** Bytes past which a result is not kept: such a one is as quickly made as it is read, or too rare. */
export const mostResultBytes = 64 * 1024 * 1024;

/**
 * A result as bytes, or undefined where anything in it would not come back exactly as it is: see
 * {@link ValueWriter} for what does. An object that stands in several places, whether in exports or
 * in displays, comes back as one. Never throws.
 *
 * @param mode of the cell
 * @param codecs for what is no plain data
 * @param mostBytes gives up where it would be longer
 */
export function encodeResult(
  result: KeptResult,
  mode: CellMode,
  codecs: readonly ValueCodec[],
  mostBytes = mostResultBytes,
): Uint8Array | undefined {
  try {
    const { fingerprint, files, duration, exports, displays } = result;
    const writer = new ValueWriter(mode, codecs, mostBytes);
    const text = JSON.stringify([
      fingerprint,
      duration,
      writer.writeMembers(files),
      writer.writeMembers(exports),
      writer.write(displays),
    ]);
    const { objects, buffers } = writer.finish();
    const bytes = packResult(`[${text},[${objects.join(",")}]]`, buffers);
    return bytes.length <= mostBytes ? bytes : undefined;
  } catch {
    // not only our own refusals: a stranger's object can throw at whatever one asks it
    return undefined;
  }
}

/**
 * The result that bytes hold, or undefined where they are damaged, of another version, or in need
 * of a codec that is not there. Never throws, and what it makes is in proportion to the bytes.
 */
export function decodeResult(
  bytes: Uint8Array,
  codecs: readonly ValueCodec[],
): KeptResult | undefined {
  try {
    const { text, buffers } = unpackResult(bytes);
    const parsed: unknown = JSON.parse(text);
    const [head, objects] = listOf(parsed);
    const [fingerprint, duration, files, exports, displays] = listOf(head);
    const reader = new ValueReader(listOf(objects), buffers, codecs);
    const shown = reader.read(displays);
    if (typeof fingerprint !== "string" || typeof duration !== "number") return undefined;
    return {
      fingerprint,
      files: textsOf(reader.readMembers(listOf(files))),
      duration,
      exports: reader.readMembers(listOf(exports)),
      displays: listOf(shown),
    };
  } catch {
    // whatever is wrong with the bytes, the cell runs instead
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("no list");
  return value;
}

function textsOf(members: Record<string, unknown>): Record<string, string> {
  if (!isTexts(members)) throw new TypeError("a digest is no text");
  return members;
}

function isTexts(members: Record<string, unknown>): members is Record<string, string> {
  return Object.values(members).every((member) => typeof member === "string");
}
