/**
 * The safetensors format (Hugging Face): a little-endian u64 with the header's length, the header as
 * JSON, then the tensors' bytes, little-endian and row-major, without holes. No code is in it.
 */

/** What a tensor of ours may hold. */
export type TensorValues = Float32Array | Float64Array | Int32Array | Uint32Array;

/** One tensor. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** Named tensors and notes about them. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, SavedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes that are no safetensors file of ours, or a hostile one. */
export class SafetensorsError extends Error {
  readonly code = "safetensors";
  constructor(message: string) {
    super(`this is no valid safetensors file: ${message}`);
    this.name = "SafetensorsError";
  }
}

const headerLimit = 16 * 1024 * 1024;

/** Writes tensors in the order of their names, with the header padded to eight bytes. */
export function writeSafetensors({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const name of names) {
    const { shape, values } = tensors.get(name) ?? { shape: [], values: new Float32Array() };
    if (name === "__metadata__" || elements(shape) !== values.length)
      throw new SafetensorsError(
        `\`${name}\` has ${values.length} values for [${shape.join(", ")}]`,
      );
    header[name] = {
      dtype: typeName(values),
      shape,
      data_offsets: [end, end + values.byteLength],
    };
    end += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, 8 + length);
  let at = 8 + length;
  for (const name of names) {
    const values = tensors.get(name)?.values ?? new Float32Array();
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/**
 * Reads a file that anybody may have written: every length, offset, shape and type is checked before
 * anything is allocated from it. The tensors are copies.
 *
 * @throws {SafetensorsError}
 */
export function readSafetensors(file: Uint8Array): TensorFile {
  if (file.length < 8) throw new SafetensorsError("it is shorter than its header's length");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(Math.min(headerLimit, file.length - 8)))
    throw new SafetensorsError(`its header claims ${declared} bytes of ${file.length - 8}`);
  const length = Number(declared);
  const header = parseHeader(file.subarray(8, 8 + length));
  const bytes = file.subarray(8 + length);
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  const tensors = new Map(
    entries.map(([name, entry]) => [name, readTensor(name, entry, bytes)] as const),
  );
  checkCoverage(entries, bytes.length);
  return { tensors, metadata: readMetadata(header["__metadata__"]) };
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw new SafetensorsError("its header is no JSON");
  }
  if (!isRecord(header) || !text.startsWith("{"))
    throw new SafetensorsError("its header is no JSON object");
  if (topLevelKeys(text) !== Object.keys(header).length)
    throw new SafetensorsError("its header names a tensor twice");
  return header;
}

/** How many members a JSON object's text has; more than the parsed object has if one is repeated. */
function topLevelKeys(text: string): number {
  let depth = 0;
  let keys = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token[0] === "{" || token[0] === "[") depth++;
    else if (token[0] === "}" || token[0] === "]") depth--;
    else if (token[0] === ":" && depth === 1) keys++;
  }
  return keys;
}

function readTensor(name: string, entry: unknown, bytes: Uint8Array): SavedTensor {
  const fail = (what: string): never => {
    throw new SafetensorsError(`\`${name.slice(0, 100)}\` ${what}`);
  };
  if (!isRecord(entry)) return fail("is no object");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isCounts(shape) || shape.length > 8) return fail("has no valid shape");
  if (!isCounts(offsets) || offsets.length !== 2) return fail("has no valid offsets");
  const [begin = 0, end = 0] = offsets;
  if (begin > end || end > bytes.length) return fail(`lies outside the file (${begin} to ${end})`);
  const of =
    dtype === "F32" || dtype === "F64" || dtype === "I32" || dtype === "U32" ? dtype : null;
  if (of === null) return fail(`has the type ${JSON.stringify(dtype)}, not F32, F64, I32 or U32`);
  if (elements(shape) * (of === "F64" ? 8 : 4) !== end - begin)
    return fail(`has ${end - begin} bytes for [${shape.join(", ")}] of ${of}`);
  const { buffer } = bytes.slice(begin, end);
  return { shape, values: typedArray(of, buffer) };
}

function checkCoverage(entries: readonly (readonly [string, unknown])[], length: number): void {
  const ranges = entries
    .map(([, entry]) =>
      isRecord(entry) && isCounts(entry["data_offsets"]) ? entry["data_offsets"] : [],
    )
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0));
  let end = 0;
  for (const [from = 0, to = 0] of ranges) {
    if (from !== end) throw new SafetensorsError("its tensors overlap or leave holes");
    end = to;
  }
  if (end !== length) throw new SafetensorsError(`${length - end} bytes belong to no tensor`);
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw new SafetensorsError("its metadata is no object");
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== "string")
        throw new SafetensorsError("its metadata holds more than texts");
      return [key, text];
    }),
  );
}

function typedArray(type: "F32" | "F64" | "I32" | "U32", buffer: ArrayBuffer): TensorValues {
  if (type === "F32") return new Float32Array(buffer);
  if (type === "F64") return new Float64Array(buffer);
  return type === "I32" ? new Int32Array(buffer) : new Uint32Array(buffer);
}

function typeName(values: TensorValues): string {
  if (values instanceof Float32Array) return "F32";
  if (values instanceof Float64Array) return "F64";
  return values instanceof Int32Array ? "I32" : "U32";
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((size: unknown) => Number.isSafeInteger(size) && Number(size) >= 0)
  );
}
