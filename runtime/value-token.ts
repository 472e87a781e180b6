import { digestOf } from "./digest.ts";

/**
 * What decides whether two values are the same to the cells that read them: a primitive itself, the
 * digest of an object that has one, else a number that is new each time the object is produced.
 */
export type ValueToken = string | number | boolean | bigint | symbol | null | undefined;

const tokens = new WeakMap<object, string>();
let serial = 0;

/** The token of a value. An object's digest is taken once each time that it is produced. */
export function valueToken(value: unknown): ValueToken {
  if (typeof value === "string") return `text:${value}`;
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return value as ValueToken;
  let token = tokens.get(value);
  if (token === undefined) {
    token = (typeof value === "object" ? digestToken(value) : undefined) ?? `object:${++serial}`;
    tokens.set(value, token);
  }
  return token;
}

/** Whether a token tells a value from others by which object it is alone. */
export function isOpaque(token: ValueToken): boolean {
  return typeof token === "symbol" || (typeof token === "string" && token.startsWith("object:"));
}

/** A small number that is the same for equal tokens, and nearly always another for others. */
export function hashOf(token: ValueToken): number {
  if (typeof token === "number") return (token * 7919) | 0;
  if (typeof token !== "string") return token === true ? 1 : 0;
  // serial numbers differ at the end, digests everywhere
  const { length } = token;
  const last = token.charCodeAt(length - 1) + 131 * token.charCodeAt(length - 2);
  return Math.imul(length, 65_599) + last + 17_161 * token.charCodeAt(length >> 1);
}

/** Says that a value was produced again: an object that changed in place is a new value. */
export function produced(value: unknown): void {
  if ((typeof value === "object" || typeof value === "function") && value !== null)
    tokens.delete(value);
}

/** The digest in a token, or that of a primitive; undefined where the value has none. */
export function digestOfToken(token: ValueToken): string | undefined {
  if (typeof token === "string" && !token.startsWith("text:"))
    return token.startsWith("digest:") ? token.slice(7) : undefined;
  // -0 is no key of its own
  if (token === 0) return digestOf(token);
  // what one cell gives many read
  let digest = primitiveDigests.get(token);
  if (digest === undefined) {
    digest = digestOf(typeof token === "string" ? token.slice(5) : token);
    if (digest === undefined || (typeof token === "string" && token.length > 1000)) return digest;
    if (primitiveDigests.size >= mostDigests) primitiveDigests.clear();
    primitiveDigests.set(token, digest);
  }
  return digest;
}

const primitiveDigests = new Map<ValueToken, string>();
const mostDigests = 10_000;

function digestToken(value: object): string | undefined {
  const digest = digestOf(value);
  return digest === undefined ? undefined : `digest:${digest}`;
}
