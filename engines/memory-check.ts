import { planShape } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { Check } from "./receipt.ts";
import { windowRows } from "./training-data.ts";

/** Bytes that the tfjs engine trains in: half of what a WebAssembly heap can hold. */
export const memoryLimit = 2 ** 31;

/**
 * Whether weights, optimiser, activations and rows, as float32, fit into {@link memoryLimit}. Of the
 * rows two windows count, the one on the device and the one on its way there: more than these stream.
 */
export function checkMemory(plan: Plan, numRows: number): Check {
  const { inputWidth, memory } = planShape(plan);
  const rowBytes = 4 * (inputWidth + 2);
  const bytes = memory.total + 2 * Math.min(numRows, windowRows) * rowBytes;
  if (bytes <= memoryLimit)
    return {
      name: "memory",
      verdict: "pass",
      message: `about ${readableBytes(bytes)} while training`,
    };
  const rowsWeighMore = bytes - memory.total > memory.total;
  return {
    name: "memory",
    verdict: "fail",
    where: rowsWeighMore ? "features" : "network",
    message: `training would need about ${readableBytes(bytes)}, and this engine has ${readableBytes(memoryLimit)}`,
    hint: rowsWeighMore
      ? "embed the categories with long vocabularies: `embedding(column, units)`; or take fewer rows"
      : "take fewer units, or a smaller batch",
  };
}

/** Bytes for a person: `83 kB`, `2.1 GB`. */
export function readableBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
