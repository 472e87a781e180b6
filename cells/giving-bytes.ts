import { transferring } from "./port.ts";

/**
 * Marks a value so that byte arrays in it are given away as it is sent, where they have their memory
 * to themselves; others are copied. Whoever sends them must not read them afterwards.
 */
export function givingBytes<Value extends object>(
  value: Value,
  arrays: readonly Uint8Array[],
): Value {
  const buffers = arrays.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
  return transferring(value, [...new Set(buffers)]);
}
