/**
 * How values are written as JSON. A text, a boolean, null, and a finite number other than minus zero
 * stand for themselves; `[n]` for the object of that number; `["u"]` for undefined; `["n", text]` for
 * another number, `["i", hex]` for a bigint.
 *
 * Objects stand in a list in which each comes after all that it holds, so nothing can be cyclic.
 */
export const objectKinds = {
  /** `[kind, whether it has no prototype, integrity, key, value, …]` */
  object: "o",
  /** `[kind, integrity, length, …items, key, value, …]` */
  array: "a",
  /** `[kind, integrity]`; the items are doubles in the next buffer */
  numbers: "f",
  /** `[kind, milliseconds or null]` */
  date: "d",
  /** `[kind, source, flags]` */
  regexp: "r",
  /** `[kind, key, value, …]` */
  map: "m",
  /** `[kind, …items]` */
  set: "s",
  /** `[kind]`; the content is the next buffer */
  buffer: "b",
  /** `[kind, name of the class, its buffer, offset in bytes, length]` */
  view: "v",
  /** `[kind, tag of the codec, its JSON, how many of the next buffers are its own]` */
  coded: "c",
} as const;

/** How far an object may be changed: not at all at the last. */
export const integrities = ["extensible", "fixed", "sealed", "frozen"] as const;

/** One of {@link integrities}. */
export type Integrity = (typeof integrities)[number];

/** How far an object may be changed. */
export function integrityOf(value: object): Integrity {
  if (Object.isExtensible(value)) return "extensible";
  // V8 says of an empty sealed list that it is frozen, though its length is not
  const length = Array.isArray(value) && Reflect.getOwnPropertyDescriptor(value, "length");
  if (Object.isFrozen(value) && !(length && length.writable)) return "frozen";
  return Object.isSealed(value) ? "sealed" : "fixed";
}

/** The class of a view on an ArrayBuffer. */
export interface ViewClass {
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView;
  readonly prototype: ArrayBufferView;
}

/** The classes of views by name, as far as this engine has them. */
export const viewClasses: ReadonlyMap<string, ViewClass> = new Map(
  [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "BigInt64Array",
    "BigUint64Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "DataView",
  ].flatMap((name) => {
    const found: unknown = Reflect.get(globalThis, name);
    // what the global names of that list are is the language's promise
    return typeof found === "function" ? [[name, found as ViewClass] as const] : [];
  }),
);
