import type { ShellApi } from "../../cells/shell-api.ts";
import { emptyPicture } from "./dom.ts";

/**
 * A shell that keeps no result with a picture in it which would have pixels on a page: nothing is
 * painted here, and the page would show what it did not draw.
 */
export function keptPainted(shell: ShellApi): ShellApi {
  return {
    ...shell,
    keepResult: async (key, bytes) => !isUnpainted(bytes) && (await shell.keepResult(key, bytes)),
  };
}

function isUnpainted({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, byteLength).includes(emptyPicture);
}
