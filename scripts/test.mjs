// `npm test`: installs what is missing (Chromium included), checks, builds, and runs every test.
import { ensureChromium } from "./chromium.mjs";
import { ensureBuild, ensureData, ensurePackages, run } from "./ensure.mjs";

ensurePackages();
process.env.CHROMIUM = ensureChromium();
ensureData();
run(process.execPath, ["scripts/check.mjs"]);
ensureBuild();
run("npx", ["vitest", "run", ...process.argv.slice(2)]);
