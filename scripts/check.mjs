// Format, lint, import directions and types: everything that needs no run.
import { reportImports } from "./imports.mjs";
import { root, run } from "./ensure.mjs";

reportImports(root);
run("npx", ["prettier", "--check", "--log-level", "warn", "."]);
run("npx", ["oxlint", "--quiet"]);
run("npx", ["tsc", "-p", "."]);
