import { isMoment, momentText } from "../engines/time-text.ts";
import { describe } from "./options.ts";
import { StageError } from "./stage-error.ts";

/** Seconds of the units that a span of time can be given in. */
const unitSeconds = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

/**
 * Seconds from a span of time as a cell writes it: a number of seconds, or `1 day`, `36 hours`,
 * `2 weeks`.
 *
 * @param where the option, for messages: `split.gap`
 * @throws {StageError} `argument` for what is neither
 */
export function secondsFromSpan(where: string, given: unknown): number {
  if (typeof given === "number") return given;
  const [, count, unit] =
    (typeof given === "string" &&
      /^\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?\s*$/.exec(given)) ||
    [];
  const known = Object.entries(unitSeconds).find(([name]) => name === unit);
  if (known !== undefined) return Number(count) * known[1];
  throw new StageError(
    `plan({...}): ${where} is ${describe(given)}, which is no span of time`,
    "argument",
    'Give seconds, or a text such as "1 day", "36 hours" or "2 weeks"; months differ in length',
  );
}

/**
 * A moment as plans write it, from a Date or an ISO text. A text that is none stays as it is, for
 * the checks.
 *
 * @param where the option, for messages: `split.from`
 * @throws {StageError} `argument` for a Date that is none
 */
export function momentFromInput(where: string, given: unknown): unknown {
  if (typeof given === "string") return isMoment(given) ? momentText(Date.parse(given)) : given;
  if (!(given instanceof Date)) return given;
  if (!Number.isNaN(given.getTime())) return momentText(given.getTime());
  throw new StageError(
    `plan({...}): ${where} is a Date without a time`,
    "argument",
    'Give one that there is, such as new Date("2001-06-01")',
  );
}
