import {
  partNames,
  type FrameLinks,
  type ModuleLinks,
  type SheetLinks,
} from "../../app/site/frame-links.ts";
import { LinkError, linkModule } from "./link-module.ts";
import { linkSheet } from "./link-sheet.ts";

/** The frame as the bundler built it. */
export interface BuiltFrame {
  /** its page */
  readonly html: string;
  /** the text of a script or a style sheet; throws where there is none */
  read(name: string): string;
  /** a file's size in bytes; undefined where there is none */
  size(name: string): number | undefined;
}

/**
 * Works out how the parts of the built frame hang together.
 *
 * @throws {LinkError} where that cannot be told, or the frame's loader could not follow it
 */
export function linkFrame({ html, read, size }: BuiltFrame): FrameLinks {
  const entry = /<script [^>]*src="\.\/assets\/([\w.-]+)"/.exec(html)?.[1];
  if (entry === undefined) throw new LinkError("frame.html has no script in ./assets/");
  const styles = Array.from(
    html.matchAll(/<link rel="stylesheet"[^>]* href="\.\/assets\/([\w.-]+)"/g),
    (match) => match[1] ?? "",
  );
  const modules = new Map<string, ModuleLinks>();
  const sheets = new Set(styles);
  const files = new Set<string>();
  const waiting = [entry];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (modules.has(name)) continue;
    const { imports, edits, ...linked } = linkModule(name, read(name));
    modules.set(name, { imports, edits });
    waiting.push(...imports.map(([, , target]) => target), ...linked.loads);
    for (const sheet of linked.sheets) sheets.add(sheet);
    for (const file of linked.files) files.add(file);
  }
  checkOrder(modules);
  const links: FrameLinks = {
    kind: "tierbook.frame-links",
    version: 1,
    entry,
    styles,
    modules: Object.fromEntries(modules),
    sheets: Object.fromEntries(
      Array.from(sheets, (name): [string, SheetLinks] => [name, linkSheet(name, read(name))]),
    ),
    files: [...files],
    packed: [],
  };
  const sizes = Array.from(partNames(links), (name) => ({ name, size: size(name) }));
  const missing = sizes.find(({ size }) => size === undefined);
  if (missing !== undefined)
    throw new LinkError(`the frame names ${missing.name}, which was not built`);
  const large = sizes.filter(({ size = 0 }) => size > mostUnpacked);
  return { ...links, packed: large.map(({ name }) => name) };
}

/** In bytes. */
const mostUnpacked = 1_000_000;

/** A module gets its address once those of its imports are known, so there may be no circle. */
function checkOrder(modules: ReadonlyMap<string, ModuleLinks>): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw new LinkError(
        `modules of the frame import each other in a circle: ${[...path, name].join(" → ")}`,
      );
    if (done.has(name)) return;
    for (const [, , target] of modules.get(name)?.imports ?? []) visit(target, [...path, name]);
    done.add(name);
  };
  for (const name of modules.keys()) visit(name, []);
}
