/**
 * The canonical text of a JSON value, by RFC 8785 (JCS): members sorted by UTF-16 code units,
 * numbers as ECMAScript prints them, no white space. Equal values give equal text, so a digest of
 * it names the value.
 *
 * Members whose value is `undefined` are left out, as in `JSON.stringify`.
 *
 * @throws {CanonicalJsonError} for what JSON cannot carry: NaN and infinities, bigints, functions,
 *   symbols, lone surrogates, cycles. The error names the path of the offending value.
 */
export function canonicalJson(value: unknown): string {
  return print(value, "$", new Set());
}

/** A value that canonical JSON cannot carry; `path` says where it stands (`$.network[2].units`). */
export class CanonicalJsonError extends Error {
  readonly code = "not-json";
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path} is ${what}, which JSON cannot carry`);
    this.name = "CanonicalJsonError";
  }
}

function print(value: unknown, path: string, above: Set<object>): string {
  switch (typeof value) {
    case "string":
      return printString(value, path);
    case "number":
      if (!Number.isFinite(value)) throw new CanonicalJsonError(path, String(value));
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : printObject(value, path, above);
    default:
      throw new CanonicalJsonError(path, value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

function printObject(value: object, path: string, above: Set<object>): string {
  if (above.has(value)) throw new CanonicalJsonError(path, "a cycle");
  above.add(value);
  const text = Array.isArray(value)
    ? `[${value.map((item, i) => print(item, `${path}[${i}]`, above)).join(",")}]`
    : `{${printMembers(plain(value, path), path, above)}}`;
  above.delete(value);
  return text;
}

function printMembers(value: object, path: string, above: Set<object>): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${printString(key, path)}:${print(member, `${path}.${key}`, above)}`)
    .join(",");
}

function plain(value: object, path: string): object {
  const json: unknown =
    "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value;
  if (typeof json !== "object" || json === null)
    throw new CanonicalJsonError(path, `an object whose toJSON gives ${String(json)}`);
  const prototype: unknown = Object.getPrototypeOf(json);
  if (prototype !== Object.prototype && prototype !== null)
    throw new CanonicalJsonError(path, `a ${json.constructor.name}`);
  return json;
}

function printString(value: string, path: string): string {
  if (/[\uD800-\uDFFF]/u.test(value)) throw new CanonicalJsonError(path, "a lone surrogate");
  return JSON.stringify(value);
}
