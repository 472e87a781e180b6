// `npm run bench -- NAME`: runs bench/NAME, or lists what there is.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, root } from "./ensure.mjs";

ensurePackages();
const names = readdirSync(join(root, "bench"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const name = process.argv[2];
if (!names.includes(name)) {
  console.log(`Benchmarks: ${names.join(", ")}`);
  process.exit(name === undefined ? 0 : 1);
}
const { runnerImport } = await import("vite");
await runnerImport(join(root, `bench/${name}/main.ts`), {
  root,
  configFile: false,
  logLevel: "warn",
});
