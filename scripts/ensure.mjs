// What a fresh machine lacks: packages, example data, the build. Each step does nothing when its
// result is already there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in the repository's root; ends this process with its status if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Installs the packages that package-lock.json names, unless just those are installed. Not by
 * `npm ci`, which refuses a lock file that lacks optional packages of other platforms, as one does
 * that was written where a registry does not have them all.
 */
export function ensurePackages() {
  const stamp = join(root, "node_modules/.tierbook-lock");
  const lock = () => digest([join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock()) return;
  console.log("Installing packages…");
  run("npm", ["install", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock());
}

/** Makes the example workbooks' data from the packages that hold it. */
export function ensureData() {
  run(process.execPath, ["scripts/data.mjs"]);
}

/** Builds the page and the server, unless they were built from the sources as they are. */
export function ensureBuild() {
  const stamp = join(root, "dist/.tierbook-build");
  const sources = digest(sourceFiles());
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  console.log("Building…");
  run(process.execPath, ["scripts/build.mjs"]);
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(stamp, sources);
}

function sourceFiles() {
  const folders = [
    "app",
    "server",
    "cells",
    "engines",
    "data",
    "runtime",
    "bin",
    "scripts/frame-links",
  ];
  return [
    ...folders.flatMap((folder) => filesIn(join(root, folder))),
    ...["package-lock.json", "vite.config.ts", "scripts/build.mjs"].map((file) => join(root, file)),
  ].sort();
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile());
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
