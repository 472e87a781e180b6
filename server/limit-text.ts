import { ServerError } from "./server-error.ts";

const units: Readonly<Record<string, number>> = { "": 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/**
 * An amount of bytes that a person has set, such as `500MB` or `1.5 GB`; undefined where none is.
 *
 * @param name the variable, for the message
 * @throws {ServerError} 400 `limit` for what is no amount
 */
export function bytesFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([KMGT]B)?$/i.exec(text.trim()) ?? [];
  const bytes = amount === "" ? NaN : Number(amount) * (units[unit.toUpperCase()] ?? NaN);
  if (!(bytes >= 1)) throw wrong(name, text, "an amount such as 4GB");
  return Math.round(bytes);
}

/**
 * A number above 0 that a person has set; undefined where none is.
 *
 * @param name the variable, for the message
 * @throws {ServerError} 400 `limit` for what is no such number
 */
export function numberFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw wrong(name, text, "a number above 0");
  return number;
}

function wrong(name: string, text: string, expected: string): ServerError {
  return new ServerError(400, "limit", `${name} is ${JSON.stringify(text)}; expected ${expected}`);
}
