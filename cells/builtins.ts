import { dotTag } from "./dot.ts";
import { fileAttachment, type FileSource } from "./file-attachment.ts";
import { Generators } from "./generators.ts";
import type { Host } from "./host.ts";
import { inputs } from "./inputs.ts";
import { batchNorm, dense, dropout, embedding, layerNorm } from "./layers.ts";
import { markdownTag } from "./markdown.ts";
import { Mutable } from "./mutable.ts";
import { stages } from "./stages.ts";
import { texTag } from "./tex.ts";

/** What builtins need of the place where cells run. */
export interface BuiltinOptions {
  readonly host: Host;
  /** what elements are made with; `globalThis.document` must be the same */
  readonly document: Document;
  /** gives the files that `FileAttachment` names */
  readonly file: FileSource;
  /** the width of a cell's output in pixels, or a generator of it */
  readonly width: () => unknown;
  /** whether the page is dark; by default a generator of it */
  readonly dark?: () => unknown;
  /** the time in milliseconds; by default a generator of it */
  readonly now?: () => unknown;
}

/** What decides the meaning of the builtins; in the fingerprint of each cell that uses one. */
export const builtinsVersion = "tierbook-builtins/3";

/**
 * The names that cells have without defining them. Each is made when a cell first reads it, so a
 * workbook without Plot does not load Plot. All come from our own origin.
 */
export function builtins(options: BuiltinOptions): Record<string, () => unknown> {
  const { host, document, file } = options;
  const stage = stages(host);
  const own = { ...stage, embedding, dense, batchNorm, layerNorm, dropout };
  const attachment = fileAttachment(file, document);
  return {
    Plot: () => import("@observablehq/plot"),
    d3: () => import("d3"),
    Inputs: inputs,
    htl: () => import("htl"),
    html: async () => (await import("htl")).html,
    svg: async () => (await import("htl")).svg,
    md: () => markdownTag(document),
    tex: () => texTag(document),
    dot: () => dotTag(document),
    Generators: () => Generators,
    Mutable: () => Mutable,
    FileAttachment: () => attachment,
    width: options.width,
    now: options.now ?? Generators.now,
    dark: options.dark ?? Generators.dark,
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [name, () => value])),
  };
}
