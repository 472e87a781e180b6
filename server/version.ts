import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

const packageSchema = v.object({ name: v.literal("tierbook"), version: v.string() });

/** The version of this installation, from the package it runs from. */
export function tierbookVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = v.safeParse(
      v.pipe(v.string(), v.parseJson(), packageSchema),
      textOf(join(folder, "package.json")),
    );
    if (found.success) return found.output.version;
    if (dirname(folder) === folder) return "unknown";
    folder = dirname(folder);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
