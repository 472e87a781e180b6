import type { CellMode } from "./cell.ts";
import type { ValueCodec } from "./result-codec.ts";
import {
  integrityOf,
  integrities,
  objectKinds,
  viewClasses,
  type Integrity,
} from "./value-form.ts";

/** How deep a value may be: deeper ones are rare, and would fill the stack. */
const deepest = 500;

/** Numbers from which on a list of nothing else is written as bytes, which is faster. */
const fewestNumbers = 64;

/** Elements up to which a typed array is searched for members of other names, which costs a text each. */
const mostSearched = 65_536;

/** The value cannot be written. Caught where a result is encoded; nobody reads its message. */
class NotWritable extends Error {}

/**
 * Writes values as JSON beside byte arrays, such that they come back exactly: primitives other than
 * symbols, plain objects and dense arrays (with the order of their members, and whether they are
 * frozen), Date, Map, Set, RegExp, ArrayBuffer and its views, and whatever a codec knows. A member
 * named by a symbol of the global registry is written too; that is how values carry their digests.
 *
 * Not written: functions, instances of classes, cycles, accessors, members that are hidden, holes,
 * shared memory. A proxy cannot be told from what it stands for, and members that somebody gave to a
 * typed array of more than 65,536 elements are not looked for.
 */
export class ValueWriter {
  private readonly objects: string[] = [];
  private readonly buffers: Uint8Array[] = [];
  /** the place of each object that is written; undefined while it is being written */
  private readonly places = new Map<object, number | undefined>();
  private readonly enclosed = new Set<object>();
  private size = 0;
  private depth = 0;

  constructor(
    private readonly mode: CellMode,
    private readonly codecs: readonly ValueCodec[],
    private readonly mostBytes: number,
  ) {}

  /** What stands for a value. @throws {Error} where it would not come back as it is */
  write(value: unknown): unknown {
    switch (typeof value) {
      case "boolean":
        return value;
      case "string":
        this.expect(value.length);
        return value;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : ["n", Object.is(value, -0) ? "-0" : String(value)];
      case "undefined":
        return ["u"];
      case "bigint":
        return ["i", value.toString(16)];
      case "object":
        return value === null ? null : [this.place(value)];
      default:
        return refuse();
    }
  }

  /** Names and values of a record, one after the other. @throws {Error} as {@link write} does */
  writeMembers(record: object): unknown[] {
    return this.members(record, Reflect.ownKeys(record), integrityOf(record));
  }

  /** The objects' JSON and the byte arrays. @throws {Error} where objects share parts unseen */
  finish(): { readonly objects: readonly string[]; readonly buffers: readonly Uint8Array[] } {
    for (const object of this.enclosed) if (this.places.has(object)) refuse();
    return { objects: this.objects, buffers: this.buffers };
  }

  private place(value: object): number {
    const known = this.places.get(value);
    if (known !== undefined) return known;
    if (this.places.has(value) || ++this.depth > deepest) refuse();
    this.places.set(value, undefined);
    const text = JSON.stringify(this.form(value));
    this.depth--;
    this.spend(text.length + 1);
    const place = this.objects.push(text) - 1;
    this.places.set(value, place);
    return place;
  }

  private form(value: object): unknown[] {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return prototype === Array.prototype ? this.array(value) : refuse();
    switch (prototype) {
      case Object.prototype:
      case null:
        return this.object(value, prototype === null);
      case Date.prototype:
        checkBare(value);
        return [objectKinds.date, Date.prototype.getTime.call(value)];
      case RegExp.prototype:
        return regexp(value as RegExp);
      case Map.prototype:
        return this.map(value);
      case Set.prototype:
        return this.set(value);
      case ArrayBuffer.prototype:
        return this.buffer(value as ArrayBuffer);
    }
    for (const [name, { prototype: own }] of viewClasses)
      if (own === prototype) return this.view(name, value);
    return this.coded(value);
  }

  private object(value: object, isBare: boolean): unknown[] {
    // an Error, a Map or the like whose prototype somebody replaced
    if (Object.prototype.toString.call(value) !== "[object Object]") refuse();
    const integrity = integrityOf(value);
    const members = this.members(value, Reflect.ownKeys(value), integrity);
    return [objectKinds.object, isBare, integrities.indexOf(integrity), ...members];
  }

  private array(value: readonly unknown[]): unknown[] {
    const { length } = value;
    this.expect(2 * length);
    const integrity = integrityOf(value);
    const keys = Reflect.ownKeys(value);
    const isFrozen = integrity === "frozen";
    const own = Reflect.getOwnPropertyDescriptor(value, "length");
    // indices come before all other names, so this tells whether there are as many as there should be
    if (keys[length] !== "length" || own?.writable === isFrozen) refuse();
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(plainMember(value, i, integrity));
    const place = integrities.indexOf(integrity);
    if (length >= fewestNumbers && keys.length === length + 1 && areNumbers(items)) {
      this.keep(new Uint8Array(Float64Array.from(items).buffer));
      return [objectKinds.numbers, place];
    }
    const form: unknown[] = [objectKinds.array, place, length];
    for (const item of items) form.push(this.write(item));
    return form.concat(this.members(value, keys.slice(length + 1), integrity));
  }

  private members(value: object, keys: readonly PropertyKey[], integrity: Integrity): unknown[] {
    const written: unknown[] = [];
    for (const key of keys)
      written.push(keyForm(key), this.write(plainMember(value, key, integrity)));
    return written;
  }

  private map(value: object): unknown[] {
    checkBare(value);
    const form: unknown[] = [objectKinds.map];
    Map.prototype.forEach.call(value, (item: unknown, key: unknown) => {
      form.push(this.write(key), this.write(item));
    });
    return form;
  }

  private set(value: object): unknown[] {
    checkBare(value);
    const form: unknown[] = [objectKinds.set];
    Set.prototype.forEach.call(value, (item: unknown) => form.push(this.write(item)));
    return form;
  }

  private buffer(value: ArrayBuffer): unknown[] {
    checkBare(value);
    // engines that cannot resize buffers have no such member
    if ("resizable" in value && value.resizable === true) refuse();
    this.keep(new Uint8Array(value));
    return [objectKinds.buffer];
  }

  private view(name: string, value: object): unknown[] {
    const prototype: object = name === "DataView" ? DataView.prototype : typedArray;
    // the class's own getters, which throw at what only looks like a view
    const get = (member: string): unknown => Reflect.get(prototype, member, value);
    const length = Number(get(name === "DataView" ? "byteLength" : "length"));
    checkExtensible(value);
    const indices = name === "DataView" ? 0 : length;
    if (indices <= mostSearched && Reflect.ownKeys(value).length > indices) refuse();
    const buffer = get("buffer");
    if (!(buffer instanceof ArrayBuffer)) return refuse();
    return [objectKinds.view, name, this.place(buffer), Number(get("byteOffset")), length];
  }

  private coded(value: object): unknown[] {
    checkExtensible(value);
    for (const codec of this.codecs) {
      const encoded = codec.encode(value, this.mode);
      if (encoded === undefined) continue;
      for (const buffer of encoded.buffers) this.keep(buffer);
      for (const object of new Set(codec.inside?.(value))) {
        if (this.enclosed.has(object)) refuse();
        this.enclosed.add(object);
      }
      return [objectKinds.coded, codec.tag, encoded.json, encoded.buffers.length];
    }
    return refuse();
  }

  private keep(buffer: Uint8Array): void {
    this.spend(buffer.length);
    this.buffers.push(buffer);
  }

  private spend(bytes: number): void {
    this.expect(bytes);
    this.size += bytes;
  }

  /** Gives up before work is done for what cannot fit any more. */
  private expect(bytes: number): void {
    if (this.size + bytes > this.mostBytes) refuse();
  }
}

/** A member's value, where it is an ordinary one of an object of this kind. */
function plainMember(value: object, key: PropertyKey, integrity: Integrity): unknown {
  const own = Reflect.getOwnPropertyDescriptor(value, key);
  const isPlain =
    own !== undefined &&
    "value" in own &&
    own.enumerable === true &&
    own.writable === (integrity !== "frozen") &&
    own.configurable === (integrity === "extensible" || integrity === "fixed");
  return isPlain ? own.value : refuse();
}

function areNumbers(items: readonly unknown[]): items is readonly number[] {
  return items.every((item) => typeof item === "number");
}

/** What all typed arrays have their getters from. */
const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);

function regexp(value: RegExp): unknown[] {
  checkExtensible(value);
  const own = Reflect.getOwnPropertyDescriptor(value, "lastIndex");
  const isNew = own?.value === 0 && own.writable === true && Reflect.ownKeys(value).length === 1;
  const { source, flags } = value;
  return isNew && new RegExp(source, flags).source === source
    ? [objectKinds.regexp, source, flags]
    : refuse();
}

function keyForm(key: PropertyKey): unknown {
  if (typeof key !== "symbol") return String(key);
  const name = Symbol.keyFor(key);
  return name === undefined ? refuse() : [name];
}

function checkBare(value: object): void {
  checkExtensible(value);
  if (Reflect.ownKeys(value).length > 0) refuse();
}

function checkExtensible(value: object): void {
  if (!Object.isExtensible(value)) refuse();
}

function refuse(): never {
  throw new NotWritable("the value would not come back as it is");
}
