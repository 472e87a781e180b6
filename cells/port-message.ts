/**
 * What goes over a port. A caller sends `call` or `open` and hears `return`, `next`, `done` or
 * `throw`; `detach` ends a stream that nobody reads any more.
 */
export type PortMessage =
  | {
      readonly type: "call" | "open";
      readonly id: number;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly type: "return" | "next"; readonly id: number; readonly value: unknown }
  | { readonly type: "throw"; readonly id: number; readonly error: WireError }
  | { readonly type: "done" | "detach"; readonly id: number };

/** An error without its stack, which may name what the other side must not know. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly hint?: string;
}

/** An error that crossed a port, or that the port itself found; `code` is stable. */
export class PortError extends Error {
  readonly code: string;
  readonly hint?: string;

  constructor(error: WireError) {
    super(error.message);
    this.name = error.name;
    this.code = error.code;
    if (error.hint !== undefined) this.hint = error.hint;
  }
}

/** The deepest nesting that a message may have. */
const maxDepth = 48;
/** The most members that a message may have, all levels together. Bytes count as one. */
const maxMembers = 4_000_000;

/** Reads a message; `undefined` for whatever is none, which a port ignores. Never throws. */
export function readMessage(data: unknown): PortMessage | undefined {
  try {
    return isPlain(data, maxDepth, { left: maxMembers }) ? messageFrom(data) : undefined;
  } catch {
    return undefined;
  }
}

/** What is told of an error: its words, and its code and hint where it has them. */
export function wireError(error: unknown): WireError {
  const name = textOf(error, "name") ?? "Error";
  const message = textOf(error, "message") ?? String(error);
  const code = textOf(error, "code") ?? "error";
  const hint = textOf(error, "hint");
  return { name, message, code, ...(hint === undefined ? {} : { hint }) };
}

function messageFrom(data: unknown): PortMessage | undefined {
  if (!isRecord(data)) return undefined;
  const { type, id } = data;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 1) return undefined;
  switch (type) {
    case "call":
    case "open": {
      const { method, args } = data;
      if (typeof method !== "string" || !Array.isArray(args)) return undefined;
      return { type, id, method, args };
    }
    case "return":
    case "next":
      return { type, id, value: data["value"] };
    case "throw":
      return { type, id, error: wireError(data["error"]) };
    case "done":
    case "detach":
      return { type, id };
    default:
      return undefined;
  }
}

/** Whether a value is JSON-like data and bytes only: no class instances, no cycles. */
function isPlain(value: unknown, depth: number, budget: { left: number }): boolean {
  if (--budget.left < 0) return false;
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    budget.left -= Math.max(0, value.length - Object.keys(value).length);
    return value.every((item) => isPlain(item, depth - 1, budget));
  }
  return isRecord(value) && Object.values(value).every((item) => isPlain(item, depth - 1, budget));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has another Object.prototype, which again has none above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function textOf(error: unknown, member: "name" | "message" | "code" | "hint"): string | undefined {
  if (typeof error !== "object" || error === null || !(member in error)) return undefined;
  const text: unknown = Reflect.get(error, member);
  return typeof text === "string" ? text : undefined;
}
