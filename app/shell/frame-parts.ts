import * as v from "valibot";
import {
  frameLinksFile,
  frameLinksSchema,
  partNames,
  type FrameLinks,
} from "../site/frame-links.ts";
import { pageBase } from "./page-base.ts";

/**
 * Gives a frame the parts that it is made of, and nothing else: a name that the build does not list
 * is refused before anybody is asked, or a workbook could tell the host things by asking for them.
 */
export function serveFrameParts(port: MessagePort): void {
  // built anew under the same name, where the parts have new names each time
  const source = fetchFile(frameLinksFile, "no-cache");
  const known = source.then(readLinks);
  const part = async (name: unknown): Promise<ArrayBuffer> => {
    if (name === frameLinksFile) return (await source).slice(0);
    const links = await known;
    if (typeof name !== "string" || !partNames(links).has(name))
      throw new Error("the workbook's frame asked for what is not a part of it");
    if (!links.packed.includes(name)) return await fetchFile(`assets/${name}`);
    return await unpacked(await fetchFile(`assets/${name}.gz`));
  };
  port.addEventListener("message", ({ data, ports: [reply] }: MessageEvent<unknown>) => {
    part(data).then(
      (bytes) => reply?.postMessage(bytes, [bytes]),
      (error: unknown) =>
        reply?.postMessage(error instanceof Error ? error.message : String(error)),
    );
  });
  port.start();
}

function readLinks(bytes: ArrayBuffer): FrameLinks {
  const schema = v.pipe(v.string(), v.parseJson(), frameLinksSchema);
  return v.parse(schema, new TextDecoder().decode(bytes));
}

async function fetchFile(path: string, cache: RequestCache = "default"): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, pageBase()), { cache });
  if (!response.ok)
    throw new Error(`${path} cannot be loaded: the host answers ${response.status}`);
  return await response.arrayBuffer();
}

/** What was packed with gzip; some hosts say so to the browser, which has unpacked it then. */
async function unpacked(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  const [first, second] = new Uint8Array(bytes);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}
