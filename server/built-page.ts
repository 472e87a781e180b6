import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the build puts the page: beside the built server, of which this file is then a part. */
export function builtPage(): string {
  const own = dirname(fileURLToPath(import.meta.url));
  const build = basename(dirname(own)) === "dist" ? dirname(own) : join(own, "..", "dist");
  return join(build, "app");
}
