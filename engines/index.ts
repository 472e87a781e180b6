/**
 * Plans, their checks and shapes, runs, receipts and snapshots: everything about training but an
 * engine. Only a training worker or a runner imports an engine, by its folder's name.
 */
export type { Checkpoint, Engine, TrainOptions, TrainOutcome } from "./engine.ts";
export { nearestName } from "./nearest-name.ts";
export { checkPlan, parsePlan, PlanError } from "./plan-check.ts";
export { planDigest, recipeDigest, scalePlan } from "./plan-digest.ts";
export { planSchema } from "./plan-schema.ts";
export { optimizerSlots, planShape, targetClasses } from "./plan-shape.ts";
export type { InputSlot, LayerShape, PlanMemory, PlanShape, TensorShape } from "./plan-shape.ts";
export * from "./plan.ts";
export * from "./receipt.ts";
export * from "./run.ts";
export { isPassing, worstVerdict } from "./verdict.ts";
