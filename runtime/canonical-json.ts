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
  return print(value, new Place());
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

/** Where a print stands in the whole value. */
class Place {
  readonly above = new Set<object>();
  /** how it came here: `.name` and `[index]`, written out only for an error */
  readonly steps: (string | number)[] = [];

  fault(what: string): CanonicalJsonError {
    const steps = this.steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
    return new CanonicalJsonError(`$${steps.join("")}`, what);
  }
}

function print(value: unknown, place: Place): string {
  switch (typeof value) {
    case "string":
      return printString(value, place);
    case "number":
      if (!Number.isFinite(value)) throw place.fault(String(value));
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : printObject(value, place);
    default:
      throw place.fault(value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

function printObject(value: object, place: Place): string {
  if (place.above.has(value)) throw place.fault("a cycle");
  place.above.add(value);
  const text = Array.isArray(value)
    ? `[${printItems(value, place)}]`
    : `{${printMembers(plain(value, place), place)}}`;
  place.above.delete(value);
  return text;
}

function printItems(items: readonly unknown[], place: Place): string {
  let text = "";
  for (let i = 0; i < items.length; i++) {
    place.steps.push(i);
    if (i > 0) text += ",";
    // a hole prints as nothing: no JSON text, but one that differs from all others
    if (items[i] !== undefined || i in items) text += print(items[i], place);
    place.steps.pop();
  }
  return text;
}

function printMembers(value: object, place: Place): string {
  const members = value as Readonly<Record<string, unknown>>;
  let text = "";
  // without a function of its own, sort compares UTF-16 code units
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    const name = printString(key, place);
    place.steps.push(key);
    text += `${text === "" ? "" : ","}${name}:${print(member, place)}`;
    place.steps.pop();
  }
  return text;
}

function plain(value: object, place: Place): object {
  const json: unknown =
    "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value;
  if (typeof json !== "object" || json === null)
    throw place.fault(`an object whose toJSON gives ${String(json)}`);
  const prototype: unknown = Object.getPrototypeOf(json);
  if (prototype !== Object.prototype && prototype !== null)
    throw place.fault(`a ${json.constructor.name}`);
  return json;
}

function printString(value: string, place: Place): string {
  if (/[\uD800-\uDFFF]/u.test(value)) throw place.fault("a lone surrogate");
  return JSON.stringify(value);
}
