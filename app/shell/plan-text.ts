import { classWeightsText, embeddingText, splitText } from "../../cells/plan-text.ts";
import { isEmbedded } from "../../engines/plan-shape.ts";
import type { Feature, Layer, Optimizer, Plan, Schedule } from "../../engines/plan.ts";

/** A line of a list of facts. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A plan in the words of whoever must decide on it. */
export function planFacts(plan: Plan): Fact[] {
  return [
    { label: "Predicts", value: targetText(plan) },
    { label: "From", value: `${counted(plan.features.length, "feature")}: ${features(plan)}` },
    { label: "Network", value: plan.network.map((layer) => layerText(plan, layer)).join(" → ") },
    { label: "Loss", value: lossText(plan) },
    { label: "Optimiser", value: `${optimizerText(plan.optimizer)}${scheduleText(plan.schedule)}` },
    {
      label: "Training",
      value: `${counted(plan.epochs, "epoch")}, batches of ${number(plan.batch)}, seed ${plan.seed}`,
    },
    { label: "Validation", value: validationText(plan) },
    ...(plan.baseline === undefined
      ? []
      : [{ label: "Has to beat", value: `what ${plan.baseline.column} says` }]),
  ];
}

/** A number with thousands set apart. */
export function number(value: number): string {
  return value.toLocaleString("en");
}

/** A number and its noun, `1 row`, `148 rows`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : plural}`;
}

/** A metric's value, short: `0.9714`, `12.4`, `1.3e-7`. */
export function metricText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return Math.abs(value) >= 1000 ? number(Math.round(value)) : String(Number(value.toPrecision(4)));
}

/** A name from code as words: `validation_accuracy` → `validation accuracy`. */
export function words(name: string): string {
  return name
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/\bf1\b/, "F1");
}

/** A text that begins as a sentence does. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A duration in seconds, as people say it. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** A digest, short enough to compare by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

function targetText({ target }: Plan): string {
  if (target.kind === "category")
    return `${target.column}: ${counted(target.vocabulary.length, "class", "classes")}`;
  return target.kind === "boolean" ? `${target.column}: yes or no` : `${target.column}: a number`;
}

function features(plan: Plan): string {
  const shown = plan.features.slice(0, 6).map((feature) => featureText(plan, feature));
  return [...shown, ...(plan.features.length > 6 ? ["…"] : [])].join(", ");
}

function featureText({ network }: Plan, feature: Feature): string {
  if (feature.kind !== "category") return feature.column;
  const words = number(feature.vocabulary.length + 1);
  return isEmbedded(network, feature.column)
    ? `${feature.column} (${words} words, embedded)`
    : `${feature.column} (${words} slots)`;
}

function layerText(plan: Plan, layer: Layer): string {
  switch (layer.type) {
    case "embedding":
      return `embedding ${embeddingText(plan, layer)}`;
    case "dense":
      return `dense ${number(layer.units)} ${words(layer.activation)}`;
    case "dropout":
      return `dropout ${percent(layer.rate)}`;
    default:
      return words(layer.type);
  }
}

function lossText(plan: Plan): string {
  return [words(plan.loss.type), classWeightsText(plan)].filter(Boolean).join(", ");
}

function validationText({ split }: Plan): string {
  return split.kind === "time"
    ? splitText(split)
    : `${percent(split.validation)} of the rows, ${split.kind}`;
}

function optimizerText(optimizer: Optimizer): string {
  const name = { sgd: "SGD", adam: "Adam", adamw: "AdamW" }[optimizer.type];
  return `${name}, learning rate ${optimizer.lr}`;
}

function scheduleText(schedule: Schedule): string {
  if (schedule.type === "constant") return "";
  return schedule.warmup > 0
    ? `, cosine schedule with a warm-up of ${schedule.warmup}`
    : ", cosine schedule";
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
