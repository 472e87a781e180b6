/**
 * Says where two values differ in anything that code can see, or undefined where they do not: their
 * classes, their members and the order of these, what may be changed, and which objects are one.
 */
export function difference(
  a: unknown,
  b: unknown,
  path = "$",
  pairs = new Map<unknown, unknown>(),
): string | undefined {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null)
    return Object.is(a, b) ? undefined : `${path}: ${String(a)} and ${String(b)}`;
  if (pairs.has(a)) return pairs.get(a) === b ? undefined : `${path}: one object became two`;
  if ([...pairs.values()].includes(b)) return `${path}: two objects became one`;
  pairs.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: of different classes`;
  if (integrity(a) !== integrity(b)) return `${path}: not equally changeable`;
  const [keysOfA, keysOfB] = [Reflect.ownKeys(a), Reflect.ownKeys(b)];
  if (keysOfA.length !== keysOfB.length || keysOfA.some((key, i) => key !== keysOfB[i]))
    return `${path}: members ${keysOfA.map(String).join()} and ${keysOfB.map(String).join()}`;
  for (const key of keysOfA) {
    const [ownA, ownB] = [
      Object.getOwnPropertyDescriptor(a, key),
      Object.getOwnPropertyDescriptor(b, key),
    ];
    const { value: valueA, ...restA } = ownA ?? {};
    const { value: valueB, ...restB } = ownB ?? {};
    if (JSON.stringify(restA) !== JSON.stringify(restB))
      return `${path}.${String(key)}: attributes`;
    const found = difference(valueA, valueB, `${path}.${String(key)}`, pairs);
    if (found !== undefined) return found;
  }
  const [insideA, insideB] = [inside(a), inside(b)];
  if (insideA.length !== insideB.length) return `${path}: of different sizes`;
  for (const [i, value] of insideA.entries()) {
    const found = difference(value, insideB[i], `${path}<${i}>`, pairs);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What an object holds other than as members. */
function inside(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set) return [...value];
  if (value instanceof Date) return [Number(value)];
  if (value instanceof RegExp) return [value.source, value.flags];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  return ArrayBuffer.isView(value) ? [value.buffer, value.byteOffset, value.byteLength] : [];
}

function integrity(value: object): string {
  return [Object.isExtensible(value), Object.isSealed(value), Object.isFrozen(value)].join();
}
