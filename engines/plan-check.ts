import * as v from "valibot";
import { fault } from "./fault.ts";
import { checkFeatures } from "./feature-rules.ts";
import { faultFromIssue, meant } from "./field-fault.ts";
import { checkNetwork } from "./network-rules.ts";
import type { PlanParts } from "./plan-parts.ts";
import { checkBaseline, checkClassWeights, checkLearning, checkTargetLoss } from "./plan-rules.ts";
import * as schema from "./plan-schema.ts";
import type { Layer, Plan } from "./plan.ts";
import type { PlanColumns } from "./column-check.ts";
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
 * What a plan that may be faulty elsewhere reads of a table; undefined where its features or its
 * target are themselves malformed.
 */
export function readableColumns(plan: unknown): PlanColumns | undefined {
  const needed = v.safeParse(
    v.object({ features: v.array(schema.featureSchema), target: schema.targetSchema }),
    plan,
  );
  if (!needed.success) return undefined;
  const split = v.safeParse(v.object({ split: schema.splitSchema }), plan);
  const baseline = v.safeParse(v.object({ baseline: schema.baselineSchema }), plan);
  return {
    ...needed.output,
    ...(split.success && split.output),
    ...(baseline.success && baseline.output),
  };
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
  part("config", schema.planFieldSchemas.seed, "seed");
  part("config", schema.planFieldSchemas.epochs, "epochs");
  const batch = part("config", schema.planFieldSchemas.batch, "batch");
  const baseline =
    given["baseline"] === undefined ? undefined : part("target", schema.baselineSchema, "baseline");

  const parts: PlanParts = {
    ...(features && { features }),
    ...(target && { target }),
    ...(split && { split }),
    ...(network && { network }),
    ...(loss && { loss }),
    ...(baseline && { baseline }),
    ...(batch !== undefined && { batch }),
  };
  checks.push(...checkFeatures(parts), ...checkNetwork(parts), ...checkTargetLoss(parts));
  checks.push(...checkClassWeights(parts), ...checkBaseline(parts), ...checkLearning(optimizer));
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
  const names = schema.layerTypes.map((name) => `\`${name}\``);
  const known = `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
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
