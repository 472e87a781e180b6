import type { FrameParts } from "../site/frame-links.ts";

declare global {
  /** there in a static site's frame, which can load nothing by address */
  var tierbookFrameParts: FrameParts | undefined;
}

/** Where one of our own assets can be loaded from, given its address as the bundler knows it. */
export async function assetAddress(url: string): Promise<string> {
  return (await globalThis.tierbookFrameParts?.open(url)) ?? url;
}
