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
  const backend = createRequire(import.meta.url).resolve(
    "@tensorflow/tfjs-backend-wasm/package.json",
  );
  const folder = join(dirname(backend), "dist") + sep;
  // the backend's loader asks for the folder that a CommonJS module has and a bundled one has not
  Reflect.set(globalThis, "__dirname", folder);
  const { createTfjsEngine } = await import("../engines/tfjs/index.ts");
  return createTfjsEngine({ wasmPaths: folder });
}
