import type { EmbeddingLayer, Layer, Optimizer, Plan, Schedule, Split } from "../engines/plan.ts";
import { targetClasses } from "../engines/plan-shape.ts";
import { spanText } from "../engines/time-text.ts";

/** A layer's own settings as a person names them, without its type and its width. */
export function layerText(plan: Pick<Plan, "features">, layer: Layer): string {
  switch (layer.type) {
    case "embedding":
      return embeddingText(plan, layer);
    case "dense":
      return `${layer.activation}${layer.bias ? "" : ", no bias"}`;
    case "batchNorm":
      return `momentum ${layer.momentum}, epsilon ${layer.epsilon}`;
    case "layerNorm":
      return `epsilon ${layer.epsilon}`;
    case "dropout":
      return `rate ${layer.rate}`;
  }
}

/** What an embedding makes of what: `229 + 1 words → 8 for origin, destination`. */
export function embeddingText({ features }: Pick<Plan, "features">, layer: EmbeddingLayer): string {
  const feature = features.find(({ column }) => column === layer.columns[0]);
  const words = feature?.kind === "category" ? feature.vocabulary.length : 0;
  return `${words.toLocaleString("en")} + 1 words → ${layer.units} for ${layer.columns.join(", ")}`;
}

/** What the classes count in the loss: `classes balanced`, `false 1, true 3.5`; empty if all the same. */
export function classWeightsText({ loss, target }: Pick<Plan, "loss" | "target">): string {
  const { classWeights } = loss;
  if (classWeights === undefined) return "";
  if (classWeights === "balanced") return "classes balanced";
  const named = (targetClasses(target) ?? []).map((name, i) => `${name} ${classWeights[i] ?? 1}`);
  const shown = named.slice(0, mostNamed).join(", ");
  return named.length > mostNamed ? `${shown}, …` : shown;
}

/** Classes whose weights are told one by one. */
const mostNamed = 6;

/** A split as a person names it: `from 2001-06-01 on, by day, with a gap of 1 day`. */
export function splitText(split: Split): string {
  if (split.kind !== "time") return `${split.kind}, ${percent(split.validation)} validation`;
  const which =
    "from" in split ? `from ${split.from} on` : `the latest ${percent(split.validation)}`;
  const gap = split.gap > 0 ? `, with a gap of ${spanText(split.gap)}` : "";
  return `${which}, by ${split.column}${gap}`;
}

/** An optimiser as a person names it: `adam, lr 0.01`. */
export function optimizerText(optimizer: Optimizer): string {
  const { type, lr } = optimizer;
  if (type === "sgd")
    return `sgd, lr ${lr}${optimizer.momentum === 0 ? "" : `, momentum ${optimizer.momentum}`}`;
  return type === "adamw"
    ? `adamw, lr ${lr}, weight decay ${optimizer.weightDecay}`
    : `adam, lr ${lr}`;
}

/** A schedule as a person names it. */
export function scheduleText(schedule: Schedule): string {
  if (schedule.type === "constant") return "constant";
  return schedule.warmup === 0 ? "cosine" : `cosine after ${percent(schedule.warmup)} warm-up`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}
