import type { Optimizer, Schedule } from "../engines/plan.ts";

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
  return schedule.warmup === 0 ? "cosine" : `cosine after ${100 * schedule.warmup} % warm-up`;
}
