import type { ValueCodec } from "./result-codec.ts";
import { integrities, objectKinds, viewClasses } from "./value-form.ts";

/**
 * Reads what {@link ValueWriter} wrote. Each buffer is used once, so that what is made of bytes is in
 * proportion to them.
 */
export class ValueReader {
  private readonly values: unknown[] = [];
  private buffersRead = 0;

  /** @throws {Error} for objects that nobody wrote, and where a codec is missing */
  constructor(
    objects: readonly unknown[],
    private readonly buffers: readonly Uint8Array[],
    private readonly codecs: readonly ValueCodec[],
  ) {
    for (const object of objects) this.values.push(this.object(listOf(object)));
    if (this.buffersRead !== buffers.length) fail("bytes that belong to nothing");
  }

  /** The value that something stands for. @throws {Error} */
  read(form: unknown): unknown {
    if (typeof form !== "object" || form === null) return form === undefined ? fail("a gap") : form;
    const [kind, text] = listOf(form);
    if (typeof kind === "number") return this.at(kind);
    if (kind === "u") return undefined;
    if (kind === "n") return numberFrom(text);
    return kind === "i" ? bigintFrom(text) : fail("no value");
  }

  /** A record of names and values. @throws {Error} */
  readMembers(members: readonly unknown[]): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    this.define(record, members);
    return record;
  }

  private at(place: number): unknown {
    return place in this.values ? this.values[place] : fail("an object that is not there");
  }

  private object(form: readonly unknown[]): unknown {
    const [kind, first, second] = form;
    switch (kind) {
      case objectKinds.object: {
        const object: object = first === true ? (Object.create(null) as object) : {};
        this.define(object, form.slice(3));
        return withIntegrity(object, second);
      }
      case objectKinds.array:
        return this.array(form);
      case objectKinds.numbers: {
        const bytes = this.nextBuffer().slice();
        return withIntegrity(Array.from(new Float64Array(bytes.buffer)), first);
      }
      case objectKinds.date:
        return new Date(first === null ? Number.NaN : numberIn(first));
      case objectKinds.regexp:
        return new RegExp(textIn(first), textIn(second));
      case objectKinds.map: {
        const map = new Map<unknown, unknown>();
        for (let i = 1; i < form.length; i += 2)
          map.set(this.read(form[i]), this.read(form[i + 1]));
        return map;
      }
      case objectKinds.set:
        return new Set(form.slice(1).map((item) => this.read(item)));
      case objectKinds.buffer:
        return this.nextBuffer().slice().buffer;
      case objectKinds.view:
        return this.view(form);
      case objectKinds.coded:
        return this.coded(form);
      default:
        return fail("no object");
    }
  }

  private array([, integrity, length, ...rest]: readonly unknown[]): unknown[] {
    const end = numberIn(length);
    if (end > rest.length) fail("a list that is too short");
    const array = rest.slice(0, end).map((item) => this.read(item));
    this.define(array, rest.slice(end));
    return withIntegrity(array, integrity);
  }

  private define(object: object, members: readonly unknown[]): void {
    for (let i = 0; i < members.length; i += 2) {
      const name = members[i];
      const key = typeof name === "string" ? name : Symbol.for(textIn(listOf(name)[0]));
      const value = this.read(members[i + 1]);
      // assigning is faster, and calls the setter of __proto__, or one that somebody made
      if (!(key in object)) Reflect.set(object, key, value);
      else Object.defineProperty(object, key, { ...ordinary, value });
    }
  }

  private view([, name, place, offset, length]: readonly unknown[]): ArrayBufferView {
    const View = viewClasses.get(textIn(name)) ?? fail("a view that this engine has not");
    const buffer = this.at(numberIn(place));
    if (!(buffer instanceof ArrayBuffer)) return fail("a view on no buffer");
    return new View(buffer, numberIn(offset), numberIn(length));
  }

  private coded([, tag, json, count]: readonly unknown[]): unknown {
    const codec = this.codecs.find((one) => one.tag === tag) ?? fail("no such codec");
    const buffers: Uint8Array[] = [];
    while (buffers.length < numberIn(count)) buffers.push(this.nextBuffer());
    return codec.decode({ json, buffers });
  }

  private nextBuffer(): Uint8Array {
    return this.buffers[this.buffersRead++] ?? fail("bytes that are not there");
  }
}

const ordinary = { writable: true, enumerable: true, configurable: true };

function withIntegrity<Value extends object>(value: Value, integrity: unknown): Value {
  switch (integrities[numberIn(integrity)]) {
    case "extensible":
      return value;
    case "fixed":
      return Object.preventExtensions(value);
    case "sealed":
      return Object.seal(value);
    case "frozen":
      return Object.freeze(value);
    default:
      return fail("no integrity");
  }
}

function numberFrom(text: unknown): number {
  const known = [Number.NaN, -0, Infinity, -Infinity];
  const texts = ["NaN", "-0", "Infinity", "-Infinity"];
  return known[texts.indexOf(textIn(text))] ?? fail("no number");
}

/** From hexadecimal digits, which take time in proportion to their number; decimal ones take more. */
function bigintFrom(text: unknown): bigint {
  const [, sign, digits] = /^(-?)([0-9a-f]+)$/.exec(textIn(text)) ?? fail("no bigint");
  const size = BigInt(`0x${digits}`);
  return sign === "-" ? -size : size;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail("no list");
}

function numberIn(value: unknown): number {
  return typeof value === "number" ? value : fail("no number");
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : fail("no text");
}

function fail(what: string): never {
  throw new TypeError(`the kept result has ${what}`);
}
