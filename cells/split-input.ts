import type { Check } from "../engines/receipt.ts";
import { isRecord, list } from "./options.ts";
import type { SchemaColumn, TableSchema } from "./table-schema.ts";
import { momentFromInput, secondsFromSpan } from "./time-input.ts";

/** What decides a split beside what the cell says of it. */
export interface SplitContext {
  readonly schema: TableSchema | undefined;
  /** the plan's target, written out */
  readonly target: unknown;
  /** the schema's column of a name, undefined with a check where there is none */
  readonly find: (name: string, where: string) => SchemaColumn | undefined;
  /** takes what only the schema shows */
  readonly checks: Check[];
}

/**
 * A split with every default written out. Where the schema declares a time, rows are parted by it;
 * to part them by chance is refused, and then there is no split.
 *
 * @param given as a cell writes it: nothing, the share of the validation rows, or an object
 * @throws {StageError} `argument` for a gap that is no span of time
 */
export function fullSplit(given: unknown, context: SplitContext): unknown {
  const split =
    typeof given === "number" ? { validation: given } : given === undefined ? {} : given;
  if (!isRecord(split)) return split;
  const times = timesOf(context.schema);
  const kind = split["kind"] ?? kindOf(split, times, context.target);
  if (kind === "time") return timeSplit(split, times, context);
  const [time] = times;
  if (time !== undefined && (kind === "random" || kind === "stratified")) {
    context.checks.push(byChance(time, split));
    return undefined;
  }
  return { validation: 0.2, ...split, kind };
}

function timesOf(schema: TableSchema | undefined): string[] {
  return (schema?.columns ?? []).flatMap((column) => (isTime(column) ? [column.name] : []));
}

function isTime({ type }: SchemaColumn): boolean {
  return type === "date" || type === "timestamp";
}

function kindOf(
  split: Readonly<Record<string, unknown>>,
  times: readonly string[],
  target: unknown,
): string {
  if (times.length > 0 || ["column", "from", "gap"].some((field) => field in split)) return "time";
  return isRecord(target) && target["kind"] === "number" ? "random" : "stratified";
}

function timeSplit(
  split: Readonly<Record<string, unknown>>,
  times: readonly string[],
  context: SplitContext,
): unknown {
  const { column: given, from, gap = 0, ...rest } = split;
  const column = given ?? (times.length === 1 ? times[0] : undefined);
  if (context.schema !== undefined) checkTime(column, times, context);
  return {
    ...(from === undefined ? { validation: 0.2 } : { from: momentFromInput("split.from", from) }),
    ...rest,
    kind: "time",
    ...(column !== undefined && { column }),
    gap: secondsFromSpan("split.gap", gap),
  };
}

function checkTime(
  column: unknown,
  times: readonly string[],
  { find, checks }: SplitContext,
): void {
  const where = "split.column";
  const fail = (message: string, hint: string): void =>
    void checks.push({ name: "split", verdict: "fail", where, message, hint });
  if (column === undefined && times.length === 0)
    fail("the schema declares no date or timestamp", 'declare one, such as `day: "date"`');
  else if (column === undefined)
    fail(
      `the schema declares ${times.length} times: ${list(times)}`,
      `say which one parts the rows: \`split: {kind: "time", column: "${times[0] ?? ""}"}\``,
    );
  if (typeof column !== "string") return;
  const declared = find(column, where);
  if (declared !== undefined && !isTime(declared))
    fail(
      `\`${column}\` is declared as ${declared.type}, which is no time`,
      times.length > 0 ? `the times are ${list(times)}` : `declare it as "date" or "timestamp"`,
    );
}

function byChance(time: string, { validation }: Readonly<Record<string, unknown>>): Check {
  const share = typeof validation === "number" ? `, validation: ${validation}` : "";
  return {
    name: "split",
    verdict: "fail",
    where: "split.kind",
    message: `\`${time}\` says when each row happened, so rows parted by chance would let the model learn from the future`,
    hint: `write \`split: {kind: "time", column: "${time}"${share}}\`; where rows do not depend on time, leave \`${time}\` out of the schema`,
  };
}
