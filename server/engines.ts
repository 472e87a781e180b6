import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { Engine } from "../engines/engine.ts";

/**
 * The engine of a name, for a process of ours that trains.
 *
 * @throws if there is none of this name on this machine
 */
export async function loadEngine(name: Engine["name"]): Promise<Engine> {
  if (name !== "tfjs") throw new Error(`the engine ${name} is not installed here; use tfjs`);
  const { createTfjsEngine } = await import("../engines/tfjs/index.ts");
  // a bundled backend does not know where its files lie
  const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
  return createTfjsEngine({ wasmPaths: join(dirname(wasm), "dist") + sep });
}
