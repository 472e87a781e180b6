/** The tfjs engine. Only a training worker or a runner imports this. */
export { BackendError, type BackendOptions } from "./backend.ts";
export { CheckpointError } from "./checkpoint.ts";
export { createTfjsEngine } from "./engine.ts";
