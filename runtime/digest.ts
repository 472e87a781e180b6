import { jsonDigest } from "./sha256.ts";

/** The member under which a value carries its own digest: a table, a plan, a receipt, a snapshot. */
export const digestKey: unique symbol = Symbol.for("tierbook.digest");

/** A value that knows its own digest. Two such values with one digest are the same value. */
export interface Digested {
  readonly [digestKey]: string;
}

/**
 * The digest of a value where it has one: its own under {@link digestKey}, else that of a
 * primitive or of plain JSON data; `undefined` for functions, nodes, class instances, and JSON past
 * `limit` members (a digest must not cost more than the run that it saves).
 */
export function digestOf(value: unknown, limit = 100_000): string | undefined {
  if (typeof value === "object" && value !== null && digestKey in value) {
    const digest: unknown = value[digestKey];
    if (typeof digest === "string") return digest;
  }
  if (value === undefined) return jsonDigest(["undefined"]);
  if (typeof value === "bigint") return jsonDigest(["bigint", String(value)]);
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return jsonDigest(["number", Object.is(value, -0) ? "-0" : String(value)]);
  return isPlainJson(value, { left: limit }, new Set()) ? jsonDigest(["json", value]) : undefined;
}

function isPlainJson(value: unknown, budget: { left: number }, above: Set<object>): boolean {
  if (--budget.left < 0) return false;
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || above.has(value)) return false;
  above.add(value);
  const plain = Array.isArray(value)
    ? value.every((item) => isPlainJson(item, budget, above))
    : isRecord(value) && Object.values(value).every((item) => isPlainJson(item, budget, above));
  above.delete(value);
  return plain;
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.getOwnPropertySymbols(value).length === 0
  );
}
