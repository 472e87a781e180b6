import { checkPlan } from "../engines/plan-check.ts";
import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import type { Plan } from "../engines/plan.ts";
import { planShape } from "../engines/plan-shape.ts";
import type { Check, ReceiptBody } from "../engines/receipt.ts";
import { worstVerdict } from "../engines/verdict.ts";
import { canonicalJson, CanonicalJsonError } from "../runtime/canonical-json.ts";
import type { Live } from "../runtime/live.ts";
import type { Card, CardPart } from "./card.ts";
import type { Host } from "./host.ts";
import { count, formatBytes, shortDigest } from "./number-format.ts";
import {
  classWeightsText,
  layerText,
  optimizerText,
  scheduleText,
  splitText,
} from "./plan-text.ts";
import { draftPlan } from "./plan-input.ts";
import { readPlan } from "./read-plan.ts";
import { writeReceipt } from "./receipt-note.ts";
import { settled } from "./settled.ts";
import { stage } from "./stage.ts";
import { StageError } from "./stage-error.ts";

/**
 * The stage that says what to train, as plain data with every default written out. It is lenient:
 * faults are shown on the card, and the dry run reports them all; only what cannot be meant throws.
 *
 * @throws {StageError} `argument` for a call that cannot be meant
 */
export function plan(host: Host, options: Readonly<Record<string, unknown>>): Live<Plan> {
  const { plan: draft, checks: schemaChecks } = draftPlan(options);
  const value = readPlan("plan({...})", frozen(plainJson(draft)));
  const checks = [...schemaChecks, ...unsaid(checkPlan(value), schemaChecks)];
  const receipt = receiptBody(value, checks);
  const card = planCard(value, receipt);
  let isRecorded = false;
  return stage<Plan>(
    card,
    async ({ show, signal }) => {
      show({ card, value });
      await settled(signal);
      const recorded = await writeReceipt(host, receipt, card);
      isRecorded = recorded.receipt !== undefined;
      show({ card: recorded, value });
    },
    () => isRecorded,
  );
}

/** Checks of places that the schema has said nothing of yet. */
function unsaid(checks: readonly Check[], said: readonly Check[]): Check[] {
  const places = said.flatMap(({ where = "" }) => [where, where.slice(0, where.lastIndexOf("."))]);
  return checks.filter(({ where }) => where === undefined || !places.includes(where));
}

/** The plan less what JSON would drop. */
function plainJson(draft: unknown): unknown {
  try {
    return JSON.parse(canonicalJson(draft));
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error;
    throw new StageError(
      `plan({...}): ${error.path.replace(/^\$\.?/, "")} ${error.message.slice(error.path.length + 1)}`,
      "argument",
      "A plan is plain data: numbers, texts, lists and objects",
    );
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

function receiptBody(value: Plan, checks: ReceiptBody["checks"]): ReceiptBody {
  const verdict = worstVerdict(checks);
  const faults = checks.filter((check) => check.verdict === "fail").length;
  const sizes = faults === 0 ? planShape(value) : undefined;
  return {
    stage: "plan",
    verdict,
    summary:
      sizes === undefined
        ? `${count(faults, "fault")} in the plan; the dry run will refuse it`
        : `${count(sizes.parameters, "parameter")} from ${count(value.features.length, "feature")}`,
    checks,
    subject: { plan: planDigest(value), recipe: recipeDigest(value) },
    metrics: sizes === undefined ? { faults } : { faults, parameters: sizes.parameters },
    environment: {},
  };
}

function planCard(value: Plan, receipt: ReceiptBody): Card {
  const loud = receipt.checks.filter(({ verdict }) => verdict !== "pass");
  const parts: CardPart[] = [];
  if (loud.length > 0) parts.push({ type: "checks", checks: loud });
  if (receipt.verdict === "pass" || receipt.verdict === "warn") parts.push(...soundParts(value));
  const digests = [
    { label: "Plan", value: shortDigest(planDigest(value)) },
    { label: "Recipe", value: shortDigest(recipeDigest(value)) },
  ];
  parts.push({ type: "facts", facts: digests });
  return {
    kind: "tierbook.card",
    stage: "plan",
    title: "Plan",
    status: receipt.verdict === "abort" ? "fail" : receipt.verdict,
    summary: receipt.summary,
    parts,
    actions: [],
  };
}

/** What can be said of a plan without faults. */
function soundParts(value: Plan): CardPart[] {
  const shape = planShape(value);
  const { split, loss, optimizer, schedule, epochs, batch, seed, target, baseline } = value;
  return [
    {
      type: "table",
      columns: [
        { name: "Layer", align: "left" },
        { name: "Output", align: "right" },
        { name: "Parameters", align: "right" },
        { name: "", align: "left" },
      ],
      rows: [
        ["input", String(shape.inputWidth), "", count(value.features.length, "feature")],
        ...value.network.map((layer, i) => [
          layer.type,
          String(shape.layers[i]?.output ?? ""),
          (shape.layers[i]?.parameters ?? 0).toLocaleString("en"),
          layerText(value, layer),
        ]),
      ],
    },
    {
      type: "facts",
      facts: [
        { label: "Target", value: `${target.column} (${target.kind})` },
        { label: "Loss", value: [loss.type, classWeightsText(value)].filter(Boolean).join(", ") },
        { label: "Optimizer", value: optimizerText(optimizer) },
        { label: "Schedule", value: scheduleText(schedule) },
        { label: "Split", value: splitText(split) },
        ...(baseline === undefined ? [] : [{ label: "Baseline", value: baseline.column }]),
        { label: "Scale", value: `${count(epochs, "epoch")}, batch ${batch.toLocaleString("en")}` },
        { label: "Seed", value: String(seed) },
        { label: "Memory", value: formatBytes(shape.memory.total) },
      ],
    },
  ];
}
