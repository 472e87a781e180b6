// `npm start`: installs what is missing, builds, and serves the example workbooks.
import { spawn } from "node:child_process";
import { ensureBuild, ensureData, ensurePackages, root } from "./ensure.mjs";

ensurePackages();
ensureData();
ensureBuild();

const server = spawn(
  process.execPath,
  ["bin/tierbook.js", "serve", "workbooks", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));
server.on("exit", (status) => process.exit(status ?? 1));
