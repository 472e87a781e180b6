import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { siteFramePage } from "./site-frame-page.ts";
import { linkFrame } from "./link-frame.ts";

const loader = fileURLToPath(new URL("../../app/site/frame-loader.ts", import.meta.url));

/**
 * Writes beside the built page what a static site needs of the frame: `frame-links.json`, and
 * `site-frame.html` with the loader that goes by it.
 */
export function frameLinks(): Plugin {
  return {
    name: "tierbook-frame-links",
    apply: "build",
    async writeBundle({ dir = "." }) {
      const links = linkFrame({
        html: readFileSync(join(dir, "frame.html"), "utf8"),
        read: (name) => readFileSync(join(dir, "assets", name), "utf8"),
        size: (name) => statSync(join(dir, "assets", name), { throwIfNoEntry: false })?.size,
      });
      writeFileSync(join(dir, "frame-links.json"), JSON.stringify(links));
      writeFileSync(join(dir, "site-frame.html"), siteFramePage(await loaderScript()));
    },
  };
}

/** The loader as one script without imports. */
async function loaderScript(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: loader, formats: ["iife"], name: "tierbookFrameLoader" },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const chunk = output !== undefined && "output" in output ? output.output[0] : undefined;
  if (chunk === undefined) throw new Error("the loader of a site's frame was not built");
  return chunk.code.trim();
}
