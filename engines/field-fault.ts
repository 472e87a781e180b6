import * as v from "valibot";
import { fault } from "./fault.ts";
import { nearestName } from "./nearest-name.ts";
import { fieldsOf } from "./plan-schema.ts";
import type { Check } from "./receipt.ts";

/**
 * A fault of one field, from what its schema found.
 *
 * @param name the check's
 * @param path of the part that the schema is of, such as `network[2]`
 */
export function faultFromIssue(name: string, path: string, issue: v.BaseIssue<unknown>): Check {
  const where = (issue.path ?? []).reduce(
    (text, { key }) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key)}`),
    path,
  );
  const field = where.slice(where.lastIndexOf(".") + 1);
  if (issue.expected === "never") return needless(name, where, field, issueFields(issue));
  if (issue.received === "undefined")
    return fault(name, where, "it is missing", `expected ${readable(issue.expected ?? "a value")}`);
  return fault(name, where, `it is ${issue.received}`, `expected ${readable(expectation(issue))}`);
}

/** What a misspelt name most likely means, as a hint. */
export function meant(name: string, names: readonly string[]): string | undefined {
  const nearest = nearestName(name, names);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

function needless(name: string, where: string, field: string, fields: readonly string[]): Check {
  // the one field that is known and yet does not belong: `validation` beside `from`
  return fields.includes(field)
    ? fault(
        name,
        where,
        "`from` says already which rows are for validation",
        "leave one of them out",
      )
    : fault(name, where, `there is no field \`${field}\` here`, meant(field, fields));
}

/** What was expected, where valibot has no words of its own for it. */
function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "integer") return "a whole number";
  return issue.type === "check" ? issue.message : (issue.expected ?? "another value");
}

function readable(expected: string): string {
  return expected.replaceAll(/[()]/g, "").replaceAll(" | ", " or ");
}

function issueFields(issue: v.BaseIssue<unknown>): readonly string[] {
  const input: unknown = issue.path?.at(-1)?.input;
  const type =
    typeof input === "object" && input !== null
      ? "kind" in input
        ? input.kind
        : "type" in input
          ? input.type
          : undefined
      : undefined;
  return fieldsOf(String(type));
}
