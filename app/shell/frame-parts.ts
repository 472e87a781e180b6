import * as v from "valibot";
import { frameLinksFile, frameLinksSchema, partNames } from "../site/frame-links.ts";
import { pageBase } from "./page-base.ts";

/**
 * Gives a frame the parts that it is made of, and nothing else: a name that the build does not list
 * is refused before anybody is asked, or a workbook could tell the host things by asking for them.
 */
export function serveFrameParts(port: MessagePort): void {
  const links = fetchFile(frameLinksFile);
  const names = links.then((bytes) =>
    partNames(
      v.parse(v.pipe(v.string(), v.parseJson(), frameLinksSchema), new TextDecoder().decode(bytes)),
    ),
  );
  const part = async (name: unknown): Promise<ArrayBuffer> => {
    if (name === frameLinksFile) return (await links).slice(0);
    if (typeof name !== "string" || !(await names).has(name))
      throw new Error("the workbook's frame asked for what is not a part of it");
    return await fetchFile(`assets/${name}`);
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

async function fetchFile(path: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, pageBase()));
  if (!response.ok)
    throw new Error(`${path} cannot be loaded: the host answers ${response.status}`);
  return await response.arrayBuffer();
}
