import type { WorkerAnswer, WorkerRequest } from "./worker.ts";
import { deviceFaults } from "./device-faults.ts";
import { longProducts } from "./long-products.ts";
import { wideLosses } from "./wide-network.ts";
import { dropoutWords } from "./dropout-words.ts";

let worker: Worker | undefined;

/** Trains in a dedicated module worker, as the shell does. */
function train(request: WorkerRequest): Promise<WorkerAnswer> {
  worker ??= new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const current = worker;
  return new Promise((resolve, reject) => {
    current.addEventListener("message", ({ data }: MessageEvent<WorkerAnswer>) => resolve(data), {
      once: true,
    });
    current.addEventListener("error", (event) => reject(new Error(event.message)), { once: true });
    current.postMessage(request);
  });
}

Object.assign(globalThis, { train, longProducts, dropoutWords, deviceFaults, wideLosses });
