import type { ColumnType } from "./table.ts";

/** A DuckDB type, read from the text that DuckDB prints for it. */
export type SqlType =
  /** a type without parts, in upper case: `DOUBLE`, `TIMESTAMP WITH TIME ZONE` */
  | { readonly kind: "scalar"; readonly name: string }
  | { readonly kind: "decimal"; readonly width: number; readonly scale: number }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  /** a list, or an array where it has a length */
  | { readonly kind: "list"; readonly of: SqlType; readonly length?: number }
  | { readonly kind: "struct"; readonly fields: readonly SqlField[] }
  | { readonly kind: "map"; readonly key: SqlType; readonly value: SqlType }
  | { readonly kind: "union"; readonly fields: readonly SqlField[] };

/** A member of a struct or a union. */
export interface SqlField {
  readonly name: string;
  readonly type: SqlType;
}

/** Text that is no DuckDB type. */
export class SqlTypeError extends Error {
  readonly code = "not-a-type";
  constructor(readonly text: string) {
    super(`${JSON.stringify(text)} is not a type that DuckDB prints`);
    this.name = "SqlTypeError";
  }
}

/**
 * Reads a type as `DESCRIBE` prints it. Printing the result with {@link printSqlType} gives text that
 * is safe in SQL whatever the input was, so types from other realms pass through here.
 *
 * @throws {SqlTypeError}
 */
export function parseSqlType(text: string): SqlType {
  const reader = new Reader(text);
  const type = reader.type();
  reader.end();
  return type;
}

/** The text of a type, as SQL accepts it after `::`. */
export function printSqlType(type: SqlType): string {
  switch (type.kind) {
    case "scalar":
      return type.name;
    case "decimal":
      return `DECIMAL(${type.width},${type.scale})`;
    case "enum":
      return `ENUM(${type.values.map(quoteText).join(", ")})`;
    case "list":
      return `${printSqlType(type.of)}[${type.length ?? ""}]`;
    case "map":
      return `MAP(${printSqlType(type.key)}, ${printSqlType(type.value)})`;
    default:
      return `${type.kind.toUpperCase()}(${type.fields.map((field) => `${quoteName(field.name)} ${printSqlType(field.type)}`).join(", ")})`;
  }
}

/** What a type is to stages and engines. */
export function columnTypeOf(type: SqlType): ColumnType {
  if (type.kind === "decimal") return "number";
  if (type.kind === "enum") return "string";
  if (type.kind !== "scalar") return type.kind === "union" ? "string" : "other";
  return scalars.get(type.name) ?? "string";
}

const scalars: ReadonlyMap<string, ColumnType> = new Map([
  ...["TINYINT", "SMALLINT", "INTEGER", "BIGINT"].map((name) => [name, "integer"] as const),
  ...["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"].map((name) => [name, "integer"] as const),
  ...["FLOAT", "DOUBLE", "HUGEINT", "UHUGEINT"].map((name) => [name, "number"] as const),
  ["BOOLEAN", "boolean"],
  ["DATE", "date"],
  ...["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"].map(
    (name) => [name, "timestamp"] as const,
  ),
  ["TIMESTAMP WITH TIME ZONE", "timestamp"],
  ["BLOB", "other"],
]);

/** A name between double quotes, as SQL wants it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text between single quotes, as SQL wants it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Reads type text from left to right. */
class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  type(): SqlType {
    let type = this.base();
    for (let suffix = this.take(/\[(\d*)\]/y); suffix; suffix = this.take(/\[(\d*)\]/y)) {
      const length = suffix[1];
      type = { kind: "list", of: type, ...(length ? { length: Number(length) } : undefined) };
    }
    return type;
  }

  end(): void {
    if (this.at < this.text.length) this.fail();
  }

  private base(): SqlType {
    if (this.take(/"NULL"/y)) return { kind: "scalar", name: "INTEGER" };
    const words = this.take(/[A-Za-z_][A-Za-z0-9_]*(?: (?:WITH|TIME|ZONE))*/y);
    if (!words) return this.fail();
    const name = words[0].toUpperCase();
    if (!this.take(/\(/y)) return { kind: "scalar", name };
    const type = this.parts(name);
    if (!this.take(/\)/y)) this.fail();
    return type;
  }

  private parts(name: string): SqlType {
    switch (name) {
      case "DECIMAL": {
        const numbers = this.take(/(\d+), ?(\d+)/y) ?? this.fail();
        return { kind: "decimal", width: Number(numbers[1]), scale: Number(numbers[2]) };
      }
      case "ENUM":
        return { kind: "enum", values: this.list(() => this.quoted(/'(?:[^']|'')*'/y)) };
      case "STRUCT":
        return { kind: "struct", fields: this.list(() => this.field()) };
      case "UNION":
        return { kind: "union", fields: this.list(() => this.field()) };
      case "MAP": {
        const key = this.type();
        if (!this.take(/, ?/y)) this.fail();
        return { kind: "map", key, value: this.type() };
      }
      default:
        // GEOMETRY('EPSG:4326') and the like: the parameter says nothing that we read
        this.take(/[^()]*/y);
        return { kind: "scalar", name };
    }
  }

  private field(): SqlField {
    const name = this.text.startsWith('"', this.at)
      ? this.quoted(/"(?:[^"]|"")*"/y)
      : (this.take(/[^\s"'(),[\]]+(?= )/y) ?? this.fail())[0];
    if (!this.take(/ /y)) this.fail();
    return { name, type: this.type() };
  }

  private list<Part>(part: () => Part): Part[] {
    const parts = [part()];
    while (this.take(/, ?/y)) parts.push(part());
    return parts;
  }

  private quoted(pattern: RegExp): string {
    const text = (this.take(pattern) ?? this.fail())[0];
    const quote = text.charAt(0);
    return text.slice(1, -1).replaceAll(quote + quote, quote);
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match ?? undefined;
  }

  private fail(): never {
    throw new SqlTypeError(this.text);
  }
}
