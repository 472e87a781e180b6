#!/usr/bin/env node
// The command line, from the build.
import { existsSync } from "node:fs";

const built = new URL("../dist/server/cli.js", import.meta.url);
if (!existsSync(built)) {
  console.error("Tierbook is not built yet. Run `npm run build`, or `npm start`, first.");
  process.exit(1);
}
const { main } = await import(built.href);
process.exit(await main(process.argv.slice(2)));
