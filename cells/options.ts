import { nearestName } from "../engines/nearest-name.ts";
import { StageError } from "./stage-error.ts";

/**
 * The options that a cell gave to a stage, after their names are known to be meant.
 *
 * @param call how the call is written, for messages: `sample(table, options)`
 * @throws {StageError} `argument` for what is no object and for names that are no option
 */
export function readOptions(
  call: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(given))
    throw new StageError(
      `${call}: the options are ${describe(given)}, not an object`,
      "argument",
      `Give an object with ${list(known)}`,
    );
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new StageError(
      `${call}: there is no option \`${name}\``,
      "argument",
      nearest === undefined ? `The options are ${list(known)}` : `Did you mean \`${nearest}\`?`,
    );
  }
  return given;
}

/** Whether a value is an object with members, not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A whole number of at least `least` from the options.
 *
 * @throws {StageError} `argument`
 */
export function readCount(
  call: string,
  options: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: number,
  least: number,
): number {
  const value = options[name] ?? otherwise;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new StageError(
    `${call}: \`${name}\` is ${describe(value)}`,
    "argument",
    `Give a whole number of at least ${least}`,
  );
}

/** What a value is, in words, for an error message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" || typeof value === "function")
    return `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`;
  return String(value);
}

/** Names as a sentence lists them: `a`, `b` and `c`. */
export function list(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1) ?? ""}`;
}
