import type { Plan } from "./plan.ts";

/**
 * The learning rate of a step.
 *
 * @param step from 0
 * @param steps how many there are in all
 */
export function learningRate(plan: Plan, step: number, steps: number): number {
  const { lr } = plan.optimizer;
  if (plan.schedule.type === "constant") return lr;
  const warmup = Math.round(plan.schedule.warmup * steps);
  if (step < warmup) return (lr * (step + 1)) / warmup;
  return (lr * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, steps - warmup)))) / 2;
}
