// Format, lint, import directions and types: everything that needs no run.
import { checkImports } from "./imports.mjs";
import { root, run } from "./ensure.mjs";

const wrong = checkImports(root);
for (const { file, line, message } of wrong) console.error(`${file}:${line} ${message}`);
if (wrong.length > 0) process.exit(1);

run("npx", ["prettier", "--check", "--log-level", "warn", "."]);
run("npx", ["oxlint", "--quiet"]);
run("npx", ["tsc", "-p", "."]);
