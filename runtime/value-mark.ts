import { digestOf } from "./digest.ts";
import { jsonDigest } from "./sha256.ts";

/** What a value holds at one moment, in short: equal as long as nobody changes it in place. */
export type ValueMark = string | undefined;

/** Members that are looked at to tell whether a value was changed. */
const mostMembers = 10_000;

/** The mark of a value; undefined where it could change and nobody would see. */
export function markOf(value: unknown): ValueMark {
  // what is no object cannot be changed in place
  if (typeof value !== "object" || value === null) return "constant";
  return markWithin(value, { left: mostMembers });
}

function markWithin(value: unknown, budget: { left: number }): ValueMark {
  if (typeof value !== "object" || value === null) return digestOf(value) ?? typeof value;
  if (--budget.left < 0) return undefined;
  if (value instanceof ArrayBuffer) return markOfBytes(new Uint8Array(value));
  if (ArrayBuffer.isView(value))
    return markOfBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof RegExp) return `${String(value)} ${value.lastIndex}`;
  return digestOf(value) ?? markOfMembers(value, budget);
}

/** Of plain data that holds what is none: all that it holds counts, in order. */
function markOfMembers(value: object, budget: { left: number }): ValueMark {
  const isList = Array.isArray(value) || value instanceof Set;
  const members = isList ? [...value] : value instanceof Map ? [...value].flat() : membersOf(value);
  if (members === undefined || members.length > budget.left) return undefined;
  const marks = members.map((member) => markWithin(member, budget));
  return marks.includes(undefined) ? undefined : jsonDigest([members.length, ...marks]);
}

/** Names and values of a plain object. */
function membersOf(value: object): readonly unknown[] | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  return Object.entries(value).flat();
}

/** FNV-1a over four bytes at a time, which is quick enough for what a cell gives. */
function markOfBytes(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  let hash = 0x811c9dc5 ^ byteLength;
  // words must be aligned; the bytes before and after them are taken one by one
  const start = byteLength < 8 ? 0 : (4 - (byteOffset % 4)) % 4;
  const words =
    byteLength < 8
      ? new Uint32Array()
      : new Uint32Array(buffer, byteOffset + start, (byteLength - start) >> 2);
  const end = start + 4 * words.length;
  for (let i = 0; i < start; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  for (let i = end; i < byteLength; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return `bytes ${hash}`;
}
