import * as v from "valibot";
import { nearestName } from "./nearest-name.ts";
import { fault } from "./fault.ts";
import { checkLearning, checkNetwork, checkTargetLoss, type PlanParts } from "./plan-rules.ts";
import * as schema from "./plan-schema.ts";
import type { Layer, Plan } from "./plan.ts";
import type { Check } from "./receipt.ts";

/** A plan that cannot be used; `checks` holds every fault found. */
export class PlanError extends Error {
  readonly code = "plan";
  constructor(readonly checks: readonly Check[]) {
    const [first, ...others] = checks.map(
      ({ where, message }) => `${where === undefined ? "" : `${where}: `}${message}`,
    );
    super(
      others.length === 0 ? (first ?? "the plan is wrong") : `${first} (and ${others.length} more)`,
    );
    this.name = "PlanError";
  }
}

/**
 * A plan from data that anybody may have written.
 *
 * @throws {PlanError} with every fault that the plan alone can show
 */
export function parsePlan(value: unknown): Plan {
  const faults = checkPlan(value).filter(
    ({ verdict }) => verdict === "fail" || verdict === "abort",
  );
  if (faults.length > 0) throw new PlanError(faults);
  return v.parse(schema.planSchema, value);
}

/**
 * The features and the target of a plan that may be faulty elsewhere; undefined where they are
 * themselves malformed.
 */
export function readableColumns(plan: unknown): Pick<Plan, "features" | "target"> | undefined {
  const columns = v.safeParse(
    v.object({ features: v.array(schema.featureSchema), target: schema.targetSchema }),
    plan,
  );
  return columns.success ? columns.output : undefined;
}

/**
 * Everything that can be told from a plan alone, all at once: each field's type and range, and what
 * the fields are to each other. A part that is malformed is reported and left out of the rest.
 *
 * @returns one check a fault, and one that passes for each of `config`, `features`, `network`,
 *   `target` and `learning` without faults; `where` is a path such as `network[2].units`
 */
export function checkPlan(plan: unknown): Check[] {
  if (typeof plan !== "object" || plan === null || Array.isArray(plan))
    return [fault("config", "", "the plan is no object", "make it with `plan({...})`")];
  const given: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(plan));
  const checks: Check[] = [...checkFields(given)];
  const part = <T>(name: string, of: v.GenericSchema<unknown, T>, field: string): T | undefined =>
    readPart(checks, name, of, given[field], field);

  part("config", v.literal("tierbook.plan"), "kind");
  part("config", v.literal(1), "version");
  const features = readList(
    checks,
    "features",
    schema.featureSchema,
    given["features"],
    "features",
  );
  const target = part("target", schema.targetSchema, "target");
  const split = part("config", schema.splitSchema, "split");
  const network = readNetwork(checks, given["network"]);
  const loss = part("target", schema.lossSchema, "loss");
  const optimizer = part("learning", schema.optimizerSchema, "optimizer");
  part("learning", schema.scheduleSchema, "schedule");
  for (const field of ["seed", "epochs", "batch"] as const)
    part("config", schema.planFieldSchemas[field], field);

  const parts: PlanParts = {
    ...(features && { features }),
    ...(target && { target }),
    ...(split && { split }),
    ...(network && { network }),
    ...(loss && { loss }),
  };
  checks.push(...checkFeatures(parts), ...checkNetwork(parts), ...checkTargetLoss(parts));
  checks.push(...checkLearning(optimizer));
  const shown = checks.slice(0, mostFaults);
  if (checks.length > mostFaults)
    shown.push(fault("config", "", `there are ${checks.length - mostFaults} more faults`));
  return [...shown, ...passes(checks, parts)];
}

/** A plan that a machine wrote wrongly may have a fault in each of a million places. */
const mostFaults = 200;

function checkFields(given: Readonly<Record<string, unknown>>): Check[] {
  return Object.keys(given)
    .filter((field) => !schema.planFields.includes(field))
    .map((field) =>
      fault("config", field, `a plan has no field \`${field}\``, meant(field, schema.planFields)),
    );
}

function readPart<T>(
  checks: Check[],
  name: string,
  part: v.GenericSchema<unknown, T>,
  value: unknown,
  path: string,
): T | undefined {
  if (value === undefined) {
    checks.push(
      fault(name, path, "it is missing", "write every default out, as `plan({...})` does"),
    );
    return undefined;
  }
  const result = v.safeParse(part, value);
  if (result.success) return result.output;
  for (const issue of result.issues) checks.push(faultFromIssue(name, path, issue));
  return undefined;
}

function readList<T>(
  checks: Check[],
  name: string,
  item: v.GenericSchema<unknown, T>,
  value: unknown,
  path: string,
): readonly (T | undefined)[] | undefined {
  if (!Array.isArray(value)) {
    checks.push(fault(name, path, value === undefined ? "it is missing" : "it is no list"));
    return undefined;
  }
  return value.map((one: unknown, i) => readPart(checks, name, item, one ?? null, `${path}[${i}]`));
}

function readNetwork(checks: Check[], value: unknown): readonly (Layer | undefined)[] | undefined {
  const named = Array.isArray(value) ? value : [];
  const strange = new Map<number, Check>();
  named.forEach((layer: unknown, i) => {
    const type = typeof layer === "object" && layer !== null && "type" in layer ? layer.type : null;
    if (typeof type !== "string" || schema.layerTypes.some((known) => known === type)) return;
    strange.set(i, strangeLayer(type, i));
  });
  checks.push(...strange.values());
  if (strange.size === 0) return readList(checks, "network", schema.layerSchema, value, "network");
  return named.map((layer: unknown, i) =>
    strange.has(i)
      ? undefined
      : readPart(checks, "network", schema.layerSchema, layer ?? null, `network[${i}]`),
  );
}

function strangeLayer(type: string, i: number): Check {
  const where = `network[${i}].type`;
  const known = schema.layerTypes.map((name) => `\`${name}\``).join(" and ");
  return schema.unsupportedLayerTypes.some((name) => name.toLowerCase() === type.toLowerCase())
    ? fault(
        "network",
        where,
        `the layer type \`${type}\` is not supported by this engine yet`,
        `use ${known}`,
      )
    : fault(
        "network",
        where,
        `there is no layer type \`${type}\``,
        meant(type, schema.layerTypes) ?? `use ${known}`,
      );
}

function faultFromIssue(name: string, path: string, issue: v.BaseIssue<unknown>): Check {
  const where = (issue.path ?? []).reduce(
    (text, { key }) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key)}`),
    path,
  );
  const field = where.slice(where.lastIndexOf(".") + 1);
  if (issue.expected === "never")
    return fault(
      name,
      where,
      `there is no field \`${field}\` here`,
      meant(field, issueKeys(issue)),
    );
  if (issue.received === "undefined")
    return fault(name, where, "it is missing", `expected ${readable(issue.expected ?? "a value")}`);
  return fault(name, where, `it is ${issue.received}`, `expected ${readable(expectation(issue))}`);
}

/** The range where valibot says only which number is the bound. */
function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.type === "integer" ? "a whole number" : (issue.expected ?? "another value");
}

function readable(expected: string): string {
  return expected.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", " or ");
}

function issueKeys(issue: v.BaseIssue<unknown>): readonly string[] {
  const input: unknown = issue.path?.at(-1)?.input;
  const type =
    typeof input === "object" && input !== null
      ? "kind" in input
        ? input.kind
        : "type" in input
          ? input.type
          : undefined
      : undefined;
  return schema.fieldsOf(String(type));
}

function meant(name: string, names: readonly string[]): string | undefined {
  const nearest = nearestName(name, names);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

function checkFeatures({ features, target }: PlanParts): Check[] {
  if (features === undefined) return [];
  const checks: Check[] = [];
  if (features.length === 0)
    checks.push(fault("features", "features", "there are no features", "name at least one column"));
  const seen = new Map<string, number>();
  features.forEach((feature, i) => {
    if (feature === undefined) return;
    const where = `features[${i}]`;
    const before = seen.get(feature.column);
    if (before !== undefined)
      checks.push(
        fault(
          "features",
          `${where}.column`,
          `\`${feature.column}\` is feature ${before} already`,
          "name each column once",
        ),
      );
    else seen.set(feature.column, i);
    if (feature.column === target?.column)
      checks.push(
        fault(
          "features",
          `${where}.column`,
          `the target \`${feature.column}\` is among the features: the model would be told the answer`,
          "take it out of the features",
        ),
      );
    if (feature.kind === "category")
      checks.push(...checkVocabulary("features", `${where}.vocabulary`, feature.vocabulary, 1));
  });
  if (target?.kind === "category")
    checks.push(...checkVocabulary("target", "target.vocabulary", target.vocabulary, 2));
  return checks;
}

function checkVocabulary(
  name: string,
  where: string,
  vocabulary: readonly string[],
  least: number,
): Check[] {
  const checks: Check[] = [];
  if (vocabulary.length < least)
    checks.push(
      fault(
        name,
        where,
        `it has ${vocabulary.length} ${vocabulary.length === 1 ? "word" : "words"}`,
        `expected at least ${least}; \`schema\` finds the vocabulary of a column`,
      ),
    );
  const twice = vocabulary.filter((word, i) => vocabulary.indexOf(word) < i);
  if (twice.length > 0)
    checks.push(
      fault(name, where, `${twice.map((word) => `\`${word}\``).join(", ")} stands there twice`),
    );
  return checks;
}

function passes(checks: readonly Check[], parts: PlanParts): Check[] {
  const texts: Readonly<Record<string, string>> = {
    config: "every field of the plan is there and in its range",
    features: `${parts.features?.length ?? 0} features, none of them twice, none the target`,
    network: `${parts.network?.length ?? 0} layers that this engine can train`,
    target: "target, loss and output layer agree",
    learning: "optimiser and schedule are in their ranges",
  };
  return Object.entries(texts)
    .filter(([name]) => !checks.some((check) => check.name === name && check.verdict !== "warn"))
    .map(([name, message]) => ({ name, verdict: "pass", message }));
}
