import { readFileSync } from "node:fs";

/** The one import that the documentation's code has of the runtime; its names are the first group. */
export const runtimeImport = /^ *import \{([^}]*)\} from "\.\/index\.ts";$/m;

/** The JavaScript in the runtime's documentation, block by block. */
export function readmeBlocks(): readonly string[] {
  const text = readFileSync(new URL("../../runtime/README.md", import.meta.url), "utf8");
  return Array.from(text.matchAll(/^```js\n([\s\S]*?)^```$/gm), ([, code = ""]) => code);
}
