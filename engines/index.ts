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
export { overrideText, readReason, reasonLength, reasonRule } from "./run-override.ts";
export type { RunOverride } from "./run-override.ts";
export { isPassing, worstVerdict } from "./verdict.ts";
export { glorotUniform, heNormal, initialWeights } from "./initial-weights.ts";
export type { NamedTensor } from "./initial-weights.ts";
export { learningRate } from "./learning-rate.ts";
export { permutation, philox, randomStream, randomWords, uniforms } from "./random.ts";
export type { RandomSequence } from "./random.ts";
export { checkRows } from "./row-check.ts";
export { historyLimit, newSnapshot, snapshotAfter, snapshotWithResult } from "./run-state.ts";
export type { MetricHistory, RunSnapshot } from "./run-state.ts";
export { readSafetensors, SafetensorsError, writeSafetensors } from "./safetensors.ts";
export type { SavedTensor, TensorFile, TensorValues } from "./safetensors.ts";
export { splitRows, timeCutoff } from "./split.ts";
export type { SplitRows } from "./split.ts";
export { ScalingFit } from "./scaling.ts";
export type { Scaling } from "./scaling.ts";
export { codedRowsFromTable, encodeRows } from "./encode-rows.ts";
export type { CodedRows } from "./encode-rows.ts";
export { classWeightsFrom } from "./class-weights.ts";
export { predictRun } from "./prediction.ts";
export type { RunPrediction, TrainingSpeed } from "./prediction.ts";
export { sourceFromBlock, trainingDataFromTable, windowRows } from "./training-data.ts";
export type { RowBlock, RowSource, TrainingData } from "./training-data.ts";
export { dryRun } from "./dry-run.ts";
export { runReceiptBody } from "./run-receipt.ts";
export { checkMemory, memoryLimit, readableBytes } from "./memory-check.ts";
export { digestSchema, receiptBodySchema, receiptSchema } from "./receipt-schema.ts";
export {
  runEventSchema,
  runOverrideSchema,
  runRequestSchema,
  runResultSchema,
} from "./run-schema.ts";
